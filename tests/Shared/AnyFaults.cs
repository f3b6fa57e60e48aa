using System.Globalization;

namespace Telemetry.Tests.Shared;

/// <summary>Fault files by chance, for a simulated city of forty devices and ten minutes.</summary>
internal static class AnyFaults
{
    private static readonly string[] Kinds =
    [
        "stuck, channel: {channel}", "dropout, channel: {channel}", "sentinel, channel: {channel}, value: -9999", "sentinel, channel: {channel}, value: error", "dropout",
        "drift, family: drainage_pump, channel: sump_level, rate: 0.1 m/min", "spike, channel: methane_lel, by: 40 %LEL", "unit_mix_up, channel: sump_level, sent_in: mm",
        "clock_skew, by: 3min", "clock_skew, by: -20min", "local_time", "clock_reset", "seconds",
        "duplicate", "duplicate, copies: 3, after: 7s", "reorder, within: 40s", "herd, every: 60s",
    ];

    private static readonly string[] OfGateways = ["gateway_offline", "gateway_offline, backfill: newest_first", "gateway_offline, backfill: lost", "gateway_offline, over: 45s", "redelivery", "redelivery, last: 9"];

    private static readonly string[] Channels = ["sump_level", "pump_run", "carbon_monoxide", "methane_lel", "motor_current.2", "cover_state", "fan_*", "'*'"];

    private static readonly string[] Devices = ["pump-*", "cover-000*", "'*'", "tunnel-01-1", "gas-*"];

    public static string Yaml(Random random)
    {
        var faults = Enumerable.Range(0, random.Next(1, 7)).Select(_ => $"- {{fault: {(random.Next(4) == 0 ? OfGateway(random) : OfDevices(random))}}}");
        return $"seed: {random.Next(100)}\nfaults:\n{string.Join('\n', faults)}\n";
    }

    private static string OfDevices(Random random)
    {
        var kind = Any(random, Kinds);
        // A channel that nobody of those has is refused: then all are meant.
        var who = kind.Contains("channel", StringComparison.Ordinal) || random.Next(2) == 0 ? "" : $", device: {Any(random, Devices)}";
        var chance = random.Next(2) == 0 && !kind.StartsWith("drift", StringComparison.Ordinal) && !kind.StartsWith("herd", StringComparison.Ordinal) ? $", chance: {random.Next(1, 100)} %" : "";
        return kind.Replace("{channel}", Any(random, Channels), StringComparison.Ordinal) + who + chance + When(random, random.Next(3) > 0, !kind.StartsWith("herd", StringComparison.Ordinal));
    }

    private static string OfGateway(Random random) => Any(random, OfGateways) is var kind && random.Next(3) == 0 ? $"{kind}, gateway: gw-xihu-*{When(random, true, true)}" : kind + When(random, true, true);

    private static string When(Random random, bool lasts, bool again)
    {
        var length = random.Next(1, 240_000);
        var text = string.Create(CultureInfo.InvariantCulture, $", at: {random.Next(400_000)}ms");
        if (lasts)
            text += string.Create(CultureInfo.InvariantCulture, $", for: {length}ms");
        return again && random.Next(3) == 0 ? text + string.Create(CultureInfo.InvariantCulture, $", every: {length + random.Next(200_000)}ms") : text;
    }

    private static string Any(Random random, string[] of) => of[random.Next(of.Length)];
}
