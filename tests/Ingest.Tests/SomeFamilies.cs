using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Tests;

/// <summary>A pump station with a channel of each kind, three rules.</summary>
internal static class SomeFamilies
{
    public static IReadOnlyList<Family> All { get; } = [Pump(), BuiltIn()];

    public static IReadOnlyDictionary<string, Family> ByName { get; } = All.ToDictionary(family => family.Name);

    private static Family Pump() => (Empty("drainage_pump", "Drainage pump station", "排水泵站") with
    {
        Channels =
        [
            new Channel { Name = "sump_level", Index = 0, Type = ChannelType.Number, Unit = "m", PlausibleMin = 0, PlausibleMax = 12, Period = 10_000, Title = new Title("Sump level", "集水池水位") },
            new Channel { Name = "pump_run", Index = 1, Group = "pump", Type = ChannelType.Boolean, Period = 10_000, Title = new Title("Pump running", "水泵运行") },
            new Channel { Name = "power_supply", Index = 2, Type = ChannelType.State, States = ["mains", "backup", "lost"], Title = new Title("Power supply", "供电") },
        ],
        Links = new Dictionary<string, IReadOnlyList<Channel>> { ["gauge"] = [] },
        Settings =
        [
            new Setting { Name = "high_level", Index = 0, Unit = "m", Default = 2.2, Min = 0, Max = 12, Title = new Title("High level", "高水位") },
            new Setting { Name = "road", Index = 1, States = ["carriageway", "verge"], Title = new Title("Road", "道路") },
        ],
        Rules =
        [
            Rule(0, "level_high", "Sump level high", "集水池水位高", "Start all pumps; send the mobile pump.", "开启全部水泵，派移动泵车。"),
            Rule(1, "fail_to_start", "Pump did not start", "水泵未启动", "Start the standby pump; send the crew.", "启动备用泵，派员到场。") with
            {
                Each = "pump",
            },
            Rule(2, "excess_starts", "Starts too often", "启动过于频繁", "Widen the level band.", "加大启停水位差。") with
            {
                Kind = AlarmKind.Ticket,
            },
        ],
    }).Indexed();

    private static Rule Rule(int index, string name, string en, string zh, string action, string actionZh) => new()
    {
        Name = name,
        Index = index,
        Title = new Title(en, zh),
        Trigger = RuleTrigger.Condition,
        Kind = AlarmKind.Alarm,
        Steps = [new Step { Severity = Severity.High, OnDelay = 30_000, OffDelay = 120_000, Condition = Condition("sump_level > high_level") }],
        RespondIn = 600_000,
        Who = "station crew",
        Consequence = "road closed",
        Source = "engineering default",
        Action = new Title(action, actionZh),
    };

    private static Condition Condition(string text) => new()
    {
        Text = text,
        Evaluate = _ => Truth.Unknown,
        Channels = [],
        Settings = [],
    };

    private static Family BuiltIn() => Empty("gateway", "Gateway", "网关");

    private static Family Empty(string name, string en, string zh) => new()
    {
        Name = name,
        Title = new Title(en, zh),
        Heartbeat = 60_000,
        Lateness = 86_400_000,
        Channels = [],
        Settings = [],
        Rules = [],
        RationalisedBy = "shipped default",
        Text = "",
        Hash = "0123456789abcdef",
    };
}
