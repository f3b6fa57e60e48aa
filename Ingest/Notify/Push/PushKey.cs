using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Telemetry.Ingest.Notify.Push;

/// <summary>
/// The key pair by which push services know the service (RFC 8292): P-256, made at the first start, readable by this user alone. Browsers subscribe for its public
/// half: with another key they have to subscribe anew.
/// </summary>
/// <param name="Public">65 bytes, uncompressed, in base64url.</param>
/// <param name="Private">32 bytes in base64url.</param>
internal sealed record PushKey(string Public, string Private)
{
    public const string FileName = "push.key";

    // 1.2.840.10045.3.1.7
    private static readonly ECCurve P256 = ECCurve.NamedCurves.nistP256;

    // A record prints all its members.
    public override string ToString() => Public;

    /// <exception cref="InvalidDataException">The file holds something else.</exception>
    /// <exception cref="IOException">It can't be read or made.</exception>
    public static PushKey Open(string dataPath, string? keyFile)
    {
        var path = keyFile ?? Path.Combine(dataPath, FileName);
        if (keyFile is null && !File.Exists(path))
        {
            using var made = ECDsa.Create(P256);
            PrivateFile.Make(path, Encoding.ASCII.GetBytes(made.ExportPkcs8PrivateKeyPem() + "\n"));
        }
        try
        {
            return Read(path);
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            throw new InvalidDataException($"{path} is no P-256 private key in PEM form{(keyFile is null ? "; delete it, and a new one is made: browsers subscribe anew" : "")}", error);
        }
    }

    /// <summary>What is wrong with such a file; null for nothing.</summary>
    public static string? Problem(string path)
    {
        try
        {
            Read(path);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            // What a parser says may repeat what it parsed.
            return error is IOException or UnauthorizedAccessException ? error.Message : "it holds something else";
        }
    }

    private static PushKey Read(string path)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(path));
        var parameters = key.ExportParameters(includePrivateParameters: true);
        if (parameters.Curve.Oid.Value != P256.Oid.Value)
            throw new CryptographicException("another curve");
        return new PushKey(Base64Url.EncodeToString([4, .. parameters.Q.X!, .. parameters.Q.Y!]), Base64Url.EncodeToString(parameters.D!));
    }
}
