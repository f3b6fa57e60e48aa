using Telemetry.Rules.Conditions;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>
/// Fourth stage, after the gateways: a device of the register that has given no sign of life for 2.5 heartbeats, counted while the service and
/// its gateway were up, is silent. One that has never been seen counts from the moment it was registered.
/// </summary>
public sealed class JudgeSilence(Fleet fleet)
{
    private readonly List<DeviceState> _silent = [];

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

    private static void Heard(Moment moment, DeviceState device)
    {
        device.HeardAt = device.Gateway.Clock;
        device.LastContact = moment.Entry.Time;
        if (device.Silence.Truth != Truth.True)
            return;
        Delays.Note(ref device.Silence, Truth.False, moment.Entry.Time, 0);
        device.Gateway.Enqueue(device, device.HeardAt + device.SilenceLimit);
        Settle(moment, device);
    }

    private static void Silent(Moment moment, DeviceState device)
    {
        if (device.Plan.Silence is null || !device.IsEvaluated)
            return;
        Delays.Note(ref device.Silence, Truth.True, moment.Entry.Time, (ulong)moment.Entry.Time);
        Settle(moment, device);
    }

    private static void Settle(Moment moment, DeviceState device)
    {
        if (device.Plan.Silence is not { } rule || !Delays.Mature(ref device.Silence, rule.Steps[0] with { OnDelay = 0, OffDelay = 0 }, moment.Entry.Time, out var at))
            return;
        var detail = device.LastContact == 0 ? "never seen" : $"no contact since {Iso.Time(device.LastContact)}";
        moment.Changes.Add(new ConditionChange(
            Fleet.SubjectOf(device), rule, 0, device.Silence.Active ? 0 : -1, at, device.Silence.Key, new Evidence(null, null, null, null, null, detail)));
    }
}
