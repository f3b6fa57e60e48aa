namespace Telemetry.Ingest.Security;

/// <summary>What a stranger sent, fit for a line of the log: short, without control characters, and no secret that stands in the wrong place.</summary>
public static class LogText
{
    private const int MaxLength = 64;

    public static string Safe(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return "(none)";
        // Someone has taken the wrong field for it.
        if (text.Contains(ApiToken.Prefix, StringComparison.OrdinalIgnoreCase))
            return "(a token)";
        var shown = text.Length > MaxLength ? text[..MaxLength] + "…" : text;
        return string.Concat(shown.Select(letter => char.IsControl(letter) || char.IsSurrogate(letter) || letter is '\u2028' or '\u2029' ? '?' : letter));
    }
}
