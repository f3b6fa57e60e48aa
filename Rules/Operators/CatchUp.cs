using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;

namespace Telemetry.Rules.Operators;

/// <summary>
/// A <see cref="Jump"/> that counts, counts from its own time: conditions are judged there after the fact. What was said or told in the meantime stays:
/// each is judged no earlier than that.
/// </summary>
internal sealed class CatchUp(Fleet fleet)
{
    private long _until = long.MinValue;
    private long _notBefore;

    /// <param name="until">Event time, Unix ms, to which the rules of the device had come.</param>
    public void Begin(Jump jump, long until) =>
        (_until, _notBefore) = (Math.Max(_until, until), Math.Max(_notBefore, jump.NotBefore));

    public void End() => (_until, _notBefore) = (long.MinValue, 0);

    /// <summary>The event time at which a condition is judged that was to be judged at <paramref name="at"/>.</summary>
    public long TimeOf(DeviceState device, Condition condition, long at)
    {
        if (at >= _until)
            return at;
        // What other alarms, devices or the calendar say is known for now alone.
        if (condition.Counts.Count > 0 || condition.Neighbours.Count > 0 || condition.AsksCalendar || condition.Sources.Any(source => source.Rule is not null))
            return _until;
        return Math.Min(LastReport(device, condition.Channels, Math.Max(at, _notBefore)), _until);
    }

    /// <summary>The same for what functions over time look back on.</summary>
    public long TimeOf(DeviceState device, Block block, Source source, long at)
    {
        if (at >= _until || source.Channel is not null)
            return at;
        if (source.IsAskedElsewhere || source.Parts.Any(part => part.Rule is not null))
            return _until;
        var reported = block.Traces[device.Plan.TraceOf[source.Index]]?.Reported ?? at;
        return Math.Max(Math.Min(LastReport(device, source.Channels, at), _until), reported);
    }

    private long LastReport(DeviceState device, IEnumerable<Channel> channels, long at)
    {
        foreach (var channel in channels)
        {
            if (channel.Link is { } role)
            {
                if (device.Device.Links.TryGetValue(role, out var id) && fleet.Find(id) is { } linked && linked.FindSlot(channel) is { } slot)
                    at = Math.Max(at, linked.Newest(slot).Time);
                continue;
            }
            foreach (var block in device.Blocks)
            {
                if (block.Plan.Group == channel.Group)
                    at = Math.Max(at, block.Slots[device.Plan.SlotOf[channel.Index]].Time);
            }
        }
        return at;
    }
}
