using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Telemetry.Ingest.Security;

/// <summary>
/// A password of a gateway or a person as it is kept: <c>pbkdf2-sha256$iterations$salt$hash</c>, salt and hash in base64. It describes itself, so a
/// later version can ask for more iterations and still read it.
/// </summary>
public sealed record PasswordHash
{
    /// <summary>Fewer are refused.</summary>
    public const int MinIterations = 210_000;

    /// <summary>More would let a line of the file stop every login (some seconds of CPU each).</summary>
    public const int MaxIterations = 10_000_000;

    public const string Form = "pbkdf2-sha256$iterations$salt$hash, as `credential gateway NAME` prints it";

    private const string Algorithm = "pbkdf2-sha256";
    private const int SaltSize = 16;
    private const int HashSize = 32;

    private readonly int _iterations;
    private readonly byte[] _salt;
    private readonly byte[] _hash;

    private PasswordHash(string text, int iterations, byte[] salt, byte[] hash) => (Text, _iterations, _salt, _hash) = (text, iterations, salt, hash);

    public string Text { get; }

    public static PasswordHash Create(ReadOnlySpan<byte> password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltSize);
        var hash = Rfc2898DeriveBytes.Pbkdf2(password, salt, MinIterations, HashAlgorithmName.SHA256, HashSize);
        var text = string.Create(CultureInfo.InvariantCulture, $"{Algorithm}${MinIterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}");
        return new PasswordHash(text, MinIterations, salt, hash);
    }

    /// <summary>One that no password fits, for a name that is not there: the same each time, and as long to compute as a real one.</summary>
    public static PasswordHash Decoy(ReadOnlySpan<byte> key, string name)
    {
        var bytes = HMACSHA512.HashData(key, Secrets.Utf8(name));
        return new PasswordHash($"decoy {Convert.ToBase64String(bytes)}", MinIterations, bytes[..SaltSize], bytes[^HashSize..]);
    }

    /// <summary>The hash, or what is wrong with the text. The message does not repeat it: somebody may have written the password itself there.</summary>
    public static (PasswordHash? Hash, string? Wrong) Parse(string text)
    {
        var parts = text.Split('$');
        if (parts.Length != 4 || parts[0] != Algorithm)
            return (null, $"not a password hash; expected {Form}");
        if (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var iterations) || iterations is < MinIterations or > MaxIterations)
            return (null, $"'{parts[1]}' iterations; from {MinIterations} to {MaxIterations} are accepted, make a new hash with `credential gateway NAME`");
        if (Bytes(parts[2]) is not { Length: >= SaltSize and <= 64 } salt || Bytes(parts[3]) is not { Length: HashSize } hash)
            return (null, $"salt or hash is cut short or not base64; expected {Form}");
        return (new PasswordHash(text, iterations, salt, hash), null);
    }

    /// <summary>Costs some 50 ms of CPU: see <see cref="PasswordChecks"/>.</summary>
    public bool Verify(ReadOnlySpan<byte> password)
    {
        Span<byte> computed = stackalloc byte[HashSize];
        Rfc2898DeriveBytes.Pbkdf2(password, _salt, computed, _iterations, HashAlgorithmName.SHA256);
        return CryptographicOperations.FixedTimeEquals(computed, _hash);
    }

    /// <summary>A password for a gateway: 24 random bytes, base64url.</summary>
    public static string NewPassword() => Secrets.Base64Url(24);

    private static byte[]? Bytes(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) ? bytes[..length] : null;
    }
}

internal static class Secrets
{
    public static string Base64Url(int bytes) => System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(bytes));

    /// <summary>Letters and digits that nobody takes for one another: of 31, so nearly 5 random bits each.</summary>
    public static string Letters(int count) => RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz23456789", count);

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
