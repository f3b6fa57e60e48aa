using System.Globalization;
using System.Text;

namespace Telemetry.Ingest.Notify.Texts;

/// <summary>Text of registers, readings and operators within our messages: it can neither break a header or a line, nor pretend to be a signature.</summary>
internal static class SafeText
{
    /// <summary>One line: no line breaks, no control or formatting characters, no 【】, no halves of characters.</summary>
    public static string Line(string? text)
    {
        var line = new StringBuilder();
        foreach (var rune in (text ?? "").EnumerateRunes())
        {
            var kept = rune.Value switch
            {
                '【' => new Rune('['),
                '】' => new Rune(']'),
                _ => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
                    || rune == Rune.ReplacementChar ? new Rune(' ') : rune,
            };
            if (kept.Value != ' ' || (line.Length > 0 && line[^1] != ' '))
                line.Append(kept.ToString());
        }
        return line.ToString().TrimEnd();
    }

    /// <summary>At most so many UTF-16 units, which is how an SMS in Chinese counts; what is cut ends in ….</summary>
    public static string Cut(string text, int most)
    {
        if (text.Length <= most)
            return text;
        if (most <= 0)
            return "";
        var end = most - 1;
        if (end > 0 && char.IsHighSurrogate(text[end - 1]))
            end--;
        return text[..end] + "…";
    }
}
