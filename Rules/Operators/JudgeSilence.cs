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
            case ReadingEntry when moment.Device is { } device:
                Heard(moment, device);
                break;
            case TickEntry:
                foreach (var gateway in fleet.GatewaysInOrder.Values)
                {
                    if (gateway.Up)
                        gateway.TakeSilent(_silent);
                }
                // The queues' order is not the log's: the register's order is the same on every machine.
                _silent.Sort((a, b) => a.Index.CompareTo(b.Index));
                foreach (var device in _silent)
                    Silent(moment, device);
                _silent.Clear();
                break;
        }
        return moment;
    }

    private void Heard(Moment moment, DeviceState device)
    {
        device.HeardAt = device.Gateway.Clock;
        device.LastContact = moment.Entry.Time;
        if (device.Silence.Truth != Truth.True)
            return;
        Delays.Note(ref device.Silence, Truth.False, moment.Entry.Time, 0);
        device.Gateway.Enqueue(device, device.HeardAt + device.SilenceLimit);
        Settle(moment, device);
    }

    private void Silent(Moment moment, DeviceState device)
    {
        if (device.Plan.Silence is null || !device.IsEvaluated)
            return;
        Delays.Note(ref device.Silence, Truth.True, moment.Entry.Time, (ulong)moment.Entry.Time);
        Settle(moment, device);
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
