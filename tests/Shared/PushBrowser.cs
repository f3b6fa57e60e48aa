using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Telemetry.Tests.Shared;

/// <summary>A browser's half of web push: keys, and the decryption of RFC 8291 and RFC 8188 as those say it.</summary>
internal sealed class PushBrowser : IDisposable
{
    private readonly ECDiffieHellman _key;
    private readonly byte[] _auth;
    private readonly byte[] _public;

    public PushBrowser() : this(ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256), RandomNumberGenerator.GetBytes(16))
    {
    }

    public PushBrowser(ECDiffieHellman key, byte[] auth)
    {
        (_key, _auth) = (key, auth);
        var q = key.ExportParameters(false).Q;
        _public = [4, .. q.X!, .. q.Y!];
    }

    public string P256dh => Base64Url.EncodeToString(_public);

    public string Auth => Base64Url.EncodeToString(_auth);

    /// <exception cref="CryptographicException">It was encrypted for somebody else, or changed on its way.</exception>
    public string Decrypt(byte[] body)
    {
        var (salt, recordSize, idLength) = (body[..16], BinaryPrimitives.ReadUInt32BigEndian(body.AsSpan(16)), body[20]);
        var (server, record) = (body[21..(21 + idLength)], body[(21 + idLength)..]);
        if (idLength != 65 || record.Length > recordSize)
            throw new CryptographicException("not one record of aes128gcm for web push");
        using var theirs = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = server[1..33], Y = server[33..] } });
        var shared = _key.DeriveRawSecretAgreement(theirs.PublicKey);
        var input = Mac(Mac(_auth, shared), [.. "WebPush: info\0"u8, .. _public, .. server, 1]);
        var pseudo = Mac(salt, input);
        var key = Mac(pseudo, "Content-Encoding: aes128gcm\0\u0001"u8)[..16];
        var nonce = Mac(pseudo, "Content-Encoding: nonce\0\u0001"u8)[..12];
        var plain = new byte[record.Length - 16];
        using var aes = new AesGcm(key, 16);
        aes.Decrypt(nonce, record.AsSpan(0, plain.Length), record.AsSpan(plain.Length), plain);
        // 2 ends the last record, zeros pad it.
        var end = plain.AsSpan().TrimEnd((byte)0);
        return end[^1] == 2 ? Encoding.UTF8.GetString(end[..^1]) : throw new CryptographicException("no last record");
    }

    public void Dispose() => _key.Dispose();

    private static byte[] Mac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> of) => HMACSHA256.HashData(key, of);
}
