using System.Globalization;
using System.Text.Json;
using Telemetry.Ingest.State;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Audit;

/// <summary>Entries of the log in words. For one thread.</summary>
/// <param name="alarmOf">What an alarm's id stands for; null where nobody knows any more.</param>
internal sealed class AuditText(Func<string, (string Device, string Rule)?> alarmOf)
{
    private const string Service = "service";

    private readonly Dictionary<string, (string Device, string Rule)?> _alarms = new(StringComparer.Ordinal);

    /// <summary>Null for what nobody did: readings, ticks, gateways, dead letters.</summary>
    public AuditRecord? Of(LogEntry entry) => entry switch
    {
        ActionEntry action => Of(action),
        DeviceEntry { Device: var device } changed => Record(
            entry, "device", changed.By, device.Id, $"{changed.By} wrote device {device.Id} of {device.Family} into the register: {device.State}{In(device)}",
            ("device", JsonSerializer.Serialize(device, StateJson.Default.Device))),
        FamilyEntry family => Record(
            entry, "rule", family.By ?? Service, family.Family,
            $"{(family.By is null ? "The service found" : family.By + " put")} version {family.Hash} of {family.Family}'s rules{(family.By is null ? " at its start and put it" : "")} in force{(family.ApprovedBy is null ? "" : $", approved by {family.ApprovedBy}")}",
            ("hash", family.Hash), ("approvedBy", family.ApprovedBy)),
        CalendarEntry { Item: var item } calendar => Record(
            entry, "calendar", item.By, item.Id,
            $"{item.By} {(calendar.Cancelled ? "cancelled" : "entered")} {Words(item.Kind.ToString())} {item.Id} for {Words(item.Scope.ToString())}{(item.Place is null ? "" : " " + item.Place)} from {Time(item.From)} to {Time(item.To)}{Because(item.Reason)}",
            ("name", item.Name), ("scope", item.Scope.ToString().ToLowerInvariant()), ("place", item.Place), ("from", Time(item.From)), ("to", Time(item.To)), ("reason", item.Reason),
            ("cancelled", calendar.Cancelled ? "true" : null)),
        PositionEntry position => Of(position),
        AccountEntry account => Record(
            entry, "account", account.By, account.Name, $"{account.By}: {Words(account.Action)} {account.Name}{(account.Detail is null ? "" : $" ({account.Detail})")}", ("action", account.Action), ("detail", account.Detail)),
        RedecodedEntry again => Record(
            entry, "redecode", again.By, Number(again.Letter),
            $"{again.By} had dead letter {Number(again.Letter)} decoded again: {Number(again.Readings)} readings{(again.Reason is null ? "" : $", and it stays a dead letter ({again.Reason})")}",
            ("letter", Number(again.Letter)), ("readings", Number(again.Readings)), ("reason", again.Reason), ("detail", again.Detail)),
        SystemEntry system => Record(
            entry, "system", Service, system.Rule, $"The service reported {system.Rule}{(system.Active ? "" : " as over")}: {system.Detail}", ("active", system.Active ? "true" : "false"), ("detail", system.Detail)),
        ServiceStartedEntry started => Record(entry, "service", Service, Service, $"The service started, with engine version {started.EngineVersion}", ("engineVersion", started.EngineVersion)),
        _ => null,
    };

    private AuditRecord Of(ActionEntry action)
    {
        var of = AlarmOf(action.Alarm) is { } alarm ? $"{alarm.Rule} of {alarm.Device}" : action.Alarm;
        var until = action.Until is { } end ? $" until {Time(end)}" : action.OneShot ? " until its condition ends" : "";
        return Record(
            action, "action", action.By, action.Alarm,
            $"{action.By}: {Words(action.Action)}, alarm {of}{(action.To is null ? "" : $", to {action.To}")}{until}{(action.Second is null ? "" : $", agreed by {action.Second}")}"
                + $"{(action.Permit is null ? "" : $", permit {action.Permit}")}{(action.Watch is null ? "" : $", watched by {action.Watch}")}{(action.CheckedOnSite ? $", checked on site{(action.Place is null ? "" : " at " + action.Place)}" : "")}"
                + Because(action.Reason ?? action.Comment),
            ("action", action.Action), ("device", AlarmOf(action.Alarm)?.Device), ("rule", AlarmOf(action.Alarm)?.Rule), ("reason", action.Reason), ("comment", action.Comment),
            ("until", action.Until is { } time ? Time(time) : null), ("oneShot", action.OneShot ? "true" : null), ("second", action.Second), ("permit", action.Permit), ("watch", action.Watch),
            ("place", action.Place), ("checkedOnSite", action.CheckedOnSite ? "true" : null), ("to", action.To));
    }

    private static AuditRecord Of(PositionEntry entry)
    {
        var handover = entry.Action is PositionAction.OpenHandover or PositionAction.SignHandover;
        var sentence = entry.Action switch
        {
            PositionAction.SignOn => $"{entry.By} took position {entry.Name}",
            PositionAction.SignOff => $"{entry.By} signed {(entry.Person is null || entry.Person == entry.By ? "" : entry.Person + " ")}off position {entry.Name}",
            PositionAction.Note => $"{entry.By} left a note at position {entry.Name}: {entry.Text}",
            PositionAction.OpenHandover => $"{entry.By} opened the handover of position {entry.Name}, document {entry.Hash}",
            _ => $"{entry.By} signed handover {Number(entry.Handover)} of position {entry.Name}, having seen {Number(entry.Seen.Count)} shelved alarms",
        };
        // The document of a handover is in GET /api/v1/handover/{id}; its hash proves it.
        return Record(
            entry, handover ? "handover" : "position", entry.By, entry.Name, sentence,
            ("action", Words(entry.Action.ToString())), ("person", entry.Person), ("text", entry.Action == PositionAction.Note ? entry.Text : null), ("hash", entry.Hash),
            ("handover", entry.Handover == 0 ? null : Number(entry.Handover)), ("seen", entry.Seen.Count == 0 ? null : string.Join(' ', entry.Seen)));
    }

    private (string Device, string Rule)? AlarmOf(string id)
    {
        if (!_alarms.TryGetValue(id, out var alarm))
            _alarms[id] = alarm = alarmOf(id);
        return alarm;
    }

    private static AuditRecord Record(LogEntry entry, string kind, string by, string subject, string sentence, params ReadOnlySpan<(string Name, string? Value)> fields)
    {
        var there = new List<(string, string)>(fields.Length);
        foreach (var (name, value) in fields)
        {
            if (value is not null)
                there.Add((name, value));
        }
        return new AuditRecord(entry.Position, entry.Time, kind, by, subject, sentence, there);
    }

    private static string In(Device device) => device.District is null ? "" : $", in {device.District}{(device.Street is null ? "" : $", {device.Street}")}";

    private static string Because(string? reason) => string.IsNullOrEmpty(reason) ? "" : $": {reason}";

    /// <summary><c>SignOn</c>, <c>sign-on</c>: sign on.</summary>
    private static string Words(string name) =>
        string.Concat(name.Select((letter, i) => letter == '-' ? " " : char.IsUpper(letter) ? (i == 0 ? "" : " ") + char.ToLowerInvariant(letter) : letter.ToString()));

    // What a caller may have sent for a time; one that no calendar has must not end the trail.
    private static string Time(long milliseconds) =>
        milliseconds >= DateTimeOffset.MinValue.ToUnixTimeMilliseconds() && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() ? Iso.Time(milliseconds) : Number(milliseconds);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
