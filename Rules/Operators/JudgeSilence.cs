using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>
/// Fourth stage, after the gateways: a device of the register that has given no sign of life for 2.5 heartbeats, counted while the service and
/// its gateway were up, is silent. One that has never been seen counts from the moment it was registered.
/// </summary>
public sealed class JudgeSilence(Fleet fleet)
{
    private readonly List<DeviceState> _silent = [];
    private readonly DeviceInputs _inputs = new(fleet);

    public Moment Apply(Moment moment)
    {
        switch (moment.Entry)
        {
            case ReadingEntry { Reading.IsRedecoded: true } entry when moment.Device is { } device:
                device.LastContact = Math.Max(device.LastContact, entry.Contact);
                break;
            case ReadingEntry when moment.Device is { } device:
                Heard(moment, device);
                break;
            case TickEntry:
                OnTick(moment);
                break;
        }
        return moment;
    }

    private void OnTick(Moment moment)
    {
        foreach (var gateway in fleet.GatewaysInOrder.Values)
        {
            if (gateway.Up)
                gateway.TakeSilent(_silent);
        }
        // The queues' order is not the log's: the register's order is the same on every machine.
        _silent.Sort((a, b) => a.Index.CompareTo(b.Index));
        _silent.RemoveAll(device => !FellSilent(moment, device));
        // The cause before its effects, and each of two neighbours knows of the other.
        fleet.MassSilence.Judge(moment, fleet.Plan(Fleet.AreaFamily), GravityOf);
        foreach (var device in _silent)
            Record(device, moment.Entry.Time);
        foreach (var device in _silent)
            Settle(moment, device);
        _silent.Clear();
    }

    private void Heard(Moment moment, DeviceState device)
    {
        device.HeardAt = device.Gateway.Clock;
        device.LastContact = moment.Entry.Time;
        if (device.Silence.Truth != Truth.True)
            return;
        Delays.Note(ref device.Silence, Truth.False, moment.Entry.Time, 0);
        fleet.MassSilence.Heard(device);
        Record(device, moment.Entry.Time);
        device.Gateway.Enqueue(device, device.HeardAt + device.SilenceLimit);
        Settle(moment, device);
    }

    /// <summary>False for one that is known to be silent: it may stand in the queue twice.</summary>
    private bool FellSilent(Moment moment, DeviceState device)
    {
        if (device.Plan.Silence is null || !device.IsEvaluated || device.Silence.Truth == Truth.True)
            return false;
        Delays.Note(ref device.Silence, Truth.True, moment.Entry.Time, (ulong)moment.Entry.Time);
        fleet.MassSilence.FellSilent(device);
        return true;
    }

    /// <summary>For conditions that ask for the alarm of silence.</summary>
    private void Record(DeviceState device, long at)
    {
        if (device.Plan.SilenceAlarm is { } source)
            fleet.Record(device, device.Main, source, at, Num.Of(device.Silence.Truth == Truth.True ? 1 : 0));
    }

    private void Settle(Moment moment, DeviceState device)
    {
        // Silence has its delay in its limit, and one sound ends it.
        if (device.Plan.Silence is not { } rule || device.Silence.Active == (device.Silence.Truth == Truth.True))
            return;
        device.Silence.Active = !device.Silence.Active;
        var detail = device.LastContact == 0 ? "never seen" : $"no contact since {Iso.Time(device.LastContact)}";
        moment.Changes.Add(new ConditionChange(
            Fleet.SubjectOf(device), rule, 0, device.Silence.Active ? StepOf(device, rule) : -1, device.Silence.Since, device.Silence.Key, new Evidence(null, null, null, null, null, detail)));
    }

    /// <summary>As its own alarm would be; a ticket is nobody's alarm.</summary>
    private Severity GravityOf(DeviceState device) => device.Plan.Silence is { } rule && rule.Steps[StepOf(device, rule)] is { Kind: AlarmKind.Alarm } step ? step.Severity : Severity.Low;

    /// <summary>The highest step whose condition the last values meet; the lowest has none.</summary>
    private int StepOf(DeviceState device, Rule rule)
    {
        _inputs.Point(device, device.Main, device.Seen);
        for (var i = rule.Steps.Count - 1; i > 0; i--)
        {
            if (rule.Steps[i].Condition?.Evaluate(_inputs) == Truth.True)
                return i;
        }
        return 0;
    }
}
