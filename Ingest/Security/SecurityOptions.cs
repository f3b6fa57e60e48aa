namespace Telemetry.Ingest.Security;

/// <summary>Credentials and certificates, as configured; the files are read once at start, so that their errors come with all others.</summary>
public sealed record SecurityOptions
{
    /// <summary>YAML of gateways; null for open mode on the MQTT side: loopback only, everyone may publish.</summary>
    public string? GatewaysFile { get; init; }

    /// <summary>YAML of people; null for open mode on the HTTP side: loopback only, local callers are administrators.</summary>
    public string? UsersFile { get; init; }

    /// <summary>The database of accounts; null where the service keeps none.</summary>
    public string? AccountsPath { get; init; }

    /// <summary>Null where people log in by nobody else's.</summary>
    public OidcOptions? Oidc { get; init; }

    /// <summary>Whoever calls over HTTP must be somebody.</summary>
    public bool HasUsers => UsersFile is not null || AccountsPath is not null || Oidc is not null;

    public GatewayList Gateways { get; init; } = GatewayList.None;

    public UserList Users { get; init; } = new([]);

    /// <summary>Null for no TLS on the MQTT side.</summary>
    public (CertificateFiles Files, ServerCertificate First)? MqttCertificate { get; init; }

    /// <summary>Who may vouch for gateways' certificates; null where none logs in by one.</summary>
    public (ClientAuthorityFiles Files, ClientAuthorities First)? ClientAuthority { get; init; }

    /// <summary>Issues gateways' certificates; null where none are issued.</summary>
    public Enrolment.EnrolmentAuthority? EnrolmentAuthority { get; init; }

    /// <summary>Which codes are spent; null without <see cref="EnrolmentAuthority"/>.</summary>
    public string? EnrolmentBook { get; init; }

    public GatewayLimits Limits { get; init; } = new();

    /// <summary>Null for plain HTTP.</summary>
    public (CertificateFiles Files, ServerCertificate First)? HttpCertificate { get; init; }

    /// <summary>Between the nodes of a cluster; null for none, on loopback alone.</summary>
    public (NodeCertificateFiles Files, NodeCertificate First)? NodeCertificate { get; init; }

    /// <summary>Default 8883; 0 takes a free port. Opened with <see cref="MqttCertificate"/> only, at Mqtt:Address.</summary>
    public int MqttTlsPort { get; init; } = 8883;

    /// <summary>False closes the plain MQTT port. Default true; needs a certificate to be false.</summary>
    public bool MqttPlain { get; init; } = true;
}
