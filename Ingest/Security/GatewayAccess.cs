namespace Telemetry.Ingest.Security;

/// <summary>One gateway of the gateways' file: by what it logs in, and what is its own beside the defaults.</summary>
public sealed record GatewayAccess
{
    /// <summary>Of <see cref="Certificate"/>: whichever has the gateway's name and comes from an authority.</summary>
    public const string AnyCertificate = "any";

    /// <summary>Null where no password lets it in.</summary>
    public PasswordHash? Password { get; init; }

    /// <summary>Null where no certificate lets it in, <see cref="AnyCertificate"/>, or the one certificate that does (<see cref="Fingerprint"/>).</summary>
    public string? Certificate { get; init; }

    /// <summary>Fingerprints, or serial numbers (<see cref="SerialNumber"/>), of certificates that let it in no more.</summary>
    public IReadOnlyList<string> Revoked { get; init; } = [];

    /// <summary>It may carry devices that the register places behind other gateways: LoRaWAN gateways share theirs.</summary>
    public bool AnyDevices { get; init; }

    /// <summary>Hash of a code that is worth its first certificate, once; null for none.</summary>
    public string? EnrolCode { get; init; }

    /// <summary>From then on the code is worth nothing; with the code only.</summary>
    public DateTimeOffset? EnrolUntil { get; init; }

    /// <summary>Readings a second, over time; null for the default of <see cref="GatewayLimits"/>, as for the two below.</summary>
    public int? Rate { get; init; }

    /// <summary>Bytes of a payload.</summary>
    public int? MaxMessage { get; init; }

    public int? MaxConnections { get; init; }

    /// <summary>Why a certificate that an authority vouches for does not let this gateway in (<see cref="LoginRefusal"/>); null where it does.</summary>
    public string? Refusal(ClientCertificate certificate)
    {
        if (Revoked.Contains(certificate.Fingerprint) || Revoked.Contains(certificate.Serial))
            return LoginRefusal.CertificateRevoked;
        return Certificate is null || (Certificate != AnyCertificate && Certificate != certificate.Fingerprint) ? LoginRefusal.CertificateNotListed : null;
    }

    /// <summary><c>sha256:</c> and 64 hex digits, with or without colons between them, to <c>sha256:</c> and upper case; null for anything else.</summary>
    public static string? Fingerprint(string text) => Hex(text, "sha256:", 64, 64);

    /// <summary><c>serial:</c> and hex digits, likewise, without leading zeros.</summary>
    public static string? SerialNumber(string text) => Hex(text, "serial:", 1, 64) is { } serial ? "serial:" + serial["serial:".Length..].TrimStart('0') : null;

    private static string? Hex(string text, string prefix, int shortest, int longest)
    {
        if (!text.StartsWith(prefix, StringComparison.Ordinal))
            return null;
        var digits = text[prefix.Length..].Replace(":", "", StringComparison.Ordinal).ToUpperInvariant();
        return digits.Length >= shortest && digits.Length <= longest && digits.All(char.IsAsciiHexDigit) ? prefix + digits : null;
    }
}
