using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Telemetry.Ingest.Log;

/// <summary>A growing buffer with the primitives of FORMAT.md. Keeps its capacity over <see cref="Clear"/>.</summary>
internal sealed class ByteWriter
{
    private byte[] _buffer = new byte[512];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public void Byte(byte value)
    {
        Reserve(1);
        _buffer[Length++] = value;
    }

    /// <summary>Four zeros to be filled in by <see cref="SetInt32"/>.</summary>
    public int Int32Hole()
    {
        Reserve(4);
        var at = Length;
        Length += 4;
        return at;
    }

    public void SetInt32(int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(at), value);

    public void Double(double value)
    {
        Reserve(8);
        BinaryPrimitives.WriteDoubleLittleEndian(_buffer.AsSpan(Length), value);
        Length += 8;
    }

    public void Varint(ulong value)
    {
        Reserve(10);
        var length = Length;
        while (value >= 0x80)
        {
            _buffer[length++] = (byte)(value | 0x80);
            value >>= 7;
        }
        _buffer[length++] = (byte)value;
        Length = length;
    }

    public void Zigzag(long value) => Varint((ulong)(value << 1) ^ (ulong)(value >> 63));

    public void String(string value) => String(value, 0);

    public void OptionalString(string? value)
    {
        if (value is null)
            Byte(0);
        else
            String(value, 1);
    }

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        Varint((ulong)bytes.Length);
        Raw(bytes);
    }

    /// <summary>Without their length.</summary>
    public void Raw(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(Length));
        Length += bytes.Length;
    }

    private void String(string value, int added)
    {
        // Short strings: length fits one byte whatever the characters are, so encode behind it and fill it in afterwards.
        if (value.Length * 3 + added < 0x80)
        {
            Reserve(1 + value.Length * 3);
            var written = Encoding.UTF8.GetBytes(value, _buffer.AsSpan(Length + 1));
            _buffer[Length] = (byte)(written + added);
            Length += 1 + written;
            return;
        }
        var count = Encoding.UTF8.GetByteCount(value);
        Varint((ulong)(count + added));
        Reserve(count);
        Length += Encoding.UTF8.GetBytes(value, _buffer.AsSpan(Length));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Reserve(int more)
    {
        if (_buffer.Length - Length < more)
            Grow(more);
    }

    private void Grow(int more) => Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, Length + more));
}
