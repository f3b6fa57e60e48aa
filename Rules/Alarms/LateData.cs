using Telemetry.Rules.Model;

namespace Telemetry.Rules.Alarms;

/// <summary>Late data at the alarms: one that was made known is changed, never removed; one that nobody knew is entered as history.</summary>
internal sealed class LateData(OpenAlarms open, Occurrences occurrences)
{
    public const string Cause = "amended_by_late_data";

    public void Apply(LogEntry entry, Amendment amendment)
    {
        if (amendment.Alarm is not { } known)
        {
            var alarm = occurrences.Of(entry, amendment.New!.Value);
            open.Change(alarm, alarm with { RaisedAt = amendment.RaisedAt, ClearedAt = amendment.ClearedAt, Retrospective = true, AmendedAt = entry.Time }, amendment.RaisedAt, Cause);
            return;
        }
        var standing = open.Find(AlarmSlot.Of(known));
        // An amendment before this one may have ended it.
        var before = standing?.Id == known.Id ? standing : open.Written.FindLast(written => written.Alarm.Id == known.Id)?.Alarm ?? known;
        var to = After(before, amendment);
        // It has ended and stands again: what stood in its place makes room.
        if (standing is not null && standing.Id != known.Id && to != AlarmState.Normal)
            open.Change(standing, (standing with { Overlay = null, SuppressedBy = null }).Settled(AlarmState.Normal), amendment.RaisedAt, "recurred");
        var after = Amended(entry, before, amendment, to);
        if (before.Holds && after is { Holds: false, Overlay.OneShot: true })
            after = OverlayActions.Off(after).Announced(entry.Time);
        open.Change(before, after, amendment.ClearedAt ?? amendment.RaisedAt, Cause);
    }

    private static Alarm Amended(LogEntry entry, Alarm before, Amendment amendment, AlarmState to)
    {
        var after = before with
        {
            RaisedAt = amendment.RaisedAt,
            ClearedAt = amendment.ClearedAt,
            AmendedAt = entry.Time,
            RetractedAt = amendment.Retracted ? entry.Time : null,
            Step = amendment.Retracted ? before.Step : amendment.Step,
            Latches = before.Latches || amendment.Latches,
        };
        if (to is AlarmState.ClearedUnacknowledged && before.Underlying != to)
            after = after with { AcknowledgedAt = null, AcknowledgedBy = null };
        after = after.Settled(to);
        var sounds = to == AlarmState.ActiveUnacknowledged ? !before.Holds : to == AlarmState.LatchedUnacknowledged && before.Underlying is (AlarmState.Normal or AlarmState.ClearedUnacknowledged);
        return sounds ? (after with { Retrospective = false }).Announced(entry.Time) : after;
    }

    private static AlarmState After(Alarm before, Amendment amendment)
    {
        // Whoever saw it, and whoever is on the way, is told.
        if (amendment.Retracted)
            return before.Underlying == AlarmState.Normal ? AlarmState.Normal : AlarmState.ClearedUnacknowledged;
        if (amendment.ClearedAt is null)
            return before.Holds ? before.Underlying : AlarmState.ActiveUnacknowledged;
        if (before.Holds)
            return AlarmMachine.On(before.Underlying, before.Latches || amendment.Latches ? AlarmEvent.ClearLatched : before.Beneath is null ? AlarmEvent.Clear : AlarmEvent.ClearBeneath).To!.Value;
        return amendment.Stands && before.Underlying is (AlarmState.Normal or AlarmState.ClearedUnacknowledged) ? AlarmState.LatchedUnacknowledged : before.Underlying;
    }
}
