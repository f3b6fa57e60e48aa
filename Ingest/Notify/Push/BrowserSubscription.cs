using System.Buffers.Text;
using System.Security.Cryptography;

namespace Telemetry.Ingest.Notify.Push;

/// <summary>A browser that wants to be told, as it says so itself (Push API). Its address is a secret: whoever knows it is only kept from using it by our key.</summary>
/// <param name="Endpoint">Where its push service takes messages.</param>
/// <param name="P256dh">Its public key, 65 bytes in base64url.</param>
/// <param name="Auth">16 bytes in base64url, shared with it.</param>
internal sealed record BrowserSubscription(string Endpoint, string P256dh, string Auth)
{
    public override string ToString() => new Uri(Endpoint).Host;

    /// <summary>What is wrong with its keys; null for nothing.</summary>
    public string? Problem()
    {
        if (Bytes(Auth) is not { Length: 16 })
            return "auth: expected 16 bytes in base64url";
        if (Bytes(P256dh) is not { Length: 65 } point || point[0] != 4)
            return "p256dh: expected an uncompressed point of P-256 in base64url";
        try
        {
            using var key = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = point[1..33], Y = point[33..] } });
            return null;
        }
        catch (CryptographicException)
        {
            return "p256dh: not on the curve P-256";
        }
    }

    private static byte[]? Bytes(string text) => Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : null;
}
