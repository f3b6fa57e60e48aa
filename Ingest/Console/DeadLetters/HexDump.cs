using System.Globalization;
using System.Text;

namespace Telemetry.Ingest.OperatorPage.DeadLetters;

/// <summary>Bytes as people read them: 16 a line, with their place and what they are as ASCII.</summary>
public static class HexDump
{
    private const int PerLine = 16;
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <param name="most">Bytes; the rest is left out.</param>
    public static string Of(ReadOnlySpan<byte> bytes, int most = 4096)
    {
        var text = new StringBuilder();
        for (var at = 0; at < Math.Min(bytes.Length, most); at += PerLine)
        {
            var line = bytes[at..Math.Min(Math.Min(bytes.Length, most), at + PerLine)];
            text.Append(CultureInfo.InvariantCulture, $"{at:x4}  ");
            for (var i = 0; i < PerLine; i++)
                text.Append(i < line.Length ? Convert.ToHexStringLower([line[i]]) + " " : "   ").Append(i == (PerLine / 2) - 1 ? " " : "");
            text.Append(' ');
            foreach (var one in line)
                text.Append(one is >= 0x20 and < 0x7f ? (char)one : '.');
            text.Append('\n');
        }
        return text.ToString();
    }

    /// <summary>The bytes as text where they are UTF-8 without control characters; else null.</summary>
    public static string? Text(byte[] bytes)
    {
        try
        {
            var text = StrictUtf8.GetString(bytes);
            return text.Any(letter => char.IsControl(letter) && letter is not ('\n' or '\r' or '\t')) ? null : text;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
