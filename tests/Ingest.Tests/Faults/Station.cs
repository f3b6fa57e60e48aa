using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Faults;

/// <summary>Devices by hand, so that a test says what they measure: a pump station each ten seconds, a kitchen each minute.</summary>
internal static class Station
{
    public static readonly IReadOnlyList<Device> Register = [new() { Id = "PS-1", Family = "drainage_pump", Gateway = "gw-1", District = "Xihu" }];

    public static readonly IReadOnlyList<Device> Kitchens = [new() { Id = "GAS-1", Family = "gas_valve", Gateway = "gw-2", District = "Xihu", Heartbeat = "60s" }];

    public static double Calm(double second) => 1 + (0.02 * Math.Sin(second / 60));

    /// <summary>From 5 min on the sump fills with 0.25 m/min to 2.6 m, above high (2.2 m) and below overflow (2.8 m), and from 20 min on it empties.</summary>
    public static double Flood(double second) => Math.Clamp(second < 1200 ? 1 + ((second - 300) * 0.25 / 60) : 2.6 - ((second - 1200) * 0.25 / 60), 1, 2.6) + (0.02 * Math.Sin(second / 60));

    public static IEnumerable<Reading> Levels(Func<double, double> level, int seconds, long start = FaultBench.Zero)
    {
        for (var second = 0; second < seconds; second += 10)
        {
            var isRunning = level(second) > 1.2;
            yield return Reading("PS-1", "gw-1", "drainage_pump", start + (second * 1000L), second / 10,
                new("sump_level", ValueKind.Number, Math.Round(level(second), 3), null, Quality.Good),
                new("pump_command.1", ValueKind.Boolean, isRunning ? 1 : 0, null, Quality.Good),
                new("pump_run.1", ValueKind.Boolean, isRunning ? 1 : 0, null, Quality.Good));
        }
    }

    public static IEnumerable<Reading> Kitchen(int seconds, long start = FaultBench.Zero, string device = "GAS-1", int every = 60, double methane = 1)
    {
        for (var second = 5; second < seconds; second += every)
            yield return Reading(device, "gw-2", "gas_valve", start + (second * 1000L), second / every, new("methane_lel", ValueKind.Number, methane, null, Quality.Good), new("valve_position", ValueKind.State, 0, "open", Quality.Good));
    }

    private static Reading Reading(string device, string gateway, string family, long at, long sequence, params ChannelValue[] values) =>
        new() { Gateway = gateway, Family = family, Device = device, SentTime = at, EventTime = at, Sequence = sequence, Values = values };
}
