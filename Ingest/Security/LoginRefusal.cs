namespace Telemetry.Ingest.Security;

/// <summary>Why someone was not let in: the reason in the log, in the metric and, over HTTP, in the answer.</summary>
public static class LoginRefusal
{
    /// <summary>MQTT: no user name or no password.</summary>
    public const string NoCredentials = "no_credentials";

    /// <summary>No gateway of that name.</summary>
    public const string UnknownName = "unknown_name";

    public const string WrongPassword = "wrong_password";

    /// <summary>Nobody's token, or one that was revoked.</summary>
    public const string UnknownToken = "unknown_token";

    public const string ExpiredToken = "expired_token";

    /// <summary>MQTT: a token, or a certificate, with a user name that is not its owner's.</summary>
    public const string WrongName = "wrong_name";

    /// <summary>MQTT: the client id belongs to another gateway or person.</summary>
    public const string ForeignClientId = "foreign_client_id";

    /// <summary>MQTT: a last will under a topic that the client may not publish to.</summary>
    public const string ForeignWill = "foreign_will";

    /// <summary>MQTT: this gateway has no password; a certificate lets it in.</summary>
    public const string CertificateNeeded = "certificate_needed";

    public const string CertificateExpired = "certificate_expired";

    public const string CertificateNotYetValid = "certificate_not_yet_valid";

    /// <summary>No authority of ours vouches for it: another's, or its own.</summary>
    public const string CertificateUntrusted = "certificate_untrusted";

    /// <summary>It is not meant for logging in as a client.</summary>
    public const string CertificatePurpose = "certificate_purpose";

    /// <summary>Taken back, by its authority's list or in the gateways' file.</summary>
    public const string CertificateRevoked = "certificate_revoked";

    /// <summary>It has no common name, or several.</summary>
    public const string CertificateUnnamed = "certificate_unnamed";

    /// <summary>The gateway's line names another certificate, or none.</summary>
    public const string CertificateNotListed = "certificate_not_listed";

    /// <summary>MQTT: as many connections of this gateway, or in all, as there may be.</summary>
    public const string TooManyConnections = "too_many_connections";

    /// <summary>MQTT: as many client ids, and sessions beneath them, as one gateway or person may have.</summary>
    public const string TooManySessions = "too_many_sessions";

    /// <summary>A provider that hands on replies showed another secret than that of its channel, or a signature that is wrong or old.</summary>
    public const string WrongSecret = "wrong_secret";

    /// <summary>Of a link in a message: there is none of this name.</summary>
    public const string UnknownLink = "unknown_link";

    /// <summary>Of a link in a message: the form's token is none of ours, or for another step.</summary>
    public const string BadStep = "bad_step";

    /// <summary>HTTP: the name is tried too often; its password was not looked at.</summary>
    public const string TooManyTries = "too_many_tries";

    /// <summary>More passwords wait to be checked than can be soon.</summary>
    public const string Busy = "busy";
}
