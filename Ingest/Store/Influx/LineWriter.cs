using System.Buffers;
using System.Globalization;
using System.Text;

namespace Telemetry.Ingest.Store.Influx;

/// <summary>UTF-8 line protocol into one buffer that is used again and again. Escapes as docs/influx.md says.</summary>
internal sealed class LineWriter
{
    // One UTF-16 code unit takes at most three bytes; an escape one more before it.
    private const int MostBytesPerChar = 4;
    private const int MostBytesOfNumber = 32;
    private static readonly SearchValues<char> InTag = SearchValues.Create(",= \\" + string.Concat(Enumerable.Range(0, 32).Select(i => (char)i)) + "\x7f");
    private static readonly SearchValues<char> InText = SearchValues.Create("\"\\");
    private byte[] _bytes = new byte[64 << 10];
    private int _length;

    public int Length => _length;

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    public void Clear() => _length = 0;

    public void Byte(char ascii)
    {
        Room(1);
        _bytes[_length++] = (byte)ascii;
    }

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        Room(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>A measurement, tag key, tag value or field key. What line protocol can't say there (line breaks, a backslash at the end or before what is escaped) is replaced.</summary>
    public void Name(string text)
    {
        Room(text.Length * MostBytesPerChar);
        if (!text.AsSpan().ContainsAny(InTag))
        {
            Utf8(text);
            return;
        }
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c is ',' or '=' or ' ')
                _bytes[_length++] = (byte)'\\';
            // Before an escape InfluxDB takes it for the escape itself when it looks for the end of the line: with a line break in a text the point is lost.
            if (c == '\\' && (i == text.Length - 1 || text[i + 1] is ',' or '=' or ' '))
                Utf8("＼");
            else if (char.IsSurrogatePair(text, i))
                Utf8(text.AsSpan(i++, 2));
            else if (c < ' ' || c == '\x7f')
                Utf8("\uFFFD");
            else
                Utf8(text.AsSpan(i, 1));
        }
    }

    /// <param name="start">With the comma before and the <c>=</c>: <c>,device=</c>.</param>
    public void Tag(ReadOnlySpan<byte> start, string? value)
    {
        // An empty tag can't be written; to InfluxDB it is the same as none.
        if (string.IsNullOrEmpty(value))
            return;
        Bytes(start);
        Name(value);
    }

    /// <summary>An integer field.</summary>
    /// <param name="start">With what separates it from the one before, and the <c>=</c>.</param>
    public void Field(ReadOnlySpan<byte> start, long number)
    {
        Bytes(start);
        Integer(number);
    }

    /// <summary>A float field; left out where there is no finite number.</summary>
    /// <param name="start">With what separates it from the one before, and the <c>=</c>.</param>
    public void Field(ReadOnlySpan<byte> start, double? number)
    {
        if (number is not { } value || !double.IsFinite(value))
            return;
        Bytes(start);
        Float(value);
    }

    /// <summary>A string field's value with its quotes.</summary>
    public void Text(string text)
    {
        Room((text.Length * MostBytesPerChar) + 2);
        _bytes[_length++] = (byte)'"';
        var rest = text.AsSpan();
        while (rest.IndexOfAny(InText) is >= 0 and var at)
        {
            Utf8(rest[..at]);
            _bytes[_length++] = (byte)'\\';
            _bytes[_length++] = (byte)rest[at];
            rest = rest[(at + 1)..];
        }
        Utf8(rest);
        _bytes[_length++] = (byte)'"';
    }

    /// <summary>A float field's value; finite.</summary>
    public void Float(double number)
    {
        Room(MostBytesOfNumber);
        number.TryFormat(_bytes.AsSpan(_length), out var written, default, CultureInfo.InvariantCulture);
        _length += written;
    }

    public void Integer(long number)
    {
        Digits(number);
        _bytes[_length++] = (byte)'i';
    }

    public void Digits(long number)
    {
        Room(MostBytesOfNumber);
        number.TryFormat(_bytes.AsSpan(_length), out var written, default, CultureInfo.InvariantCulture);
        _length += written;
    }

    private void Utf8(ReadOnlySpan<char> text) => _length += Encoding.UTF8.GetBytes(text, _bytes.AsSpan(_length));

    private void Room(int bytes)
    {
        if (_bytes.Length - _length < bytes)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + bytes));
    }
}
