using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families.Yaml;

namespace Telemetry.Simulators.Faults;

/// <summary>The faults by their words in files, and what each reads of its own.</summary>
internal static class FaultKinds
{
    private const string WhichChannel = "say which channel: channel: sump_level";
    private const long EightHours = 8 * 3_600_000L;
    private const long Day = 24 * 3_600_000L;

    private static readonly IReadOnlyDictionary<string, Backfill> Backfills = new Dictionary<string, Backfill>(StringComparer.Ordinal)
    {
        ["oldest_first"] = Backfill.OldestFirst, ["newest_first"] = Backfill.NewestFirst, ["lost"] = Backfill.Lost,
    };

    /// <summary>In the order of the documentation.</summary>
    public static IReadOnlyDictionary<string, Func<FaultEntry, Fault>> All { get; } = new Dictionary<string, Func<FaultEntry, Fault>>(StringComparer.Ordinal)
    {
        ["stuck"] = of => new StuckFault(of.Word, of.Number, of.Who(), of.When(), of.Channel(WhichChannel)),
        ["drift"] = of => Number(of, of.When(byChance: false), false, "rate", Drift, "rate: 0.05 m/h"),
        ["spike"] = of => Spike(of, of.When()),
        ["sentinel"] = Sentinel,
        ["unit_mix_up"] = of => Number(of, of.When(), false, "sent_in", UnitMixUp, "sent_in: mm"),
        ["dropout"] = of => of.Section.Find("channel") is null
            ? new LostReadingFault(of.Word, of.Number, of.Who(), of.When())
            : new MissingValueFault(of.Word, of.Number, of.Who(), of.When(), of.Channel(null)),
        ["clock_skew"] = Skew,
        ["local_time"] = of => Clock(of, (sent, _) => sent + EightHours),
        ["clock_reset"] = of => Clock(of, (_, since) => since),
        ["seconds"] = of => Clock(of, (sent, _) => sent / 1000),
        ["gateway_offline"] = of => new GatewayOfflineFault(
            of.Word, of.Number, new FaultWho("*", "*", null), of.When("say how long: for: 20min", byChance: false), of.Gateways(),
            of.Section.Choice("backfill", Backfills) ?? Backfill.OldestFirst, of.Section.Duration("over") ?? 0),
        ["duplicate"] = of => new DuplicateFault(of.Word, of.Number, of.Who(), of.When(), of.Whole("copies", 1, 100, 1), of.Section.Duration("after") ?? 0),
        ["reorder"] = of => new ReorderFault(of.Word, of.Number, of.Who(), of.When(), of.Section.Duration("within", "say how long one takes at most: within: 30s") ?? 0),
        ["redelivery"] = of => new RedeliveryFault(of.Word, of.Number, new FaultWho("*", "*", null), of.When(byChance: false), of.Gateways(), of.Whole("last", 1, 100_000, 100)),
        ["herd"] = Herd,
    };

    private static NumberFault Number(FaultEntry of, FaultWhen when, bool once, string key, Func<string, string, Shown?> make, string right)
    {
        var shown = of.Shown(key, make, right);
        return new NumberFault(of.Word, of.Number, of.Who(), when, of.Channel(null), once, shown);
    }

    // One reading long, unless the file says how long or how often.
    private static NumberFault Spike(FaultEntry of, FaultWhen when) => Number(of, when, when is { For: null, Chance: 1 }, "by", Spike, "by: 3 m");

    private static ClockFault Skew(FaultEntry of)
    {
        var by = of.SignedDuration("by", "write by: 3min, or by: -10min for a clock that is slow");
        return Clock(of, (sent, _) => sent + by);
    }

    private static ClockFault Clock(FaultEntry of, ClockSays says) => new(of.Word, of.Number, of.Who(), of.When(), says);

    private static SentinelFault Sentinel(FaultEntry of)
    {
        var channel = of.Channel(WhichChannel);
        var value = of.Section.Text("value", "say what it shows: value: -9999, or a text such as value: error")?.Value ?? "";
        return new SentinelFault(of.Word, of.Number, of.Who(), of.When(), channel, Section.Number(value), value);
    }

    private static HerdFault Herd(FaultEntry of)
    {
        var each = of.Section.Duration("every") ?? Day;
        if (each == 0 || Day % each != 0)
        {
            of.Section.Fail(of.Section.Find("every")!, "every", "a day must be a whole number of it; write every: 24h, 12h or 60s");
            each = Day;
        }
        return new HerdFault(of.Word, of.Number, of.Who(), of.When(byChance: false, again: false), each);
    }

    private static Shown? Drift(string text, string unit)
    {
        var isDown = text.StartsWith('-');
        return Quantity.RateOf(isDown ? text[1..] : text, unit) is { } aSecond ? (number, seconds) => number + ((isDown ? -aSecond : aSecond) * seconds) : null;
    }

    private static Shown? Spike(string text, string unit) =>
        Quantity.TryParse(text, out var quantity, out _) && quantity.TryIn(unit, out var by) ? (number, _) => number + by : null;

    private static Shown? UnitMixUp(string text, string unit) => text != unit && Units.Fit(unit, text) ? (number, _) => Units.Convert(number, unit, text)!.Value : null;
}
