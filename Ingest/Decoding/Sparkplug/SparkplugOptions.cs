using Telemetry.Ingest.Decoding.Routes;
using Telemetry.Rules.Conditions;

namespace Telemetry.Ingest.Decoding.Sparkplug;

/// <summary>How the service appears to edge nodes: <c>Sparkplug:*</c>. Needs a route whose format is <c>sparkplug</c>.</summary>
public sealed record SparkplugOptions
{
    public static readonly string[] Keys = ["Sparkplug:HostId", "Sparkplug:ReorderTimeout"];

    /// <summary>The host application's id, under which edge nodes look whether their primary host is there. Default <c>telemetry</c>; no other host of the broker may have it.</summary>
    public string HostId { get; init; } = "telemetry";

    /// <summary>How long a message that others have overtaken has to come, before its node is asked for a rebirth. Default 5 s; 0 to 5 min. Too short, and every reordering costs a birth.</summary>
    public TimeSpan ReorderTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <param name="error">Key, value, what would be right.</param>
    public static SparkplugOptions Read(IConfiguration configuration, RouteTable routes, Action<string, string?, string> error)
    {
        var defaults = new SparkplugOptions();
        if (!routes.All.Any(route => route.Format is SparkplugFormat))
        {
            foreach (var key in Keys.Where(key => configuration[key] is not null))
                error(key, configuration[key], $"needs an entry Formats:NAME with Format = {SparkplugFormat.FormatName}");
            return defaults;
        }
        var (id, timeout) = (configuration[Keys[0]] ?? defaults.HostId, configuration[Keys[1]]);
        if (id.Length is 0 or > 64 || id.AsSpan().ContainsAny("/+#\0"))
            error(Keys[0], id, "1 to 64 characters without / + #");
        if (timeout is null)
            return new() { HostId = id };
        if (Quantity.Duration(timeout) is not (>= 0 and <= 300_000 and var milliseconds))
        {
            error(Keys[1], timeout, "a duration from 0s to 5m, such as 5s");
            return defaults;
        }
        return new() { HostId = id, ReorderTimeout = TimeSpan.FromMilliseconds(milliseconds) };
    }
}
