using Telemetry.Rules.Conditions;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Decoding.Routes;

/// <summary>
/// <c>Formats:NAME:Topic</c> and <c>Formats:NAME:Format</c>, with <c>Formats:NAME:Gateway</c> (default NAME) for the gateway whose outage silences what is
/// behind it. No two may take the same topic.
/// </summary>
public sealed class RouteTable
{
    private const string Section = "Formats";

    private readonly IReadOnlyList<TopicRoute> _routes;

    private RouteTable(IReadOnlyList<TopicRoute> routes) => _routes = routes;

    public static RouteTable None { get; } = new([]);

    /// <summary>To be subscribed to at an external broker.</summary>
    public IEnumerable<string> Filters => _routes.Select(route => route.Topic.Filter);

    internal IReadOnlyList<TopicRoute> All => _routes;

    /// <summary>For a message that fits none of them; empty without any.</summary>
    internal string Shown => _routes.Count == 0 ? "" : $", or a filter of Formats: {string.Join(", ", _routes.Select(route => $"{route.Topic.Text} ({route.Name})"))}";

    /// <summary>Whether a gateway of some format has to hear what the filter matches.</summary>
    /// <param name="gateway">Which one asks; null where they have no credentials.</param>
    public bool MaySubscribe(string filter, string? gateway) => _routes.Any(route => route.Format.MaySubscribe(filter, gateway));

    public static bool IsKey(string key) =>
        key.Split(':') is [var section, { Length: > 0 }, var last] && section.Equals(Section, StringComparison.OrdinalIgnoreCase)
        && ((string[])["Topic", "Format", "Gateway"]).Contains(last, StringComparer.OrdinalIgnoreCase);

    /// <param name="error">Key, value, what would be right.</param>
    public static RouteTable Read(IConfiguration configuration, Action<string, string?, string> error)
    {
        var routes = new List<TopicRoute>();
        if (configuration["Hj212:Port"] is not null)
            routes.Add(new("Hj212", TopicPattern.Parse(Hj212Format.TcpTopic, out _)!, PayloadFormats.Find("hj212")!, "_"));
        foreach (var section in configuration.GetSection(Section).GetChildren())
        {
            if (ReadOne(section, error) is not { } route)
                continue;
            if (routes.Find(other => other.Topic.Overlaps(route.Topic)) is { } other)
                error($"{section.Path}:Topic", route.Topic.Text, $"a filter that shares no topic with {Section}:{other.Name}:Topic = {other.Topic.Text}");
            else
                routes.Add(route);
        }
        return new RouteTable(routes);
    }

    /// <param name="topic">UTF-8.</param>
    /// <returns>Null for a topic of no route.</returns>
    internal TopicRoute? Find(ReadOnlySpan<byte> topic, out string gateway, out string? device)
    {
        foreach (var route in _routes)
        {
            if (!route.Topic.Matches(topic, out var named, out device))
                continue;
            gateway = route.Format.GatewayOf(topic) ?? named ?? route.Gateway;
            return route;
        }
        (gateway, device) = ("", null);
        return null;
    }

    private static TopicRoute? ReadOne(IConfigurationSection section, Action<string, string?, string> error)
    {
        var pattern = section["Topic"] is { } topic ? TopicPattern.Parse(topic, out var expected) : TopicPattern.Parse("", out expected);
        if (pattern is null)
            error($"{section.Path}:Topic", section["Topic"], expected);
        var format = PayloadFormats.Find(section["Format"]);
        if (format is null)
            error($"{section.Path}:Format", section["Format"], $"one of {string.Join(", ", PayloadFormats.Names)}{NearestName.Hint(section["Format"] ?? "", PayloadFormats.Names)}");
        var gateway = section["Gateway"] ?? section.Key;
        if (!DeviceId.IsValid(gateway))
            error($"{section.Path}:Gateway", gateway, "1 to 64 of A-Z a-z 0-9 _ . : - (without this key, the entry's own name)");
        return pattern is null || format is null ? null : new TopicRoute(section.Key, pattern, format, gateway);
    }
}
