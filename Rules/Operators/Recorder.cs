using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>Keeps the traces that functions over time look back on: what readings say, what becomes of conditions, when alarms stand.</summary>
internal sealed class Recorder(Fleet fleet)
{
    private readonly DeviceInputs _inputs = new(fleet);
    private readonly List<(Block Block, Source Source)> _affected = [];

    public CatchUp CatchUp { get; } = new(fleet);

    /// <summary>A channel of the device was reported: what is made of it has to be looked at.</summary>
    public void Add(Block block, Channel channel)
    {
        foreach (var source in block.Plan.SourcesByChannel[channel.Index])
            Insert(block, source);
    }

    /// <summary>In the order of the family, once.</summary>
    private void Insert(Block block, Source source)
    {
        var at = _affected.Count;
        for (; at > 0; at--)
        {
            var (before, other) = _affected[at - 1];
            if (other == source && before == block)
                return;
            if (other.Index < source.Index || (other.Index == source.Index && before.Instance < block.Instance))
                break;
        }
        _affected.Insert(at, (block, source));
    }

    /// <summary>Records what was added, the parts before what is made of them.</summary>
    public void Record(DeviceState device, long at)
    {
        foreach (var (block, source) in _affected)
            Record(device, block, source, at);
        _affected.Clear();
    }

    /// <summary>A value that is older than the newest of its channel: it finds its place in the windows; what else it changes, the amendment finds.</summary>
    public static void RecordLate(DeviceState device, ChannelRef channel, in Slot value)
    {
        var block = device.BlockOf(channel);
        // Of two values of one time the one that stands is in the window already.
        if (block.Slots[device.Plan.SlotOf[channel.Channel.Index]].Time == value.Time)
            return;
        foreach (var source in block.Plan.SourcesByChannel[channel.Channel.Index])
        {
            if (source.Channel == channel.Channel && source.Keep > 0)
                block.TraceOf(device.Plan, source).Record(value.Time, value.At(channel.Channel, value.Time), source);
        }
    }

    /// <summary>What others remember of a device that they link, each family once.</summary>
    public void RecordLinked(DeviceState device, IReadOnlyList<DeviceState> linking, Reading reading, ValueVerdict[]? verdicts)
    {
        foreach (var plan in linking.Select(other => other.Plan).Distinct())
        {
            foreach (var source in plan.LinkSources)
            {
                for (var i = 0; i < reading.Values.Length; i++)
                {
                    if (reading.Values[i].Channel == source.Channel!.Name && (verdicts is null || verdicts[i] == ValueVerdict.Accept) && device.Plan.Resolve(source.Channel.Name) is { } own)
                        fleet.LinkTraces.Get(device.Device.Id, plan.Family.Name, source).Record(reading.EventTime, Slot.Of(own.Channel, reading.Values[i], reading.EventTime).At(source.Channel, reading.EventTime), source);
                }
            }
        }
    }

    /// <summary>Values may have ceased to count: conditions made of them have become unknown.</summary>
    public void RecordConditions(DeviceState device, long at)
    {
        foreach (var block in device.Blocks)
        {
            foreach (var source in block.Plan.Sources)
            {
                if (source is not { ChangesOnly: true, Channel: null, Rule: null })
                    continue;
                // What others ask for counts from now on, though its channels were reported before the rule was written.
                if (block.Traces[device.Plan.TraceOf[source.Index]] is not null || (source.IsAskedElsewhere && IsTold(device, block, source, at)))
                    Record(device, block, source, at);
            }
        }
    }

    /// <summary>Alarms that stand, where a new file asks for them: they have been there all along.</summary>
    public void RecordStanding(DeviceState device, long at)
    {
        foreach (var block in device.Blocks)
        {
            foreach (var alarm in block.Plan.Alarms)
            {
                if (block.Traces[device.Plan.TraceOf[alarm.Source.Index]]?.Present.Value != 1 && block.TopStep(alarm.Rule) >= alarm.Step)
                    fleet.Record(device, block, alarm.Source, at, Num.Of(1));
            }
        }
    }

    private bool IsTold(DeviceState device, Block block, Source source, long at)
    {
        _inputs.Point(device, block, at);
        return source.Evaluate(_inputs).State != NumState.Absent;
    }

    /// <summary>Sources that change by themselves at this moment, and what is made of them.</summary>
    public void Wake(DeviceState device, long at, List<(Block Block, Source Source)> into)
    {
        foreach (var block in device.Blocks)
        {
            foreach (var (i, spans) in block.Plan.Waking)
            {
                if (block.Traces[i] is not { } trace)
                    continue;
                foreach (var span in spans)
                {
                    if (trace.Since + span == at || trace.ChangedAt + span == at)
                        into.Add((block, block.Plan.Sources[i]));
                }
            }
        }
        foreach (var (block, source) in into)
            RecordMadeOf(device, block, source, at);
    }

    /// <summary>Records what is made of a source of this block: in the block, and where that is the device's own, in its instances, or the other way round.</summary>
    public void RecordMadeOf(DeviceState device, Block block, Source source, long at)
    {
        foreach (var other in device.Blocks)
        {
            if (other != block && other != device.Main && block != device.Main)
                continue;
            foreach (var made in other.Plan.SourcesBySource[source.Index])
                Record(device, other, made, at);
        }
    }

    /// <param name="moved">Gets the alarms that conditions may ask for and that came or went.</param>
    public void RecordAlarm(DeviceState device, Block block, RulePlan rule, int top, long at, List<(Block Block, Source Source)> moved)
    {
        foreach (var alarm in block.Plan.Alarms)
        {
            if (alarm.Rule != rule)
                continue;
            var trace = block.TraceOf(device.Plan, alarm.Source);
            var (stood, stands) = (trace.Present.Value == 1, top >= alarm.Step);
            // A latched one stands until it is reset.
            if (stood == stands || (stood && rule.Rule.Steps[alarm.Step].Latched))
                continue;
            fleet.Record(device, block, alarm.Source, at, Num.Of(stands ? 1 : 0));
            moved.Add((block, alarm.Source));
        }
    }

    /// <summary>Event time at which some condition next changes by itself, Unix ms; <see cref="long.MaxValue"/> for none.</summary>
    public static long NextWake(DeviceState device)
    {
        var next = long.MaxValue;
        if (!device.Plan.Wakes)
            return next;
        foreach (var block in device.Blocks)
        {
            foreach (var (i, spans) in block.Plan.Waking)
            {
                if (block.Traces[i] is not { } trace)
                    continue;
                foreach (var span in spans)
                {
                    Consider(trace.Since, span);
                    Consider(trace.ChangedAt, span);
                }
            }
        }
        return Math.Min(next, NextOpening(device));

        // 0: it was never known.
        void Consider(long since, long span)
        {
            if (since > 0 && since + span > device.Woken && since + span < next)
                next = since + span;
        }
    }

    /// <summary>When the device next opens or closes; one that was never heard has nothing to be judged.</summary>
    public static long NextOpening(DeviceState device) =>
        device.Plan.OpenHours is { } hours && device.Seen > 0 && device.Settings[hours.Index] is var value && !double.IsNaN(value)
            ? OpenHours.NextChange(value, device.Seen)
            : long.MaxValue;

    private void Record(DeviceState device, Block block, Source source, long at)
    {
        at = CatchUp.TimeOf(device, block, source, at);
        _inputs.Point(device, block, at);
        fleet.Record(device, block, source, at, source.Evaluate(_inputs));
    }
}
