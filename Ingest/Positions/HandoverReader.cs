using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Notify.Proof;
using Telemetry.Ingest.Notify.Rota;
using Telemetry.Ingest.State;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Positions;

/// <summary>Writes the document of a handover, of what the service knows now.</summary>
/// <param name="outbox">Null where nobody is told.</param>
/// <param name="proofs">Likewise.</param>
internal sealed class HandoverReader(
    OperatorPositions positions, AlarmBook book, FamilyCatalog families, DeviceDirectory devices, OperatorLoad load, NotifySource notify, OutboxDatabase? outbox, Proofs? proofs, TimeProvider time)
{
    private const long RotaAhead = Gaps.Ahead;

    /// <exception cref="ApiException">404: the position.</exception>
    public HandoverDocument Of(string position)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var own = positions.Find(position);
        var open = positions.AlarmsOf(position);
        var alarms = open.Where(alarm => alarm.Kind == AlarmKind.Alarm).OrderByDescending(alarm => alarm.Severity).ThenBy(alarm => alarm.RaisedAt).ThenBy(alarm => alarm.Id, StringComparer.Ordinal).ToList();
        var first = alarms.Where(alarm => alarm is { Severity: Severity.Critical, State: AlarmState.ActiveUnacknowledged or AlarmState.ClearedUnacknowledged or AlarmState.LatchedUnacknowledged }).ToList();
        var others = alarms.Except(first).ToList();
        return new HandoverDocument(
            position,
            Iso.Time(now),
            own.State.Person,
            Time(own.State.Since),
            Time(own.State.Signed is { } signed ? Math.Max(signed.OutgoingSigned!.At, signed.IncomingSigned!.At) : null),
            own.AnswersFor,
            Lines(first),
            Lines(In(AlarmState.ActiveUnacknowledged, AlarmState.ActiveAcknowledged)),
            Lines(In(AlarmState.ClearedUnacknowledged)),
            Lines(In(AlarmState.LatchedUnacknowledged, AlarmState.LatchedAcknowledged)),
            Lines(In(AlarmState.Shelved)),
            ByCause(In(AlarmState.Suppressed)),
            Lines(In(AlarmState.OutOfService)),
            open.Count(alarm => alarm.Kind == AlarmKind.Ticket),
            InModes(position),
            Responders(open),
            Channels(),
            [.. own.State.Notes.Select(note => new HandoverNote(Iso.Time(note.At), note.By, note.Text))],
            load.Shift(position, own.State.Since ?? now - Overlay.Longest) is { To: > 0 } shift ? new HandoverLoad(Iso.Time(shift.From), shift.Calls, Math.Round(shift.FloodTime / 60_000.0, 1), shift.FloodPeak) : null,
            OnCall(now));

        IEnumerable<Alarm> In(params AlarmState[] states) => others.Where(alarm => states.Contains(alarm.State));
    }

    private IReadOnlyList<HandoverAlarm> Lines(IEnumerable<Alarm> alarms) => [.. alarms.Select(Line)];

    private HandoverAlarm Line(Alarm alarm) => new(
        alarm.Id, alarm.Device, Where(alarm), alarm.Rule, alarm.Instance, families.RuleOf(alarm)?.Title, AlarmJson.Name(alarm.Severity), AlarmJson.Name(alarm.State), Iso.Time(alarm.RaisedAt), alarm.AcknowledgedBy,
        alarm.AcceptedBy, alarm.Detail, alarm.Mode, alarm.Overlay is { } over ? Shape(over) : null);

    private static AlarmRoutes.OverlayShape Shape(Overlay over) =>
        new(AlarmJson.Name(over.State), over.By, over.Reason, Iso.Time(over.Since), Time(over.Until), over.Second, over.Permit, over.Watch, over.OneShot);

    private string? Where(Alarm alarm) => devices.Find(alarm.Device)?.Address ?? alarm.Street ?? alarm.District;

    private IReadOnlyList<HandoverCause> ByCause(IEnumerable<Alarm> suppressed) =>
        [.. suppressed.GroupBy(alarm => alarm.SuppressedBy, StringComparer.Ordinal).OrderBy(group => group.Key is null).ThenBy(group => group.Key, StringComparer.Ordinal).Select(group =>
        {
            var cause = group.Key is { } id ? book.Find(id) : null;
            return new HandoverCause(group.Key, cause?.Device, cause?.Rule, cause is null ? null : families.RuleOf(cause)?.Title, Lines(group));
        })];

    private IReadOnlyList<HandoverMode> InModes(string position) =>
        [.. devices.All.Where(device => (device.State is "test" or "drill" || device is { State: "commissioning", Exercise: not null }) && positions.Hears(position, device.District))
            .OrderBy(device => device.Id, StringComparer.Ordinal).Select(device => new HandoverMode(device.Id, device.District, device.State, device.StateUntil, device.StateReason))];

    private IReadOnlyList<HandoverResponder> Responders(IEnumerable<Alarm> open) =>
        [.. open.Where(alarm => (alarm.AcceptedBy ?? alarm.AssignedTo) is not null).Select(alarm =>
        {
            var (state, since) = alarm switch
            {
                { DoneAt: { } done } => ("done", done),
                { OnSiteAt: { } onSite } => ("on_site", onSite),
                { AcceptedAt: { } accepted } => ("accepted", accepted),
                _ => ("assigned", (long?)null),
            };
            return new HandoverResponder((alarm.AcceptedBy ?? alarm.AssignedTo)!, state, Time(since), alarm.Id, alarm.Device, Where(alarm), families.RuleOf(alarm)?.Title);
        }).OrderBy(responder => responder.Person, StringComparer.Ordinal).ThenBy(responder => responder.Alarm, StringComparer.Ordinal)];

    private IReadOnlyList<HandoverChannel> Channels() =>
    [
        .. (outbox?.DeadChannels() ?? []).Select(dead => new HandoverChannel(dead.Channel, "dead", Iso.Time(dead.Since), dead.Reason)),
        .. (proofs?.States() ?? []).Where(state => state.Unproven is not null).Select(state => new HandoverChannel(state.Channel, "unproven", Iso.Time(state.Latest!.DueAt), state.Unproven)),
    ];

    private IReadOnlyList<HandoverDuty> OnCall(long now) => notify.Current is not { } file ? [] :
        [.. file.Teams.Select(team =>
        {
            var duties = team.Between(now, now + RotaAhead);
            var next = duties.Skip(1).Cast<Duty?>().FirstOrDefault(duty => duty!.Value.Person != duties[0].Person);
            return new HandoverDuty(team.Name, team.Title, Name(duties[0].Person), Name(next?.Person), Time(next?.From));

            string? Name(string? person) => person is null ? null : file.People[person].Name;
        })];

    private static string? Time(long? at) => at is { } time ? Iso.Time(time) : null;
}
