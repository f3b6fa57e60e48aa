using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Tests.Devices;

/// <summary>A small register's families: one of devices, one that the service raises itself.</summary>
internal static class SomeFamilies
{
    public static IReadOnlyDictionary<string, Family> All { get; } = new[] { Pump(), BuiltIn() }.ToDictionary(family => family.Name);

    private static Family Pump() => Empty("drainage_pump") with
    {
        Channels = [new Channel { Name = "sump_level", Index = 0, Type = ChannelType.Number, Unit = "m", Title = new Title("Sump level", "水位") }],
        Settings =
        [
            new Setting { Name = "high_level", Index = 0, Unit = "m", Default = 2.2, Min = 0, Max = 12, Title = new Title("High level", "高水位") },
            new Setting { Name = "road", Index = 1, States = ["carriageway", "verge"], Title = new Title("Road", "道路") },
        ],
    };

    private static Family BuiltIn() => Empty("gateway");

    private static Family Empty(string name) => new()
    {
        Name = name,
        Title = new Title(name, name),
        Heartbeat = 60_000,
        Lateness = 0,
        Channels = [],
        Settings = [],
        Rules = [],
        RationalisedBy = "shipped default",
        Text = "",
        Hash = "0123456789abcdef",
    };
}
