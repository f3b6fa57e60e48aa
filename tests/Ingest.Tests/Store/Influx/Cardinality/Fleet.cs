using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Tests.Store.Influx.Cardinality;

/// <summary>Devices of one family.</summary>
/// <param name="Instances">How many of each group a device has: 3 of <c>pump</c>.</param>
internal sealed record Fleet(Family Family, int Devices, IReadOnlyDictionary<string, int> Instances)
{
    /// <summary>A city of 1.3 million devices: every household's valve, and beside them what a city of ten million has of the other families.</summary>
    /// <param name="parts">One of so many devices is taken.</param>
    public static IReadOnlyList<Fleet> City(int parts = 1)
    {
        var families = FamilySet.Shipped();
        return
        [
            Of("manhole_cover", 50_000),
            Of("gas_valve", 1_090_000 + 150_000 + 10_000),
            Of("tunnel", 30 * 8, ("fan", 4), ("barrier", 2), ("lane", 3)),
            Of("drainage_pump", 60, ("pump", 3)),
            Of("public_toilet", 2_100, ("stall", 8)),
        ];

        Fleet Of(string family, int devices, params (string Group, int Count)[] instances) =>
            new(families.Find(family)!, Math.Max(1, devices / parts), instances.ToDictionary(each => each.Group, each => each.Count));
    }

    /// <summary>Series of readings: one for what a device has once, and one for each number that some instance of it has, whatever the group.</summary>
    public long Readings => Devices * ((Family.Channels.Any(channel => channel.Group is null) ? 1L : 0) + Family.Channels.Max(channel => Count(channel.Group)));

    /// <summary>Series of alarms, if every rule was raised at every device and instance once: the most that there can ever be.</summary>
    public long Alarms => Devices * Family.Rules.Sum(rule => (long)Math.Max(1, Count(rule.Each)));

    public int Count(string? group) => group is null ? 0 : Instances[group];
}
