using System.Globalization;
using System.Text.Json;
using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Notify.Escalation;
using Telemetry.Ingest.Notify.Routing;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Tests.Alarms;
using Telemetry.Rules.Tests.Pipeline;

namespace Telemetry.Ingest.Tests.Notify;

/// <summary>A log of the small family's devices, the journal that the rules make of it, and the messages that come out of that.</summary>
internal static class Telling
{
    public static readonly string Family = SmallFamily.Of(
        "fire: critical", "leak: critical latched", "warn: high", "worse: critical lifts=warn", "note: medium", "list: low ticket", "cause: medium hides=fire,warn");

    private static readonly FamilySet Families = FamilySet.Load([("small.yaml", Family), .. FamilySet.ShippedFiles()]).Families!;

    /// <summary>From Monday 21 September 2026, 22:13:20 in China: wang's week. Then li, then chen.</summary>
    public static NotifyFile File(string? instead = null)
    {
        var result = NotifyFileReader.Read("notify.yaml", instead ?? Files.Small + "\ndrill: [chen]", Families.All, name => (null, name));
        Assert.Empty(result.Errors);
        return result.File!;
    }

    public static Timeline Line() => new(Family);

    /// <summary><c>fire !warn</c>: what holds at a device from now on, and what does not.</summary>
    public static Timeline Now(this Timeline line, double seconds, string conditions, string device = "d") => line.At(seconds)
        .Reading(device, string.Join(' ', conditions.Split(' ').Select(word => word[0] == '!' ? $"is_{word[1..]}=false" : $"is_{word}=true")), family: SmallFamily.Name);

    /// <summary>Ticks some seconds apart.</summary>
    public static Timeline Then(this Timeline line, double from, double to, double apart = 1)
    {
        for (var at = from + apart; at <= to; at += apart)
            line.At(at).Tick();
        return line;
    }

    /// <param name="restartsBefore">Whether the service ended just before this entry and goes on from what it has stored.</param>
    public static List<Message> Messages(this Timeline line, NotifyFile file, Func<LogEntry, bool>? restartsBefore = null, Func<LogEntry, NotifyFile>? reload = null, CalendarKinds calendar = CalendarKinds.None)
    {
        var stored = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var state = new EscalationState();
        var escalator = new Escalator(file, state);
        var byPosition = line.Transitions.ToLookup(transition => transition.Position);
        var messages = new List<Message>();
        foreach (var entry in line.Log)
        {
            if (restartsBefore?.Invoke(entry) == true)
                escalator = new Escalator(file, state = EscalationState.Load(stored.Select(row => new StateRow(row.Key, row.Value))));
            if (reload is not null)
                escalator = new Escalator(reload(entry), state);
            foreach (var transition in byPosition[entry.Position])
                messages.AddRange(escalator.Apply(transition, calendar));
            messages.AddRange(escalator.Advance(entry.Time));
            foreach (var (key, json) in state.TakeChanges())
            {
                if (json is null)
                    stored.Remove(key);
                else
                    stored[key] = json;
            }
        }
        return messages;
    }

    /// <summary><c>03:00 li Call fire@d</c>; behind a place what is new of it, unless it stands.</summary>
    public static string[] Told(this Timeline line, NotifyFile? file = null) => [.. line.Messages(file ?? File()).Select(Shown)];

    public static string Shown(Message message) =>
        $"{TimeSpan.FromMilliseconds(message.Due - Timeline.Zero).ToString(message.Due - Timeline.Zero < 3_600_000 ? @"mm\:ss" : @"hh\:mm\:ss", CultureInfo.InvariantCulture)} {message.Recipient} {message.Kind}{(message.Drill ? " drill" : "")} "
        + string.Join(' ', message.Places.Select(place => $"{place.Alarm.Rule}@{place.Alarm.Device}{(place.News == PlaceNews.Stands ? "" : "/" + place.News)}"));

    public static string Whole(Message message) => JsonSerializer.Serialize(message);

    public static bool IsOpen(Alarm alarm) => alarm.IsShown && alarm.State != AlarmState.ClearedUnacknowledged && alarm.AcceptedBy is null;
}
