using System.Security.Cryptography;

namespace Telemetry.Ingest.Security.Enrolment;

/// <summary>
/// What an installer types in once: 100 random bits as five groups of four letters and digits that nobody confuses (Crockford's base 32). The file keeps <c>sha256$</c>
/// and the hash, as for tokens: nobody guesses so many bits.
/// </summary>
public static class EnrolmentCode
{
    private const string Letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int Length = 20;

    public static string New() => string.Join('-', RandomNumberGenerator.GetString(Letters, Length).Chunk(4).Select(group => new string(group)));

    /// <summary>The hash of a code as somebody typed it: in lower case, without dashes, with O for 0 and I or L for 1. Null for what can't be one.</summary>
    public static string? HashOf(string typed)
    {
        var code = string.Concat(typed.ToUpperInvariant().Where(letter => letter is not ('-' or ' ')).Select(letter => letter switch { 'O' => '0', 'I' or 'L' => '1', _ => letter }));
        return code.Length == Length && code.All(letter => Letters.Contains(letter, StringComparison.Ordinal)) ? ApiToken.HashOf(code) : null;
    }
}
