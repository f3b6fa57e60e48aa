using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Tests.Decoding;

/// <summary>A family with a channel of each kind, built by hand: decoding needs no file.</summary>
internal static class ATestFamily
{
    public static Family Cover { get; } = Build("manhole_cover");

    public static Family Tunnel { get; } = Build("tunnel");

    public static Family? Find(string name) => name switch
    {
        "manhole_cover" => Cover,
        "tunnel" => Tunnel,
        "gateway" => Build("gateway") with { Channels = [] },
        _ => null,
    };

    private static Family Build(string name)
    {
        Channel[] channels =
        [
            Of("tilt_angle", ChannelType.Number) with { Unit = "deg", PlausibleMin = 0, PlausibleMax = 180 },
            Of("well_water_level", ChannelType.Number) with { Unit = "m", PlausibleMin = 0.1, PlausibleMax = 10, InstrumentMin = 0, InstrumentMax = 20 },
            Of("cover_state", ChannelType.State) with { States = ["normal", "open", "loose", "reset"] },
            Of("vibration_alarm", ChannelType.Boolean),
            Of("rsrp", ChannelType.Integer) with { Unit = "dBm" },
            Of("run_hours", ChannelType.Counter) with { Unit = "h" },
            Of("pump_run", ChannelType.Boolean) with { Group = "pump" },
        ];
        return new Family
        {
            Name = name,
            Title = new(name, name),
            Heartbeat = 60_000,
            Lateness = 86_400_000,
            Channels = [.. channels.Select((c, i) => c with { Index = i })],
            Settings = [],
            Rules = [],
            RationalisedBy = "test",
            Text = "",
            Hash = "0000000000000000",
        }.Indexed();
    }

    private static Channel Of(string name, ChannelType type) => new() { Name = name, Index = 0, Type = type, Title = new(name, name) };
}
