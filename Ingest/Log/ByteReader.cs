using System.Buffers.Binary;

namespace Telemetry.Ingest.Log;

/// <summary>Reads what <see cref="ByteWriter"/> wrote. Throws <see cref="InvalidDataException"/> past the end: only a bug or another version gets there, the CRC was right.</summary>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes, StringTable strings)
{
    private ReadOnlySpan<byte> _rest = bytes;
    private readonly StringTable _strings = strings;

    /// <summary>An entry of an earlier version ends before the fields that were appended since.</summary>
    public readonly bool IsAtEnd => _rest.IsEmpty;

    public byte Byte() => Take(1)[0];

    public double Double() => BinaryPrimitives.ReadDoubleLittleEndian(Take(8));

    public ulong Varint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
        throw new InvalidDataException("a varint of more than ten bytes");
    }

    public long Zigzag()
    {
        var value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public int Count()
    {
        var count = Varint();
        // Every counted thing takes a byte at least, so a wrong count cannot ask for more memory than there are bytes.
        return count <= (ulong)_rest.Length ? (int)count : throw new InvalidDataException($"a count of {count} with {_rest.Length} bytes left");
    }

    public ReadOnlySpan<byte> Bytes() => Take(Count());

    public string String() => _strings.Get(Bytes());

    public string? OptionalString()
    {
        var length = Varint();
        return length switch
        {
            0 => null,
            _ when length - 1 <= (ulong)_rest.Length => _strings.Get(Take((int)length - 1)),
            _ => throw new InvalidDataException($"a string of {length - 1} bytes with {_rest.Length} left"),
        };
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
            throw new InvalidDataException($"{count} bytes expected, {_rest.Length} left");
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
