using System.IO.Hashing;
using System.Text;

namespace Telemetry.Ingest.Log;

/// <summary>
/// Gives the same string for the same UTF-8 bytes, so that reading back allocates no names. A two-way cache of fixed size, not a growing
/// table: millions of device ids must not stay in memory for good. For one thread.
/// </summary>
internal sealed class StringTable
{
    private const int MaxLength = 80;

    private readonly string?[] _slots;
    private readonly int _mask;

    /// <param name="slots">A power of two; 8 bytes each and the string.</param>
    public StringTable(int slots = 1 << 16)
    {
        _slots = new string?[slots];
        _mask = slots - 2;
    }

    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length == 0)
            return "";
        if (utf8.Length > MaxLength)
            return Encoding.UTF8.GetString(utf8);
        var pair = (int)XxHash3.HashToUInt64(utf8) & _mask;
        if (_slots[pair] is { } first && Ascii.Equals(utf8, first))
            return first;
        if (_slots[pair + 1] is { } second && Ascii.Equals(utf8, second))
        {
            // The one used last stays first, so a rare name displaces a rare one.
            _slots[pair + 1] = _slots[pair];
            _slots[pair] = second;
            return second;
        }
        var made = Encoding.UTF8.GetString(utf8);
        _slots[pair + 1] = _slots[pair];
        return _slots[pair] = made;
    }
}
