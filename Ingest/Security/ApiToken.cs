using System.Security.Cryptography;
using System.Text;

namespace Telemetry.Ingest.Security;

/// <summary>
/// A person's token: <c>tlm_</c> and 32 random bytes in base64url; the file keeps <c>sha256$</c> and the hash in base64. One round of
/// SHA-256 is enough here: nobody can guess 256 random bits, so there is nothing that a slow hash would slow down.
/// </summary>
public static class ApiToken
{
    public const string Prefix = "tlm_";
    public const string HashPrefix = "sha256$";
    public const string HashForm = "sha256$ and 44 characters of base64, as `credential token NAME --role ROLE` prints it";

    public static string New() => Prefix + Secrets.Base64Url(32);

    /// <summary>As it stands in the file.</summary>
    public static string HashOf(ReadOnlySpan<byte> token)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(token, hash);
        return HashPrefix + Convert.ToBase64String(hash);
    }

    public static string HashOf(string token) => HashOf(Encoding.UTF8.GetBytes(token));

    public static bool IsHash(string text)
    {
        Span<byte> hash = stackalloc byte[48];
        return text.StartsWith(HashPrefix, StringComparison.Ordinal) && Convert.TryFromBase64Chars(text.AsSpan(HashPrefix.Length), hash, out var length) && length == SHA256.HashSizeInBytes;
    }
}
