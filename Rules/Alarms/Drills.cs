using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Rules.Alarms;

/// <summary>A real alarm ends the drill in its district, and exercises of which a part lies there as a whole, aloud: <c>system/drill_ended</c>, over as soon as it is there and standing until someone has seen it.</summary>
internal sealed class Drills(Occurrences occurrences, Fleet fleet)
{
    /// <returns>Devices that are live again.</returns>
    public List<DeviceState> EndedBy(List<AlarmTransition> written, Moment moment)
    {
        var ended = new List<DeviceState>();
        if (fleet.ForAWhile.Count == 0)
            return ended;
        foreach (var alarm in written.Where(transition => IsReal(transition)).Select(transition => transition.Alarm).ToList())
        {
            var there = fleet.ForAWhile.Values.Where(device => device.Device.State == "drill" && device.Device.District == alarm.District).ToList();
            if (there.Count == 0)
                continue;
            var exercises = new SortedSet<string>(there.Select(device => device.Device.Exercise).OfType<string>(), StringComparer.Ordinal);
            var drilling = fleet.ForAWhile.Values
                .Where(device => device.Device.State == "drill" && (device.Device.District == alarm.District || (device.Device.Exercise is { } exercise && exercises.Contains(exercise)))).ToList();
            foreach (var device in drilling)
            {
                var live = Modes.Live(device.Device);
                fleet.Set(live, device.Plan, moment.Entry.Time);
                moment.ChangedDevices.Add(live);
            }
            Tell(moment.Entry, alarm, drilling.Count, exercises);
            ended.AddRange(drilling);
        }
        return ended;
    }

    private static bool IsReal(AlarmTransition transition) =>
        transition is { To: AlarmState.ActiveUnacknowledged, Alarm: { Kind: AlarmKind.Alarm, Mode: null, District: not null } }
        && (transition.From != AlarmState.ActiveUnacknowledged || transition.Cause is "moved" or "climbed" or "escalated");

    private void Tell(LogEntry entry, Alarm alarm, int devices, SortedSet<string> exercises)
    {
        if (fleet.Plan("system") is not { } plan || plan.Family.Rules.FirstOrDefault(rule => rule.Name == "drill_ended") is not { } rule)
            return;
        var subject = new Subject(alarm.District!, plan.Family.Name, alarm.District, null, plan.Family.Hash);
        var over = exercises.Count == 0 ? "" : $"{string.Join(", ", exercises)} is over: ";
        var evidence = new Evidence(null, null, null, null, null, $"{over}{alarm.Rule} at {alarm.Device} is real; {devices} devices are live again");
        occurrences.Apply(entry, new ConditionChange(subject, rule, 0, 0, entry.Time, (ulong)entry.Time, evidence));
        occurrences.Apply(entry, new ConditionChange(subject, rule, 0, -1, entry.Time, (ulong)entry.Time, default));
    }
}
