using System.Net;
using System.Text;

namespace Telemetry.Ingest.Security;

/// <summary>
/// Lets gateways (name and password) and people (name and token) in over MQTT. Exists only where gateway credentials are configured.
/// </summary>
/// <param name="users">Null where none are configured: then only gateways come in.</param>
public sealed class MqttLogins(WatchedFile<GatewayList> gateways, UserTokens? users, PasswordChecks checks, LoginFailures failures, ForeignTopics foreign)
{
    private const string Mqtt = "mqtt";

    /// <summary>The login, or null and the reason (<see cref="LoginRefusal"/>), which is counted and logged.</summary>
    /// <param name="via">Among the ways of <see cref="LoginFailures"/>.</param>
    public async Task<(MqttLogin? Login, string Refusal)> TryAsync(string? name, byte[]? password, IPAddress? address, CancellationToken cancellationToken, string via = Mqtt)
    {
        var (login, refusal) = await CheckAsync(name, password ?? [], address, cancellationToken);
        if (login is null)
            failures.Refused(via, address, name, refusal);
        return (login, refusal);
    }

    /// <summary>Where messages under a foreign topic are counted.</summary>
    public ForeignTopics Foreign { get; } = foreign;

    public void Refused(IPAddress? address, string? name, string refusal) => failures.Refused(Mqtt, address, name, refusal);

    private async Task<(MqttLogin? Login, string Refusal)> CheckAsync(string? name, byte[] password, IPAddress? address, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(name) || password.Length == 0)
            return await SlowAsync(LoginRefusal.NoCredentials);
        if (password.AsSpan().StartsWith("tlm_"u8))
            return Person(name, password) is { Login: not null } person ? person : await SlowAsync(Person(name, password).Refusal);
        if (gateways.Current.Find(name) is not { } hash)
            return await SlowAsync(LoginRefusal.UnknownName);
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
        return (new MqttLogin(name, isGateway: true, () => gateways.Current.Find(name)?.Text == hash.Text), "");

        async Task<(MqttLogin? Login, string Refusal)> SlowAsync(string refusal)
        {
            await failures.SlowDownAsync(address, cancellationToken);
            return (null, refusal);
        }
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
