using System.Formats.Asn1;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Telemetry.Ingest.Security;

/// <summary>A certificate revocation list (RFC 5280, section 5), with its signature verified.</summary>
public sealed class RevocationList
{
    private readonly byte[] _issuer;
    private readonly HashSet<BigInteger> _serials = [];

    private RevocationList(byte[] issuer, DateTimeOffset? nextUpdate, X509Certificate2 by, byte[] hash) => (_issuer, NextUpdate, By, Hash) = (issuer, nextUpdate, by, hash);

    /// <summary>When its authority has issued the next one at the latest; null where it does not say.</summary>
    public DateTimeOffset? NextUpdate { get; }

    /// <summary>The authority that signed it.</summary>
    public X509Certificate2 By { get; }

    /// <summary>SHA-256 of the list.</summary>
    public byte[] Hash { get; }

    public bool Revokes(X509Certificate2 certificate) =>
        certificate.IssuerName.RawData.AsSpan().SequenceEqual(_issuer) && _serials.Contains(new BigInteger(certificate.SerialNumberBytes.Span, isUnsigned: false, isBigEndian: true));

    /// <param name="authorities">One of them must have signed it.</param>
    /// <exception cref="CryptographicException">With what is wrong, for a person.</exception>
    public static RevocationList Read(byte[] der, IReadOnlyList<X509Certificate2> authorities)
    {
        try
        {
            var whole = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
            var signed = whole.PeekEncodedValue();
            var list = whole.ReadSequence();
            var algorithm = whole.ReadSequence().ReadObjectIdentifier();
            var signature = whole.ReadBitString(out _);
            if (list.PeekTag() == Asn1Tag.Integer)
                list.ReadInteger();
            list.ReadSequence();
            var issuer = list.ReadEncodedValue().ToArray();
            var by = authorities.FirstOrDefault(authority => authority.SubjectName.RawData.AsSpan().SequenceEqual(issuer) && IsSignedBy(authority, algorithm, signed.Span, signature))
                ?? throw new CryptographicException("signed by none of the authorities");
            ReadTime(list);
            var hasNext = list.HasData && list.PeekTag() is { TagClass: TagClass.Universal, TagValue: (int)UniversalTagNumber.UtcTime or (int)UniversalTagNumber.GeneralizedTime };
            var revoked = new RevocationList(issuer, hasNext ? ReadTime(list) : null, by, SHA256.HashData(der));
            if (list.HasData && list.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
            {
                for (var entries = list.ReadSequence(); entries.HasData;)
                    revoked._serials.Add(entries.ReadSequence().ReadInteger());
            }
            return revoked;
        }
        catch (AsnContentException error)
        {
            throw new CryptographicException("not a certificate revocation list", error);
        }
    }

    private static DateTimeOffset ReadTime(AsnReader from) => from.PeekTag().TagValue == (int)UniversalTagNumber.UtcTime ? from.ReadUtcTime() : from.ReadGeneralizedTime();

    private static bool IsSignedBy(X509Certificate2 authority, string algorithm, ReadOnlySpan<byte> signed, byte[] signature)
    {
        using var elliptic = authority.GetECDsaPublicKey();
        using var rsa = authority.GetRSAPublicKey();
        return algorithm switch
        {
            "1.2.840.10045.4.3.2" => elliptic?.VerifyData(signed, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence) == true,
            "1.2.840.10045.4.3.3" => elliptic?.VerifyData(signed, signature, HashAlgorithmName.SHA384, DSASignatureFormat.Rfc3279DerSequence) == true,
            "1.2.840.10045.4.3.4" => elliptic?.VerifyData(signed, signature, HashAlgorithmName.SHA512, DSASignatureFormat.Rfc3279DerSequence) == true,
            "1.2.840.113549.1.1.11" => rsa?.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) == true,
            "1.2.840.113549.1.1.12" => rsa?.VerifyData(signed, signature, HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1) == true,
            "1.2.840.113549.1.1.13" => rsa?.VerifyData(signed, signature, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1) == true,
            _ => throw new CryptographicException(string.Create(CultureInfo.InvariantCulture, $"signed by an algorithm ({algorithm}) other than ECDSA or RSA PKCS#1 with SHA-256, SHA-384 or SHA-512")),
        };
    }
}
