using Telemetry.Ingest.Api;
using Telemetry.Ingest.Devices;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Store.Influx.Series;

/// <summary>The measurement <c>alarm</c>: one line a transition of the journal, and one an hour while the alarm is open. docs/influx.md has the fields.</summary>
internal static class AlarmLine
{
    private const long NanosecondsPerMillisecond = 1_000_000;
    private const int StepsOfOffset = 500;
    private const int OffsetOfStep = 1000;

    public static void Add(LineBuffer lines, AlarmTransition transition, DeviceDirectory directory, FamilyCatalog families) =>
        Add(lines, transition.Alarm, transition.To, LoadCall.Is(transition), again: false, (transition.At * NanosecondsPerMillisecond) + OffsetOf(transition), directory, families);

    /// <summary>As it stands, so that a list of what is open need not look back to its last transition.</summary>
    /// <param name="hour">Unix ms. Before whatever happened at that very moment.</param>
    public static void AddAgain(LineBuffer lines, Alarm alarm, long hour, DeviceDirectory directory, FamilyCatalog families) =>
        Add(lines, alarm, alarm.State, calls: false, again: true, (hour * NanosecondsPerMillisecond) + OffsetOf(alarm.Id), directory, families);

    private static void Add(LineBuffer lines, Alarm alarm, AlarmState state, bool calls, bool again, long nanoseconds, DeviceDirectory directory, FamilyCatalog families)
    {
        var line = lines.Writer;
        line.Bytes("alarm"u8);
        line.Tag(",device="u8, alarm.Device);
        line.Tag(",district="u8, alarm.District);
        line.Tag(",family="u8, alarm.Family);
        line.Tag(",instance="u8, alarm.Instance);
        line.Tag(",rule="u8, alarm.Rule);
        line.Tag(",street="u8, alarm.Street);
        line.Bytes(" id="u8);
        line.Text(alarm.Id);
        line.Field(",state="u8, (int)state);
        line.Field(",underlying="u8, (int)alarm.Underlying);
        // As the operators count: P1 is critical.
        line.Field(",severity="u8, (int)Severity.Critical + 1 - (int)alarm.Severity);
        line.Field(",kind="u8, (int)alarm.Kind);
        line.Field(",open="u8, state == AlarmState.Normal ? 0 : 1);
        line.Field(",calls="u8, calls ? 1 : 0);
        line.Field(",again="u8, again ? 1 : 0);
        line.Field(",raised="u8, alarm.RaisedAt);
        line.Field(",value="u8, alarm.Value);
        line.Field(",limit="u8, alarm.Limit);
        if (families.RuleOf(alarm)?.Title is { } title)
        {
            line.Bytes(",title="u8);
            line.Text($"{title.En} · {title.Zh}");
        }
        PlaceFields.Add(line, directory.Find(alarm.Device), alarm.Family);
        line.Byte(' ');
        line.Digits(nanoseconds);
        lines.EndLine();
    }

    /// <summary>
    /// Under 1 ms, a pure function of the transition, and in the order of what happened at one moment: an occurrence's transitions as they are numbered, and after
    /// those of the occurrence that it takes the place of.
    /// </summary>
    private static long OffsetOf(AlarmTransition transition)
    {
        var alarm = transition.Alarm;
        var begins = alarm.RaisedAt >= transition.At ? StepsOfOffset : 0;
        return ((begins + (alarm.Transitions % StepsOfOffset)) * OffsetOfStep) + OffsetOf(alarm.Id);
    }

    /// <summary>What two occurrences of one rule may have in common is told apart by the id.</summary>
    private static int OffsetOf(string id)
    {
        var offset = 0;
        foreach (var digit in id)
            offset = ((offset * 31) + digit) % OffsetOfStep;
        return offset;
    }
}
