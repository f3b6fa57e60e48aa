using System.Globalization;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Store.Influx.Downsampling;

/// <summary>
/// The statements that summarize one family: minutes from raw points, hours from minutes with the mean weighted by the counts. A boolean has no
/// mean in InfluxQL: a statement of its own before the last one counts how often it was true. 2.x has no <c>SELECT INTO</c>, so the answer
/// is written back by <see cref="SummaryLines"/>.
/// </summary>
internal static class SummaryQuery
{
    public const string Min = "_min";
    public const string Mean = "_mean";
    public const string Max = "_max";
    public const string Last = "_last";
    public const string Count = "_count";

    /// <summary>The one column of a boolean's own statement.</summary>
    public const string True = "true";

    /// <summary>Null for a family without channels.</summary>
    public static string? Of(Family family, Resolution resolution, MinuteSpan span)
    {
        var channels = family.Channels.Where(channel => channel.Link is null).ToArray();
        if (channels.Length == 0)
            return null;
        return resolution == Resolution.Minute ? Minutes(family.Name, channels, span) : Hours(family.Name, channels, span);
    }

    /// <summary>The channels whose own statements come before the last one, in their order.</summary>
    public static IEnumerable<string> Counted(Family family, Resolution resolution) => resolution == Resolution.Minute
        ? family.Channels.Where(channel => channel.Link is null && channel.Type == ChannelType.Boolean).Select(channel => channel.Name)
        : [];

    private static string Minutes(string family, IReadOnlyList<Channel> channels, MinuteSpan span)
    {
        var counts = channels.Where(channel => channel.Type == ChannelType.Boolean)
            .Select(channel => $"SELECT count(\"{channel.Name}\") AS \"{True}\" FROM \"{family}\" WHERE \"{channel.Name}\" = true AND {Within(span)} GROUP BY time(1m), * fill(none)");
        var fields = channels.SelectMany(channel => Raw(channel.Name, channel.Type));
        return string.Join(";\n", counts.Append($"SELECT {string.Join(", ", fields)} FROM \"{family}\" WHERE {Within(span)} GROUP BY time(1m), * fill(none)"));
    }

    private static IEnumerable<string> Raw(string name, ChannelType type) => type switch
    {
        ChannelType.State => [$"last(\"{name}\") AS \"{name}{Last}\"", $"count(\"{name}\") AS \"{name}{Count}\""],
        ChannelType.Boolean => Ends(name).Concat([$"last(\"{name}\") AS \"{name}{Last}\"", $"count(\"{name}\") AS \"{name}{Count}\""]),
        _ => Ends(name).Concat([$"mean(\"{name}\") AS \"{name}{Mean}\"", $"last(\"{name}\") AS \"{name}{Last}\"", $"count(\"{name}\") AS \"{name}{Count}\""]),
    };

    private static string[] Ends(string name) => [$"min(\"{name}\") AS \"{name}{Min}\"", $"max(\"{name}\") AS \"{name}{Max}\""];

    private static string Hours(string family, IReadOnlyList<Channel> channels, MinuteSpan span)
    {
        var inner = new List<string>();
        var outer = new List<string>();
        foreach (var channel in channels)
        {
            var name = channel.Name;
            inner.AddRange([$"\"{name}{Last}\"", $"\"{name}{Count}\""]);
            outer.AddRange([$"last(\"{name}{Last}\") AS \"{name}{Last}\"", $"sum(\"{name}{Count}\") AS \"{name}{Count}\""]);
            if (channel.Type == ChannelType.State)
                continue;
            inner.AddRange([$"\"{name}{Min}\"", $"\"{name}{Max}\"", $"\"{name}{Mean}\" * \"{name}{Count}\" AS \"{name}_sum\""]);
            outer.AddRange([$"min(\"{name}{Min}\") AS \"{name}{Min}\"", $"sum(\"{name}_sum\") / sum(\"{name}{Count}\") AS \"{name}{Mean}\"", $"max(\"{name}{Max}\") AS \"{name}{Max}\""]);
        }
        return $"""
            SELECT {string.Join(", ", outer)}
            FROM (SELECT {string.Join(", ", inner)} FROM "{Resolution.Minute.Policy}"."{family}" WHERE {Within(span)} GROUP BY *)
            WHERE {Within(span)} GROUP BY time(1h), * fill(none)
            """;
    }

    private static string Within(MinuteSpan span) => string.Create(CultureInfo.InvariantCulture, $"time >= {span.From}m AND time < {span.To}m");
}
