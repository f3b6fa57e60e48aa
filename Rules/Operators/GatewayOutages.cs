using System.Runtime.InteropServices;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>
/// <c>area/gateways_offline</c>: many gateways of a district lost within a minute are one alarm, with each <c>gateway/offline</c> beneath it. A gateway is of the district
/// in which all its devices are; one that carries nothing live does not count, nor one that was lost long before.
/// </summary>
internal sealed class GatewayOutages
{
    public const string RuleName = "gateways_offline";

    public const string GatewayFamily = "gateway";

    // Of one gateway its own alarm says more.
    private const int Least = 2;

    private sealed class Area
    {
        public StepState State;

        /// <summary>Log time after which a loss belongs to what stands, Unix ms.</summary>
        public long From { get; set; }
    }

    // Those that stand, or wait to; in order, so that a tick judges them the same way on every machine.
    private readonly SortedDictionary<string, Area> _areas = new(StringComparer.Ordinal);

    /// <summary>The district beneath whose alarm the gateway's belongs; null for none.</summary>
    public string? StandingAt(Fleet fleet, string id) =>
        fleet.GatewaysInOrder.GetValueOrDefault(id) is { CarriesLive: true, District: { } district } gateway && _areas.GetValueOrDefault(district) is { State.Active: true } area && gateway.Offline.Since > area.From ? district : null;

    /// <summary>At a tick.</summary>
    public void Judge(Moment moment, Fleet fleet)
    {
        if (fleet.Plan(Fleet.AreaFamily) is not { } family || family.Family.Rules.FirstOrDefault(rule => rule.Name == RuleName) is not { } rule)
        {
            _areas.Clear();
            return;
        }
        var down = new SortedDictionary<string, List<GatewayState>>(StringComparer.Ordinal);
        foreach (var gateway in fleet.GatewaysInOrder.Values)
        {
            if (gateway is { Offline.Truth: Truth.True, CarriesLive: true, District: { } district })
                (down.TryGetValue(district, out var lost) ? lost : down[district] = []).Add(gateway);
        }
        foreach (var district in down.Where(lost => lost.Value.Count >= Least).Select(lost => lost.Key).Union(_areas.Keys).Order(StringComparer.Ordinal).ToList())
            Judge(moment, fleet, family, rule, district, down.GetValueOrDefault(district) ?? []);
    }

    public void Save(BinaryWriter into)
    {
        into.Write(_areas.Count);
        foreach (var (district, area) in _areas)
        {
            into.Write(district);
            into.Write(MemoryMarshal.AsBytes([area.State]));
            into.Write(area.From);
        }
    }

    public void Load(BinaryReader from)
    {
        for (var left = from.ReadInt32(); left > 0; left--)
        {
            var area = _areas[from.ReadString()] = new Area();
            from.BaseStream.ReadExactly(MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref area.State, 1)));
            area.From = from.ReadInt64();
        }
    }

    private void Judge(Moment moment, Fleet fleet, FamilyPlan family, Rule rule, string district, List<GatewayState> down)
    {
        var now = moment.Entry.Time;
        var area = _areas.GetValueOrDefault(district) ?? new Area();
        var stands = area.State.Active || area.State.Truth == Truth.True;
        var from = stands ? area.From : now - (long)(Setting(family, "gateways_within", 60) * 1000);
        var lost = down.Where(gateway => gateway.Offline.Since > from).ToList();
        var all = fleet.GatewaysInOrder.Values.Where(gateway => gateway.CarriesLive && gateway.District == district).ToList();
        var enough = Math.Min(Setting(family, "gateways", 5), Math.Max(Least, Math.Ceiling(Setting(family, "gateway_share", 30) * all.Count / 100)));
        var holds = lost.Count >= enough;
        if (holds && !stands)
            area.From = from;
        Delays.Note(ref area.State, Logic.Of(holds), now, (ulong)now);
        if (Delays.Mature(ref area.State, rule.Steps[0], now, out var at))
            moment.Changes.Add(Change(area, fleet, family, rule, district, lost, all, at));
        if (area.State.Active || area.State.Truth == Truth.True)
            _areas[district] = area;
        else
            _areas.Remove(district);
    }

    private static ConditionChange Change(Area area, Fleet fleet, FamilyPlan family, Rule rule, string district, List<GatewayState> lost, List<GatewayState> all, long at)
    {
        var subject = new Subject(district, family.Family.Name, district, null, family.Family.Hash);
        if (!area.State.Active)
            return new ConditionChange(subject, rule, 0, -1, at, area.State.Key, default);
        // Of all of them: one that is lost later stands beneath it too.
        var gravest = WatchGateways.HighestBlinded(fleet.GatewaysInOrder.Values.Where(gateway => gateway.District == district).SelectMany(gateway => gateway.Behind), rule);
        var detail = $"{lost.Count} of {all.Count} gateways of {district} were lost: {JudgePlaces.Named(lost.Select(gateway => gateway.Id))}";
        return new ConditionChange(subject, rule, 0, 0, at, area.State.Key, new Evidence(null, lost.Count, null, null, null, detail, gravest));
    }

    private static double Setting(FamilyPlan family, string name, double otherwise) => family.Family.Settings.FirstOrDefault(setting => setting.Name == name)?.Default ?? otherwise;
}
