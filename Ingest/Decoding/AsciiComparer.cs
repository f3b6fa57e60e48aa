using System.Text;

namespace Telemetry.Ingest.Decoding;

/// <summary>Ordinal, with a look-up by ASCII bytes, so that a known name on the wire costs no string. Bytes beyond ASCII equal nothing.</summary>
internal sealed class AsciiComparer : IEqualityComparer<string>, IAlternateEqualityComparer<ReadOnlySpan<byte>, string>
{
    public static AsciiComparer Instance { get; } = new();

    public bool Equals(string? x, string? y) => string.Equals(x, y, StringComparison.Ordinal);

    public bool Equals(ReadOnlySpan<byte> alternate, string other) => Ascii.Equals(alternate, other);

    public int GetHashCode(string obj)
    {
        var bytes = Encoding.UTF8.GetBytes(obj);
        return GetHashCode(bytes.AsSpan());
    }

    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        var hash = new HashCode();
        hash.AddBytes(alternate);
        return hash.ToHashCode();
    }

    public string Create(ReadOnlySpan<byte> alternate) => Encoding.UTF8.GetString(alternate);
}
