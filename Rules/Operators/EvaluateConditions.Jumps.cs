using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>Values beyond what their channel can have done: kept apart until the next one, or the end of their wait, says what they were.</summary>
public sealed partial class EvaluateConditions
{
    /// <summary>False for a value that another one of its time takes the place of.</summary>
    private static bool Keep(Moment moment, DeviceState device, ChannelRef channel, in Slot before, in Slot put, out bool waits)
    {
        waits = false;
        var known = Waiting(device, channel);
        if (known is not null && put.Time >= known.Value.Time)
        {
            if (!put.Replaces(known.Value))
                return false;
            Remove(device, known);
            known = null;
        }
        // One that comes late, from before a jump that waits, is the past already.
        if (!Jump.Is(channel.Channel, before, put))
            return true;
        if (known is not null)
            return false;
        var reading = ((ReadingEntry)moment.Entry).Reading;
        device.Jumps = [.. device.Jumps, new Jump(channel, put, ReadingKey.Of(reading, moment.Entry.Position))];
        return waits = true;
    }

    /// <summary>The values of a reading say what became of the jumps before them.</summary>
    private void SettleJumps(Moment moment, DeviceState device, Reading reading)
    {
        for (var i = 0; i < reading.Values.Length; i++)
        {
            if ((moment.Verdicts is { } verdicts && verdicts[i] != ValueVerdict.Accept) || device.Plan.Resolve(reading.Values[i].Channel) is not { } channel)
                continue;
            if (Waiting(device, channel) is not { } jump || reading.EventTime <= jump.Value.Time)
                continue;
            var before = device.BlockOf(channel).Slots[device.Plan.SlotOf[channel.Channel.Index]];
            if (jump.IsRefutedBy(before, Slot.Of(channel.Channel, reading.Values[i], reading.EventTime, reading.Sequence)))
                Remove(device, jump);
            else
                CountJump(moment, device, jump, reading.EventTime);
        }
        // What changes by itself since the jump.
        if (device.IsEvaluated)
            Advance(moment, device, reading.EventTime, byReading: true);
        _recorder.CatchUp.End();
    }

    /// <summary>Carries jumps of any device whose wait has ended; in the order in which it did.</summary>
    public void CountJumps(Moment moment, long until)
    {
        while (fleet.Devices.Where(device => device.NextJump <= until && device.IsEvaluated).MinBy(device => device.NextJump) is { } device)
            Advance(moment, device, device.NextJump, byReading: false);
        Spread(moment);
    }

    /// <summary>It counts from its own time.</summary>
    /// <param name="now">Event time at which that is known, Unix ms.</param>
    private void CountJump(Moment moment, DeviceState device, Jump jump, long now)
    {
        var at = jump.Value.Time;
        Remove(device, jump);
        var block = device.BlockOf(jump.Channel);
        block.Slots[device.Plan.SlotOf[jump.Channel.Channel.Index]] = jump.Value;
        AddAffected(device, block, jump.Channel.Channel);
        _recorder.CatchUp.Begin(jump, now);
        _recorder.Record(device, at);
        device.Woken = Math.Min(device.Woken, at);
        if (device.IsEvaluated)
        {
            EvaluateAffected(moment, device, at, jump.Key);
            device.Seen = Math.Max(device.Seen, now);
            if (jump.Channel.Channel.Hold is { } hold)
                device.NextExpiry = Math.Min(device.NextExpiry, at + hold);
            device.NextDue = EarliestDue(device);
            device.JudgeAt(now);
        }
        _affected.Clear();
    }

    // Of its own: every value comes to where it is called, and a closure would be made for each.
    private static void Remove(DeviceState device, Jump jump) => device.Jumps = [.. device.Jumps.Where(other => other != jump)];

    private static Jump? Waiting(DeviceState device, ChannelRef channel)
    {
        foreach (var jump in device.Jumps)
        {
            if (jump.Channel.Channel == channel.Channel && jump.Channel.Instance == channel.Instance)
                return jump;
        }
        return null;
    }
}
