using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>What a condition reads: one device at one moment of event time. One object for all devices, pointed at each in turn.</summary>
public sealed class DeviceInputs(Fleet fleet) : ConditionInputs
{
    private int[] _instances = new int[16];
    private DeviceInputs? _neighbour;

    public DeviceState Device { get; set; } = null!;

    /// <summary>The block that the rule belongs to; its instance is looked up first.</summary>
    public Block Block { get; set; } = null!;

    public void Point(DeviceState device, Block block, long at)
    {
        // Most often it is the one before: a store would cost more than the look.
        if (Device != device)
            Device = device;
        if (Block != block)
            Block = block;
        At = at;
        Instance = block.Instance;
        Holding = false;
    }

    public override Num Value(Channel channel)
    {
        if (channel.Link is { } role)
            return Linked(role) is { } linked ? linked.ValueAt(channel, At) : Num.Absent;
        var block = channel.Group is null ? Device.Main : InstanceBlock(channel.Group);
        if (block is null)
            return Num.Absent;
        return block.Slots[Device.Plan.SlotOf[channel.Index]].At(channel, At);
    }

    public override bool MayBeOnItsWay(Channel channel)
    {
        var block = channel.Group is null ? Device.Main : InstanceBlock(channel.Group);
        return block is not null && block.Slots[Device.Plan.SlotOf[channel.Index]].EndOfHold(channel) is var end && At > end && !Device.HasReportedAfter(end);
    }

    public override Num Setting(Setting setting)
    {
        var value = Device.Settings[setting.Index];
        return double.IsNaN(value) ? Num.Unknown : Num.Of(value);
    }

    public override Trace? Trace(Source source)
    {
        if (source.Link is { } role)
            return Device.Device.Links.TryGetValue(role, out var id) ? fleet.LinkTraces.Find(id, Device.Device.Family, source) : null;
        var block = source.Group is null ? Device.Main : InstanceBlock(source.Group);
        return block?.Traces[Device.Plan.TraceOf[source.Index]];
    }

    public override ReadOnlySpan<int> Instances(string group)
    {
        var count = 0;
        foreach (var block in Device.Instances)
        {
            if (block.Plan.Group != group)
                continue;
            if (count == _instances.Length)
                Array.Resize(ref _instances, count * 2);
            _instances[count++] = block.Instance;
        }
        return _instances.AsSpan(0, count);
    }

    public override Num CountIn(PlaceCount count) => fleet.Places.CountAt(Device, count, At);

    public override Truth Neighbour(Source source)
    {
        var (before, after) = fleet.Neighbours.Of(Device);
        return Logic.Or(AtNeighbour(before, source), AtNeighbour(after, source));
    }

    public override Truth InCalendar(CalendarKind kind, string? name) => Logic.Of(fleet.Calendar.IsInForce(Device.Device, kind, name, At));

    public override Truth ClosedHours(Setting hours)
    {
        var value = Device.Settings[hours.Index];
        if (double.IsNaN(value))
            return Truth.Unknown;
        return Logic.Of(!OpenHours.IsOpen(value, At) || fleet.Calendar.IsInForce(Device.Device, CalendarKind.Holiday, null, At));
    }

    private Truth AtNeighbour(DeviceState? other, Source source)
    {
        if (other is not { IsEvaluated: true })
            return Truth.False;
        if (source.Rule is not null)
            return Logic.Of(other.Main.Traces[other.Plan.TraceOf[source.Index]]?.Present ?? Num.Of(0));
        _neighbour ??= new DeviceInputs(fleet);
        _neighbour.Point(other, other.Main, At);
        return Logic.Of(source.Evaluate(_neighbour));
    }

    private Block? InstanceBlock(string group) =>
        Block.Instance == Instance && Block.Plan.Group == group ? Block : Device.FindInstance(group, Instance);

    private DeviceState? Linked(string role) => Device.Device.Links.TryGetValue(role, out var id) ? fleet.Find(id) : null;
}
