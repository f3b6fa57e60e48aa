namespace Telemetry.Ingest.Security;

/// <summary>What a password that a person chooses must be. Length over signs: no classes of characters, no change by the calendar (NIST SP 800-63B).</summary>
public static class PasswordRules
{
    public const int MinLength = 12, MaxLength = 128;

    private const int FewestDifferent = 5;

    // Of the lists of broken passwords those that are long enough to pass otherwise, and what people make of the shorter ones.
    private static readonly HashSet<string> Commonest = new(StringComparer.OrdinalIgnoreCase)
    {
        "123456789012", "1234567890ab", "1234567890abc", "123456789abc", "1234567891011", "012345678910", "098765432109", "0987654321ab", "1q2w3e4r5t6y", "1qaz2wsx3edc", "1qazxsw23edc", "q1w2e3r4t5y6",
        "qwertyuiop12", "qwertyuiop123", "qwertyuiop[]", "qwerty123456", "qwerty1234567", "asdfghjkl123", "asdfghjkl;'", "zxcvbnm12345", "abcdefghijkl", "abcdefgh1234", "abcd12345678", "abc123456789", "a123456789012",
        "password1234", "password12345", "password123456", "passwordpassword", "password2024", "password2025", "password2026", "passw0rd1234", "p@ssw0rd1234", "p@ssword1234", "administrator", "administrator1", "admin123456789",
        "admin1234567", "admin12345678", "adminadminadmin", "rootrootroot", "welcome12345", "welcome123456", "letmein12345", "changeme1234", "changemechangeme", "iloveyou1234", "iloveyou12345", "iloveyouforever", "woaini1314520",
        "woaini5201314", "woaiwojia123", "5201314woaini", "wangyut2wangyut2", "zhongguo1234", "nanchang1234", "telemetry1234", "telemetrytelemetry", "football1234", "sunshine1234", "princess1234", "monkey123456", "dragon123456", "superman1234",
        "michael12345", "trustno1trustno1", "correcthorsebatterystaple",
    };

    /// <summary>Why it is not good enough; null where it is.</summary>
    public static string? Wrong(string password, string name)
    {
        if (password.Length is < MinLength or > MaxLength)
            return $"a password has {MinLength} to {MaxLength} characters";
        if (name.Length >= 3 && password.Contains(name, StringComparison.OrdinalIgnoreCase))
            return "a password does not contain the name";
        if (password.Distinct().Count() < FewestDifferent)
            return $"a password has {FewestDifferent} different characters at least";
        if (Commonest.Contains(password) || IsRun(password))
            return "this is one of the passwords that are tried first; take several words that have nothing to do with each other";
        return null;
    }

    /// <summary>Each character follows the one before: 123456789012, abcdefghijkl, and backwards.</summary>
    private static bool IsRun(string text) =>
        Enumerable.Range(1, text.Length - 1).All(index => text[index] - text[index - 1] is 1 or -9) || Enumerable.Range(1, text.Length - 1).All(index => text[index] - text[index - 1] is -1 or 9);
}
