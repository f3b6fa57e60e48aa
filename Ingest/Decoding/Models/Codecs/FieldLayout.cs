using System.Text;
using Telemetry.Ingest.Decoding.Reports;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Decoding.Models.Codecs;

internal enum FieldType : byte
{
    Unsigned,
    Signed,
    Float,
    Text,

    /// <summary>Bytes that say nothing.</summary>
    Skipped,
}

/// <summary>A raw number that is no measurement but a message: <c>0xFFFF: sensor fault</c>.</summary>
/// <param name="Raw">Before any scale.</param>
internal readonly record struct Sentinel(double Raw, Quality Quality, string Why);

/// <summary>One field of a block of bytes.</summary>
internal sealed record FieldLayout
{
    public required string Name { get; init; }

    public required FieldType Type { get; init; }

    /// <summary>Bytes from the block's start.</summary>
    public required int Offset { get; init; }

    /// <summary>Bytes; 1 to 8 for a number.</summary>
    public required int Size { get; init; }

    /// <summary>Of the number as read, 0 the least.</summary>
    public int LowBit { get; init; }

    public int Bits { get; init; }

    /// <summary>The number is multiplied by it, then divided by <see cref="By"/>: 284 / 10 is 28.4, 284 * 0.1 is not quite.</summary>
    public double Times { get; init; } = 1;

    public double By { get; init; } = 1;

    /// <summary>UCUM; null where the file says none.</summary>
    public string? Unit { get; init; }

    public IReadOnlyList<Sentinel> Sentinels { get; init; } = [];

    /// <param name="block">At least as long as <see cref="Offset"/> and <see cref="Size"/> say.</param>
    public Field Read(ReadOnlySpan<byte> block, bool bigEndian)
    {
        var bytes = block.Slice(Offset, Size);
        if (Type == FieldType.Text)
            return Field.Of(Name, Encoding.ASCII.GetString(bytes).TrimEnd('\0', ' '));
        var raw = Raw(bytes, bigEndian);
        foreach (var sentinel in Sentinels)
        {
            if (sentinel.Raw == raw)
                return new Field(Name, FieldKind.Number, raw * Times / By, null, Unit, sentinel.Quality, sentinel.Why);
        }
        return Field.Of(Name, raw * Times / By, Unit);
    }

    private double Raw(ReadOnlySpan<byte> bytes, bool bigEndian)
    {
        ulong number = 0;
        for (var i = 0; i < bytes.Length; i++)
            number = number << 8 | bytes[bigEndian ? i : bytes.Length - 1 - i];
        if (Type == FieldType.Float)
            return Size == 4 ? BitConverter.UInt32BitsToSingle((uint)number) : BitConverter.UInt64BitsToDouble(number);
        // Up to the top, then down again: what is above is cut off, and the sign spreads.
        var up = 64 - LowBit - Bits;
        return Type == FieldType.Signed ? (long)(number << up) >> (64 - Bits) : number << up >> (64 - Bits);
    }
}
