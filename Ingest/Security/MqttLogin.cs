using System.Text;
using Telemetry.Ingest.Decoding.Routes;

namespace Telemetry.Ingest.Security;

/// <summary>Who stands behind an MQTT connection, and what that one may do.</summary>
/// <param name="isValid">False once the gateway's line or the token has gone or changed: the connection is closed then.</param>
/// <param name="scope">Whose alarms a person sees; null for a gateway, which sees none.</param>
public sealed class MqttLogin(string name, bool isGateway, Func<bool> isValid, Scope? scope = null)
{
    private readonly byte[] _prefix = Encoding.UTF8.GetBytes($"telemetry/v1/{name}/");

    public string Name { get; } = name;

    /// <summary>A gateway publishes under its own name and subscribes to nothing; a person subscribes to alarms and publishes nothing.</summary>
    public bool IsGateway { get; } = isGateway;

    public bool IsValid => isValid();

    public Scope Scope { get; } = scope ?? Scope.Nothing;

    /// <summary>
    /// To whom a client id and its session belong: a gateway and a person may have the same name, and whoever sees less than before must not find the subscriptions of before.
    /// </summary>
    public string Owner { get; } = isGateway ? $"gateway {name}" : scope is null or { IsCity: true } ? $"person {name}" : $"person {name} ({scope})";

    /// <param name="topic">UTF-8.</param>
    /// <param name="routes">A gateway may also publish what they say is its own.</param>
    public bool MayPublish(ReadOnlySpan<byte> topic, RouteTable routes) =>
        IsGateway && (topic.StartsWith(_prefix) || (routes.Find(topic, out var gateway, out _) is not null && gateway == Name));
}
