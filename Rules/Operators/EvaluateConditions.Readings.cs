using System.Runtime.InteropServices;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>What a reading is to the rules: of its own device, and of those that link it.</summary>
public sealed partial class EvaluateConditions
{
    /// <summary>What a device says in commissioning, or before it is adopted, raises nothing; it is known when the device goes live.</summary>
    private void Remember(Moment moment, Reading reading, DeviceState device)
    {
        if (device.Jumps.Length > 0)
            SettleJumps(moment, device, reading);
        TakeIn(moment, device, reading);
        _recorder.Record(device, reading.EventTime);
        _affected.Clear();
        // Nobody else is told.
        fleet.Moves.Clear();
    }

    private void OnReading(Moment moment, ReadingEntry entry, DeviceState device)
    {
        var reading = entry.Reading;
        var at = reading.EventTime;
        // Those who look at this device are told what its jumps were before it says something new.
        while (device.NextJump <= at)
        {
            Advance(moment, device, device.NextJump, byReading: false);
            Spread(moment);
        }
        Advance(moment, device, at, byReading: true);
        _blind.Mature(moment, device, at);
        var linking = device.IsLinked ? fleet.Links.LinkingTo(device.Device.Id) : LinkTable.Nobody;
        // What lies before is judged by what the linked device said before.
        foreach (var other in linking)
        {
            if (other.IsEvaluated && other != device)
                Advance(moment, other, at, byReading: false);
        }
        if (device.Jumps.Length > 0)
            SettleJumps(moment, device, reading);
        if (linking.Count > 0)
            _recorder.RecordLinked(device, linking, reading, moment.Verdicts);
        var (accepted, applied) = TakeIn(moment, device, reading);
        if (!accepted)
            return;
        var key = ReadingKey.Of(reading, entry.Position);
        var order = ReadingOrder.Of(reading, key);
        Order(moment, device, order);
        foreach (var other in linking)
        {
            if (other.IsEvaluated && AsksFor(other, device, reading))
                Order(moment, other, order);
        }
        if (!applied)
            return;
        _recorder.Record(device, at);
        device.Woken = Math.Min(device.Woken, at);
        // Where the device has been carried beyond this reading, what lies between has been judged without it already.
        if (at > device.NextExpiry && at >= device.Seen)
            EvaluateAll(moment, device, at, key);
        else
            EvaluateAffected(moment, device, at, key);
        _affected.Clear();
        device.Seen = Math.Max(device.Seen, at);
        device.NextExpiry = EarliestExpiry(device, at);
        _blind.Judge(moment, device, at, key);
        Finish(moment, device);
        foreach (var other in linking)
        {
            if (other.IsEvaluated)
                OnLinked(moment, device, other, reading, key);
        }
    }

    /// <returns>Whether some value was no duplicate, and whether some value is the newest of its channel.</returns>
    private (bool Accepted, bool Applied) TakeIn(Moment moment, DeviceState device, Reading reading)
    {
        var (accepted, applied) = (false, false);
        for (var i = 0; i < reading.Values.Length; i++)
        {
            if (moment.Verdicts is { } verdicts && verdicts[i] != ValueVerdict.Accept)
                continue;
            if (device.Plan.Resolve(reading.Values[i].Channel, i) is not { } channel)
                continue;
            accepted = true;
            var put = Slot.Of(channel.Channel, reading.Values[i], reading.EventTime, reading.Sequence);
            if (Put(moment, device, channel, put))
                applied = true;
            else
            {
                moment.Late = true;
                Recorder.RecordLate(device, channel, put);
            }
        }
        return (accepted, applied);
    }

    /// <summary>A reading that belongs before what the device's rules have decided already calls for an amendment.</summary>
    private void Order(Moment moment, DeviceState device, ReadingOrder order)
    {
        if (order.CompareTo(device.Judged) <= 0)
        {
            moment.OutOfOrder.Add((device, order.Time));
            return;
        }
        device.Judged = order;
        Anchors.Count(moment, device, device.SinceAnchor + 1, fleet.AnchorsApart);
    }

    private static bool AsksFor(DeviceState device, DeviceState linked, Reading reading) =>
        device.Plan.Family.LinkChannels.Any(channel => IsLinked(device, linked, channel, reading));

    private static bool IsLinked(DeviceState device, DeviceState linked, Channel channel, Reading reading) =>
        device.Device.Links.GetValueOrDefault(channel.Link!) == linked.Device.Id && reading.Values.Any(value => value.Channel == channel.Name);

    /// <summary>A linked device has reported: conditions that ask for its channels are judged at that moment.</summary>
    private void OnLinked(Moment moment, DeviceState linked, DeviceState device, Reading reading, ulong key)
    {
        var at = reading.EventTime;
        foreach (var channel in device.Plan.Family.LinkChannels)
        {
            if (!IsLinked(device, linked, channel, reading))
                continue;
            AddAffected(device.Main, channel);
            foreach (var instance in device.Instances)
                AddAffected(instance, channel);
        }
        if (_affected.Count == 0)
            return;
        _recorder.Record(device, at);
        device.Woken = Math.Min(device.Woken, at);
        EvaluateAffected(moment, device, at, key);
        _affected.Clear();
        device.Seen = Math.Max(device.Seen, at);
        Finish(moment, device);
    }

    /// <summary>False for a value older than the newest of its channel: it is history, not the present.</summary>
    private bool Put(Moment moment, DeviceState device, ChannelRef channel, in Slot put)
    {
        var block = device.BlockOf(channel);
        ref var slot = ref block.Slots[device.Plan.SlotOf[channel.Channel.Index]];
        if (!put.Replaces(slot))
            return false;
        if (channel.Channel.MaxRate is not null)
        {
            if (!Keep(moment, device, channel, slot, put, out var waits))
                return false;
            if (waits)
                return true;
        }
        slot = put;
        AddAffected(device, block, channel.Channel);
        return true;
    }

    /// <summary>What the device has once may be asked for of each instance, and the other way round.</summary>
    private void AddAffected(DeviceState device, Block block, Channel channel)
    {
        AddAffected(block, channel);
        if (block != device.Main)
            AddAffected(device.Main, channel);
        else
        {
            foreach (var instance in device.Instances)
                AddAffected(instance, channel);
        }
    }

    private void AddAffected(Block block, Channel channel)
    {
        _recorder.Add(block, channel);
        foreach (var rule in block.Plan.ByChannel[channel.Index])
        {
            if (IsAffected(block, rule))
                continue;
            rule.Listed = _affected.Count;
            _affected.Add((block, rule));
        }
    }

    private bool IsAffected(Block block, RulePlan rule)
    {
        var affected = CollectionsMarshal.AsSpan(_affected);
        if (rule.Listed < affected.Length && affected[rule.Listed].Rule == rule && affected[rule.Listed].Block == block)
            return true;
        // What a device has once stands nowhere else.
        if (block.Plan.Group is null)
            return false;
        foreach (var (other, known) in affected)
        {
            if (known == rule && other == block)
                return true;
        }
        return false;
    }
}
