using System.Runtime.InteropServices;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>
/// <c>area/mass_silence</c>: a share of a district's, a cell's or a gateway's devices fell silent within a quarter of an hour. Those long dead
/// count for nothing, and those behind a gateway that is down neither: that is one alarm already. Nor what is in commissioning, test or drill.
/// </summary>
internal sealed class MassSilence
{
    public const string RuleName = "mass_silence";

    // Of fewer, the share is a device or two: their own tickets say more.
    private const int Least = 5;

    // The widest first: what has taken out a district is not told once more for each gateway.
    private static readonly string[] Kinds = ["district", "cell", "gateway"];

    private sealed class Area
    {
        /// <summary>Devices that count.</summary>
        public int Total { get; set; }

        /// <summary>Whatever mode they are in. In no order: what is told of them is counted or sorted.</summary>
        public HashSet<DeviceState> Silent { get; } = [];

        public StepState State;

        /// <summary>Log time after which a silence belongs to what stands, Unix ms.</summary>
        public long From { get; set; }
    }

    private readonly Dictionary<(int Kind, string Id), Area> _areas = [];
    private readonly SortedSet<(int Kind, string Id)> _looked = new(Comparer<(int Kind, string Id)>.Create((a, b) => a.Kind != b.Kind ? a.Kind.CompareTo(b.Kind) : string.CompareOrdinal(a.Id, b.Id)));

    /// <summary>The register says something new of a device; what it said before still stands in <paramref name="state"/>.</summary>
    public void Set(DeviceState state, Device device, bool isNew)
    {
        for (var kind = 0; kind < Kinds.Length; kind++)
        {
            var (before, after) = (isNew ? null : state.Device.PlaceOf(Kinds[kind]), device.PlaceOf(Kinds[kind]));
            if (before is not null && IsReal(state.Device))
                Of(kind, before).Total--;
            if (after is not null && IsReal(device))
                Of(kind, after).Total++;
            if (before == after)
                continue;
            if (before is not null)
                Of(kind, before).Silent.Remove(state);
            if (after is not null && state.Silence.Truth == Truth.True)
                Of(kind, after).Silent.Add(state);
        }
    }

    public void FellSilent(DeviceState device)
    {
        Restore(device);
        for (var kind = 0; kind < Kinds.Length; kind++)
        {
            if (device.Device.PlaceOf(Kinds[kind]) is { } id)
                _looked.Add((kind, id));
        }
    }

    /// <summary>A checkpoint's device that is silent: nothing is judged for it.</summary>
    public void Restore(DeviceState device)
    {
        for (var kind = 0; kind < Kinds.Length; kind++)
        {
            if (device.Device.PlaceOf(Kinds[kind]) is { } id)
                Of(kind, id).Silent.Add(device);
        }
    }

    public void Heard(DeviceState device)
    {
        for (var kind = 0; kind < Kinds.Length; kind++)
        {
            if (device.Device.PlaceOf(Kinds[kind]) is { } id)
                Of(kind, id).Silent.Remove(device);
        }
    }

    /// <summary>The areas around a device whose alarm stands.</summary>
    public IEnumerable<string> StandingAt(Device device)
    {
        for (var kind = 0; kind < Kinds.Length; kind++)
        {
            if (device.PlaceOf(Kinds[kind]) is { } id && Of(kind, id).State.Active)
                yield return id;
        }
    }

    /// <summary>At a tick, before the silences of single devices are told.</summary>
    /// <param name="gravity">How grave a device's own silence is: the area's is as grave as the gravest of those it tells.</param>
    public void Judge(Moment moment, FamilyPlan? family, Func<DeviceState, Severity> gravity)
    {
        if (family?.Family.Rules.FirstOrDefault(rule => rule.Name == RuleName) is not { } rule)
        {
            _looked.Clear();
            return;
        }
        var (share, within) = (Setting(family, "silent_share"), (long)(Setting(family, "within") * 60_000));
        foreach (var (kind, id) in _looked.ToList())
        {
            var area = Of(kind, id);
            var now = moment.Entry.Time;
            var stands = area.State.Active || area.State.Truth == Truth.True;
            var from = stands ? area.From : now - within;
            var members = area.Silent.Where(device => device.Silence.Since > from && device.Gateway.Up && IsReal(device.Device) && !IsCounted(device, kind)).ToList();
            var holds = IsShare(members.Count, area, share) && (stands || !IsNarrower(members, kind, share));
            if (holds && area.State.Truth != Truth.True)
                area.From = from;
            Delays.Note(ref area.State, Logic.Of(holds), now, (ulong)now);
            if (Delays.Mature(ref area.State, rule.Steps[0], now, out var at))
                moment.Changes.Add(Change(area, kind, id, members, family, rule, at, share, gravity));
            if (!area.State.Active && area.State.Truth != Truth.True)
                _looked.Remove((kind, id));
        }
    }

    public void Save(BinaryWriter into)
    {
        into.Write(_looked.Count);
        foreach (var (kind, id) in _looked)
        {
            into.Write(kind);
            into.Write(id);
            into.Write(MemoryMarshal.AsBytes([Of(kind, id).State]));
            into.Write(Of(kind, id).From);
        }
    }

    public void Load(BinaryReader from)
    {
        for (var left = from.ReadInt32(); left > 0; left--)
        {
            var (kind, id) = (from.ReadInt32(), from.ReadString());
            var area = Of(kind, id);
            from.BaseStream.ReadExactly(MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref area.State, 1)));
            area.From = from.ReadInt64();
            _looked.Add((kind, id));
        }
    }

    private Area Of(int kind, string id)
    {
        if (!_areas.TryGetValue((kind, id), out var area))
            _areas[(kind, id)] = area = new Area();
        return area;
    }

    private static bool IsReal(Device device) => device.State is "live" or "provisional";

    private static bool IsShare(int count, Area area, double share) => count >= Least && count * 100.0 >= share * area.Total;

    /// <summary>It belongs to a wider area that stands.</summary>
    private bool IsCounted(DeviceState device, int kind)
    {
        for (var wider = 0; wider < kind; wider++)
        {
            if (device.Device.PlaceOf(Kinds[wider]) is { } id && Of(wider, id).State.Truth == Truth.True)
                return true;
        }
        return false;
    }

    /// <summary>They all lie in one narrower area that says it better.</summary>
    private bool IsNarrower(List<DeviceState> members, int kind, double share)
    {
        for (var narrower = kind + 1; narrower < Kinds.Length; narrower++)
        {
            if (members[0].Device.PlaceOf(Kinds[narrower]) is { } id && members.All(device => device.Device.PlaceOf(Kinds[narrower]) == id) && IsShare(members.Count, Of(narrower, id), share))
                return true;
        }
        return false;
    }

    private static ConditionChange Change(Area area, int kind, string id, List<DeviceState> members, FamilyPlan family, Rule rule, long at, double share, Func<DeviceState, Severity> gravity)
    {
        var district = Kinds[kind] == "district" ? id : members.Select(device => device.Device.District).Distinct().ToList() is [var common] ? common : null;
        var subject = new Subject(id, family.Family.Name, district, null, family.Family.Hash);
        if (!area.State.Active)
            return new ConditionChange(subject, rule, 0, -1, at, area.State.Key, default);
        var gravest = members.Select(gravity).Append(rule.Steps[0].Severity).Max();
        var detail = $"{members.Count} of {area.Total} devices of {Kinds[kind]} {id} fell silent: {JudgePlaces.Named(members.Select(device => device.Device.Id))}";
        return new ConditionChange(subject, rule, 0, 0, at, area.State.Key, new Evidence(null, Math.Round(100.0 * members.Count / area.Total, 1), null, share, "%", detail, gravest));
    }

    private static double Setting(FamilyPlan family, string name) => family.Family.Settings.First(setting => setting.Name == name).Default!.Value;
}
