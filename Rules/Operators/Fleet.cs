using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>All devices, gateways and families that the log has named so far: the register as the rules see it.</summary>
public sealed class Fleet
{
    /// <summary>The family of alarms about places.</summary>
    public const string AreaFamily = "area";

    private readonly Dictionary<string, DeviceState> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, GatewayState> _gateways = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FamilyPlan> _plans = new(StringComparer.Ordinal);

    /// <summary>By dense index.</summary>
    public List<DeviceState> Devices { get; } = [];

    public IReadOnlyDictionary<string, FamilyPlan> Plans => _plans;

    /// <summary>In the order of their ids, so that a tick treats them the same way on every machine.</summary>
    public SortedDictionary<string, GatewayState> GatewaysInOrder { get; } = new(StringComparer.Ordinal);

    /// <summary>Devices whose state ends by itself (test, drill, an exercise), in the order of their ids.</summary>
    public SortedDictionary<string, DeviceState> ForAWhile { get; } = new(StringComparer.Ordinal);

    /// <summary>Who is linked by whom.</summary>
    internal LinkTable Links { get; } = new();

    internal LinkTraces LinkTraces { get; } = new();

    /// <summary>Who counts in which place.</summary>
    internal PlaceTable Places { get; } = new();

    internal NeighbourTable Neighbours { get; } = new();

    /// <summary>Readings of a device between two of its anchors, while nothing comes late: a rerun takes up to as many more than it has to.</summary>
    public int AnchorsApart { get; init; } = 256;

    public Calendar Calendar { get; init; } = new();

    /// <summary>Which areas have lost many devices at once.</summary>
    internal MassSilence MassSilence { get; } = new();

    /// <summary>Which districts have lost many gateways at once.</summary>
    internal GatewayOutages GatewayOutages { get; } = new();

    /// <summary>What other devices have to be told of; empty after each entry.</summary>
    internal List<Move> Moves { get; } = [];

    /// <summary>Log time of the last tick, Unix ms; 0 before the first.</summary>
    public long TickTime { get; set; }

    /// <summary><c>system/broker_lost</c> stands.</summary>
    public bool BrokerLost { get; set; }

    /// <summary><c>system/log_unwritable</c> stands.</summary>
    public bool LogUnwritable { get; set; }

    /// <summary>The service takes nothing from its gateways, by no fault of theirs: no silence ages.</summary>
    public bool IsCutOff => BrokerLost || LogUnwritable;

    /// <summary>Devices first seen wait for adoption; as the last start said.</summary>
    public bool Adoption { get; private set; }

    /// <summary>Without adoption nothing waits: what did is evaluated from now on.</summary>
    public void SetAdoption(bool adoption)
    {
        Adoption = adoption;
        if (adoption)
            return;
        foreach (var device in Devices.Where(device => device.AwaitsAdoption))
        {
            device.AwaitsAdoption = false;
            device.Gateway.CountLimit(device, 1);
            // It may have been silent for long, and nobody looks at it any more.
            device.Gateway.Enqueue(device, device.HeardAt + device.SilenceLimit);
        }
    }

    /// <summary>So many devices will come: tables that grow on the way are copied again and again.</summary>
    public void Expect(int devices)
    {
        _byId.EnsureCapacity(devices);
        Devices.EnsureCapacity(devices);
    }

    public DeviceState? Find(string id) => _byId.GetValueOrDefault(id);

    public GatewayState Gateway(string id)
    {
        if (!_gateways.TryGetValue(id, out var gateway))
        {
            _gateways[id] = gateway = new GatewayState(id);
            GatewaysInOrder[id] = gateway;
        }
        return gateway;
    }

    /// <summary>Enters a device, or replaces what the register says of it.</summary>
    /// <param name="at">Log time of the entry that says so, Unix ms.</param>
    public DeviceState Set(Device device, FamilyPlan plan, long at)
    {
        var gateway = Gateway(device.Gateway ?? "");
        var isNew = !_byId.TryGetValue(device.Id, out var state);
        state?.Gateway.Count(state.Device, -1);
        state?.Gateway.CountLimit(state, -1);
        if (state is null)
        {
            _byId[device.Id] = state = new DeviceState(Devices.Count, device, plan, gateway) { HeardAt = gateway.Clock, AwaitsAdoption = Adoption };
            Devices.Add(state);
            gateway.Enter(state);
        }
        else if (state.Gateway != gateway)
        {
            state.Gateway.Leave(state);
            gateway.Enter(state);
            state.Gateway = gateway;
            state.HeardAt = gateway.Clock;
        }
        gateway.Count(device, 1);
        Links.Set(state, device);
        if (isNew)
            state.IsLinked = Links.LinkingTo(device.Id).Count > 0;
        foreach (var (_, id) in device.Links)
        {
            if (Find(id) is { } linked)
                linked.IsLinked = true;
        }
        Neighbours.Set(state, device);
        MassSilence.Set(state, device, isNew);
        Places.Move(state, device, at);
        state.Device = device;
        if (device.IsForAWhile)
            ForAWhile[device.Id] = state;
        else
            ForAWhile.Remove(device.Id);
        // What was evaluated before credentials came stays evaluated: its alarms must not be left standing.
        state.AwaitsAdoption &= device.State == "provisional";
        state.Settings = SettingsOf(device, plan);
        SetHeartbeat(state);
        gateway.CountLimit(state, 1);
        return state;
    }

    /// <summary>A family file takes effect, and its devices go on under it.</summary>
    /// <param name="at">Log time of the entry that brings it, Unix ms.</param>
    /// <returns>What goes on under it; null for a family that was not in force.</returns>
    public FamilyMove? Set(FamilyPlan plan, long at)
    {
        var move = _plans.TryGetValue(plan.Family.Name, out var before) ? new FamilyMove(before, plan) : null;
        _plans[plan.Family.Name] = plan;
        if (move is null)
            return null;
        foreach (var device in Devices)
        {
            if (device.Device.Family != plan.Family.Name)
                continue;
            device.MoveTo(move);
            device.Settings = SettingsOf(device.Device, plan);
            device.Gateway.CountLimit(device, -1);
            SetHeartbeat(device);
            device.Gateway.CountLimit(device, 1);
        }
        Places.MoveTo(plan, at);
        return move;
    }

    public FamilyPlan? Plan(string family) => _plans.GetValueOrDefault(family);

    /// <summary>The rule of an alarm; those of places stand in the families whose devices they count, and their alarms in the family area.</summary>
    public Rule? RuleOf(string family, string rule) =>
        Plan(family)?.Family.Rules.FirstOrDefault(known => known.Name == rule && known.Place is null)
            ?? (family == AreaFamily ? _plans.Values.SelectMany(plan => plan.Family.Rules).FirstOrDefault(known => known.Name == rule && known.Place is not null) : null);

    /// <summary>
    /// The areas whose standing alarm has this rule's alarms at their devices beneath it: <c>gathers</c> in the rule of a place that the device
    /// is in, and for silence <c>area/mass_silence</c> of its gateway, cell or district. As of the last tick: an area is judged by ticks alone.
    /// The area's alarm has the place's id as device, and no instance.
    /// </summary>
    /// <param name="rule">The device's rule, not a step of it.</param>
    public IEnumerable<(string Place, Rule Rule)> Gathering(DeviceState device, string rule)
    {
        foreach (var plan in device.Plan.Places)
        {
            foreach (var area in plan.Rules)
            {
                if (area.Rule.Gathers.Contains(rule) && device.Device.PlaceOf(plan.Kind) is { } id && Places.Find(device.Device.Family, plan.Kind, id)?.TopStep(area) >= 0)
                    yield return (id, area.Rule);
            }
        }
        if (rule != device.Plan.Silence?.Name || RuleOf(AreaFamily, MassSilence.RuleName) is not { } silence)
            yield break;
        foreach (var area in MassSilence.StandingAt(device.Device))
            yield return (area, silence);
    }

    /// <summary>A latched alarm was reset: from now on it does not stand, for conditions that ask.</summary>
    public void EndStanding(string device, string rule, int instance, long at)
    {
        if (Find(device) is not { } state)
            return;
        foreach (var (block, source) in state.AlarmsOf(rule, instance))
            Record(state, block, source, at, Num.Of(0));
        // Conditions of others are judged by their next reading, as those of the device itself are.
        Moves.Clear();
    }

    /// <summary>Records what a source has become; where others ask for it, they are to be told.</summary>
    internal void Record(DeviceState device, Block block, Source source, long at, Num value)
    {
        var trace = block.TraceOf(device.Plan, source);
        var before = trace.Present;
        trace.Record(at, value, source);
        if (!source.IsAskedElsewhere || trace.Present == before)
            return;
        Places.Set(device, block, source, Logic.Of(trace.Present), trace.Since);
        Moves.Add(new Move(device, source, trace.Since));
    }

    /// <summary>
    /// The mode of an alarm that is raised now: a device's own. A gateway that carries nothing live takes part in its devices' drill, or test; what is in
    /// commissioning is the technician's. Null for live.
    /// </summary>
    public string? ModeOf(Subject subject)
    {
        if (subject.Family != "gateway")
            return ForAWhile.GetValueOrDefault(subject.Id)?.Device is { IsInTestOrDrill: true, State: var state } ? state : null;
        var states = (_gateways.GetValueOrDefault(subject.Id)?.Behind ?? []).Select(device => device.Device.State).Distinct().ToList();
        return states.Count == 0 || states.Exists(state => state is "live" or "provisional") ? null : states.Contains("drill") ? "drill" : "test";
    }

    public static Subject SubjectOf(DeviceState device) =>
        new(device.Device.Id, device.Device.Family, device.Device.District, device.Device.Street, device.Plan.Family.Hash);

    /// <summary>The built-in families' subjects: a gateway's id, an area's name, <c>telemetry</c> for the service.</summary>
    public static Subject SubjectOf(string id, FamilyPlan plan) => new(id, plan.Family.Name, null, null, plan.Family.Hash);

    private static void SetHeartbeat(DeviceState device)
    {
        var heartbeat = device.Device.Heartbeat is { } text ? Quantity.Duration(text) : null;
        device.SilenceLimit = (heartbeat ?? device.Plan.Family.HeartbeatOf(device.Device.Model)) * 5 / 2;
        device.Gateway.Enqueue(device, device.HeardAt + device.SilenceLimit);
    }

    /// <summary>What the register says over what the model says over what the family says. The register has checked names and units before the entry was written.</summary>
    internal static double[] SettingsOf(Device device, FamilyPlan plan)
    {
        var ofModel = plan.DefaultsOf(device.Model);
        if (device.Settings.Count == 0)
            return ofModel;
        var values = (double[])ofModel.Clone();
        foreach (var setting in plan.Family.Settings)
        {
            if (!device.Settings.TryGetValue(setting.Name, out var text))
                continue;
            if (setting.IsHours)
                values[setting.Index] = OpenHours.TryParse(text, out var hours) ? hours : double.NaN;
            else if (setting.States.Count > 0)
                values[setting.Index] = setting.States.IndexOf(text) is >= 0 and var state ? state : double.NaN;
            else
                values[setting.Index] = Quantity.TryParse(text, out var quantity, out _) && quantity.TryIn(setting.Unit, out var value) ? value : double.NaN;
        }
        return values;
    }
}

/// <summary>Something that others ask for has changed at a device.</summary>
/// <param name="At">Event time, Unix ms.</param>
internal readonly record struct Move(DeviceState Device, Source Source, long At);

internal static class ReadOnlyListExtensions
{
    public static int IndexOf(this IReadOnlyList<string> list, string item)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (string.Equals(list[i], item, StringComparison.Ordinal))
                return i;
        }
        return -1;
    }
}
