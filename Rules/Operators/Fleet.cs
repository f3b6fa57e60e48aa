using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>All devices, gateways and families that the log has named so far: the register as the rules see it.</summary>
public sealed class Fleet
{
    private readonly Dictionary<string, DeviceState> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, GatewayState> _gateways = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FamilyPlan> _plans = new(StringComparer.Ordinal);

    /// <summary>By dense index.</summary>
    public List<DeviceState> Devices { get; } = [];

    public IReadOnlyDictionary<string, FamilyPlan> Plans => _plans;

    /// <summary>In the order of their ids, so that a tick treats them the same way on every machine.</summary>
    public SortedDictionary<string, GatewayState> GatewaysInOrder { get; } = new(StringComparer.Ordinal);

    /// <summary>Who is linked by whom.</summary>
    internal LinkTable Links { get; } = new();

    internal LinkTraces LinkTraces { get; } = new();

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
        foreach (var device in Devices)
            device.AwaitsAdoption = false;
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
    public DeviceState Set(Device device, FamilyPlan plan)
    {
        var gateway = Gateway(device.Gateway ?? "");
        if (!_byId.TryGetValue(device.Id, out var state))
        {
            _byId[device.Id] = state = new DeviceState(Devices.Count, device, plan, gateway) { HeardAt = gateway.Clock, AwaitsAdoption = Adoption };
            Devices.Add(state);
        }
        else if (state.Gateway != gateway)
        {
            state.Gateway = gateway;
            state.HeardAt = gateway.Clock;
        }
        Links.Set(state, device);
        state.Device = device;
        // What was evaluated before credentials came stays evaluated: its alarms must not be left standing.
        state.AwaitsAdoption &= device.State == "provisional";
        state.Settings = SettingsOf(device, plan);
        SetHeartbeat(state);
        return state;
    }

    /// <summary>A family file takes effect, and its devices go on under it.</summary>
    /// <returns>The rules whose highest standing step the new file has no longer, by device.</returns>
    public IReadOnlyList<(DeviceState Device, Block Block, RulePlan Rule)> Set(FamilyPlan plan)
    {
        var move = _plans.TryGetValue(plan.Family.Name, out var before) ? new FamilyMove(before, plan) : null;
        _plans[plan.Family.Name] = plan;
        if (move is null)
            return [];
        var topsGone = new List<(DeviceState, Block, RulePlan)>();
        var ofDevice = new List<(Block Block, RulePlan Rule)>();
        foreach (var device in Devices)
        {
            if (device.Device.Family != plan.Family.Name)
                continue;
            device.MoveTo(move, ofDevice);
            topsGone.AddRange(ofDevice.Select(gone => (device, gone.Block, gone.Rule)));
            ofDevice.Clear();
            device.Settings = SettingsOf(device.Device, plan);
            SetHeartbeat(device);
        }
        return topsGone;
    }

    public FamilyPlan? Plan(string family) => _plans.GetValueOrDefault(family);

    public static Subject SubjectOf(DeviceState device) =>
        new(device.Device.Id, device.Device.Family, device.Device.District, device.Device.Street, device.Plan.Family.Hash);

    /// <summary>The built-in families' subjects: a gateway's id, an area's name, <c>telemetry</c> for the service.</summary>
    public static Subject SubjectOf(string id, FamilyPlan plan) => new(id, plan.Family.Name, null, null, plan.Family.Hash);

    private static void SetHeartbeat(DeviceState device)
    {
        var heartbeat = device.Device.Heartbeat is { } text ? Quantity.Duration(text) : null;
        device.SilenceLimit = (heartbeat ?? device.Plan.Family.HeartbeatOf(device.Device.Model)) * 5 / 2;
        if (device.SilenceLimit < device.Gateway.QuietLimit)
            device.Gateway.QuietLimit = device.SilenceLimit;
        device.Gateway.Enqueue(device, device.HeardAt + device.SilenceLimit);
    }

    /// <summary>What the register says over what the model says over what the family says. The register has checked names and units before the entry was written.</summary>
    private static double[] SettingsOf(Device device, FamilyPlan plan)
    {
        var ofModel = plan.DefaultsOf(device.Model);
        if (device.Settings.Count == 0)
            return ofModel;
        var values = (double[])ofModel.Clone();
        foreach (var setting in plan.Family.Settings)
        {
            if (!device.Settings.TryGetValue(setting.Name, out var text))
                continue;
            if (setting.States.Count > 0)
                values[setting.Index] = setting.States.IndexOf(text) is >= 0 and var state ? state : double.NaN;
            else
                values[setting.Index] = Quantity.TryParse(text, out var quantity, out _) && quantity.TryIn(setting.Unit, out var value) ? value : double.NaN;
        }
        return values;
    }
}

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
