using System.Net;
using System.Text;

namespace Telemetry.Ingest.Security;

/// <summary>
/// Lets gateways (name and password, or certificate) and people (name and token) in over MQTT. Exists only where gateway credentials are configured.
/// </summary>
/// <param name="users">Null where none are configured: then only gateways come in.</param>
/// <param name="authorities">Null where no certificate lets anyone in.</param>
public sealed class MqttLogins(
    WatchedFile<GatewayList> gateways, UserTokens? users, PasswordChecks checks, LoginFailures failures, ForeignTopics foreign, Func<ClientAuthorities>? authorities, GatewayRates rates, GatewayLimits limits, TimeProvider time)
{
    private const string Mqtt = "mqtt";

    /// <summary>The login, or null and the reason (<see cref="LoginRefusal"/>), which is counted and logged.</summary>
    /// <param name="certificate">Null where the client showed none.</param>
    /// <param name="via">Among the ways of <see cref="LoginFailures"/>.</param>
    public async Task<(MqttLogin? Login, string Refusal)> TryAsync(string? name, byte[]? password, ClientCertificate? certificate, IPAddress? address, CancellationToken cancellationToken, string via = Mqtt)
    {
        var (login, refusal) = await CheckAsync(name, password ?? [], certificate, address, cancellationToken);
        if (login is null)
            failures.Refused(via, address, string.IsNullOrEmpty(name) ? certificate?.Name : name, refusal);
        return (login, refusal);
    }

    /// <summary>How fast each gateway is read.</summary>
    public GatewayRates Rates { get; } = rates;

    /// <summary>What a gateway may cost the others, by its line as it stands now.</summary>
    public GatewayLimits LimitsOf(string gateway) => gateways.Current.Find(gateway) is not { } access ? limits : limits with
    {
        Rate = access.Rate ?? limits.Rate,
        PerGateway = access.MaxConnections ?? limits.PerGateway,
    };

    /// <summary>Bytes of a payload; null where the gateway's line says nothing.</summary>
    public int? MaxMessageOf(string gateway) => gateways.Current.Find(gateway)?.MaxMessage;

    /// <summary>It may carry devices that the register places behind other gateways.</summary>
    public bool MayCarryAny(string gateway) => gateways.Current.Find(gateway)?.AnyDevices == true;

    /// <summary>Where messages under a foreign topic are counted.</summary>
    public ForeignTopics Foreign { get; } = foreign;

    public void Refused(IPAddress? address, string? name, string refusal) => failures.Refused(Mqtt, address, name, refusal);

    private async Task<(MqttLogin? Login, string Refusal)> CheckAsync(string? name, byte[] password, ClientCertificate? certificate, IPAddress? address, CancellationToken cancellationToken)
    {
        // Whoever shows one that is no good is told so, whatever else it brings.
        if (certificate?.Refusal is { } refused)
            return await SlowAsync(refused);
        if (certificate is not null && !password.AsSpan().StartsWith("tlm_"u8))
        {
            var (login, refusal) = ByCertificate(name, certificate);
            // One that has both may keep to its password.
            if (login is not null || refusal != LoginRefusal.CertificateNotListed || password.Length == 0)
                return login is not null ? (login, refusal) : await SlowAsync(refusal);
        }
        if (string.IsNullOrEmpty(name) || password.Length == 0)
            return await SlowAsync(LoginRefusal.NoCredentials);
        if (password.AsSpan().StartsWith("tlm_"u8))
            return Person(name, password) is { Login: not null } person ? person : await SlowAsync(Person(name, password).Refusal);
        if (gateways.Current.Find(name) is not { } access)
            return await SlowAsync(LoginRefusal.UnknownName);
        if (access.Password is not { } hash)
            return await SlowAsync(LoginRefusal.CertificateNeeded);
        // A right password that is known costs its sender no delay: neighbours behind one address must not slow each other down.
        if (checks.Known(hash, password) is not true)
        {
            await failures.SlowDownAsync(address, cancellationToken);
            switch (await checks.VerifyAsync(hash, password, cancellationToken))
            {
                case null:
                    return (null, LoginRefusal.Busy);
                case false:
                    return (null, LoginRefusal.WrongPassword);
            }
        }
        return (new MqttLogin(name, isGateway: true, () => gateways.Current.Find(name)?.Password?.Text == hash.Text), "");

        async Task<(MqttLogin? Login, string Refusal)> SlowAsync(string refusal)
        {
            await failures.SlowDownAsync(address, cancellationToken);
            return (null, refusal);
        }
    }

    private (MqttLogin? Login, string Refusal) ByCertificate(string? name, ClientCertificate certificate)
    {
        var gateway = certificate.Name!;
        if (gateways.Current.Find(gateway) is not { } access)
            return (null, LoginRefusal.UnknownName);
        if (!string.IsNullOrEmpty(name) && name != gateway)
            return (null, LoginRefusal.WrongName);
        if (access.Refusal(certificate) is { } refused)
            return (null, refused);
        return (new MqttLogin(gateway, isGateway: true, IsStillGood), "");

        // Judged by authorities that have changed since, it is shown anew.
        bool IsStillGood() =>
            time.GetUtcNow() < certificate.NotAfter && authorities!().Stamp == certificate.Authorities && gateways.Current.Find(gateway) is { } now && now.Refusal(certificate) is null;
    }

    private (MqttLogin? Login, string Refusal) Person(string name, byte[] token)
    {
        if (users is null)
            return (null, LoginRefusal.UnknownToken);
        var (user, refusal) = users.Find(Encoding.UTF8.GetString(token));
        if (user is null)
            return (null, refusal);
        return user.Name != name
            ? (null, LoginRefusal.WrongName)
            : (new MqttLogin(name, isGateway: false, () => users.Still(user.Key) is { } now && now.Name == name && now.Scope.Covers(user.Scope), user.Scope), "");
    }
}
