using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;

namespace Telemetry.Rules.Operators;

/// <summary>
/// A <see cref="Jump"/> that counts, counts from its own time: conditions are judged there after the fact. What was said or told in the meantime stays:
/// each is judged no earlier than that.
/// </summary>
internal sealed class CatchUp(Fleet fleet)
{
    private readonly List<Jump> _jumps = [];
    private long _until = long.MinValue;

    /// <param name="until">Event time, Unix ms, to which the rules of the device had come.</param>
    public void Begin(Jump jump, long until)
    {
        _jumps.Add(jump);
        _until = Math.Max(_until, until);
    }

    public void End()
    {
        _jumps.Clear();
        _until = long.MinValue;
    }

    /// <summary>The event time at which a rule is judged that was to be judged at <paramref name="at"/>.</summary>
    public long TimeOf(DeviceState device, Block block, RulePlan rule, long at)
    {
        if (at >= _until)
            return at;
        // What other alarms, devices or the calendar say is known for now alone.
        if (rule.Conditions.Any(condition => condition.Counts.Count > 0 || condition.Neighbours.Count > 0 || condition.AsksCalendar || condition.Sources.Any(source => source.Rule is not null)))
            return _until;
        foreach (var jump in _jumps)
            at = Math.Max(at, jump.Moved.GetValueOrDefault((rule.Rule.Index, block.Instance)));
        return Math.Min(LastReport(device, rule.Conditions.SelectMany(condition => condition.Channels), at), _until);
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
