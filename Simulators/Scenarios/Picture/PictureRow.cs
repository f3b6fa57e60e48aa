using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Simulators.City;
using Telemetry.Simulators.Physics;

namespace Telemetry.Simulators.Scenarios.Picture;

/// <summary>A row of the picture: one alarm that was expected, that was allowed and called, or that was false; or a device to which something only happens.</summary>
/// <param name="Rule">Null where nothing is told of the device.</param>
/// <param name="What">The word of the event that it must tell, or that nothing is told of; null where the alarm is not looked for.</param>
/// <param name="Title">Of the rule.</param>
internal sealed record PictureRow(string Device, string? Rule, string? Instance, string? What, Title? Title, Finding? Finding, FalseAlarm? False, IReadOnlyList<AlarmSpan> Spans)
{
    /// <summary>Device by device in the order in which the story comes to them.</summary>
    public static IReadOnlyList<IGrouping<string, PictureRow>> Of(Score score, FamilySet families)
    {
        var story = score.Scenario.Events.Select(happening => (happening.At, happening.Device)).Concat(score.Scenario.Truths.Select(truth => (truth.At, truth.Device)))
            .Concat(score.FalseAlarms.Select(alarm => (DateTimeOffset.FromUnixTimeMilliseconds(alarm.RaisedAt) - score.Run.Start, alarm.Device)))
            .GroupBy(each => each.Device).ToDictionary(of => of.Key, of => of.Min(each => each.Item1));
        return [.. Rows(score, families).GroupBy(row => row.Device).OrderBy(of => story.GetValueOrDefault(of.Key, TimeSpan.MaxValue))];
    }

    private static IEnumerable<PictureRow> Rows(Score score, FamilySet families)
    {
        var byAlarm = score.Run.Transitions.ToLookup(transition => (transition.Alarm.Device, transition.Alarm.Rule));
        var end = score.Run.End.ToUnixTimeMilliseconds();
        var told = new HashSet<(string, string)>();
        foreach (var finding in score.Findings)
        {
            var truth = finding.Truth;
            told.Add((truth.Device, truth.Rule));
            yield return Row(truth.Device, truth.Rule, truth.Instance, truth.AtLeast) with { What = truth.Event, Finding = finding };
        }
        foreach (var alarm in score.FalseAlarms)
        {
            told.Add((alarm.Device, alarm.Rule));
            yield return Row(alarm.Device, alarm.Rule, alarm.Instance) with { False = alarm };
        }
        foreach (var of in byAlarm.Where(of => !told.Contains(of.Key) && of.Any(LoadCall.Is)))
            yield return Row(of.Key.Device, of.Key.Rule, null);
        var shown = score.Run.Transitions.Where(LoadCall.Is).Select(call => call.Alarm.Device).Concat(told.Select(alarm => alarm.Item1)).ToHashSet(StringComparer.Ordinal);
        foreach (var of in score.Scenario.Events.Where(happening => happening.What != Incident.Restored && !shown.Contains(happening.Device)).GroupBy(happening => happening.Device))
            yield return new PictureRow(of.Key, null, null, string.Join(", ", of.Select(happening => happening.What).Distinct()), null, null, null, []);

        PictureRow Row(string device, string rule, string? instance, Severity atLeast = Severity.Low)
        {
            var own = byAlarm[(device, rule)].Where(transition => instance is null || transition.Alarm.Instance == instance);
            var spans = AlarmSpan.Of(own, end).Where(span => span.Severity >= atLeast).ToList();
            return new PictureRow(device, rule, instance, null, TitleOf(device, rule), null, null, spans);
        }

        // Of a place no family is known: the rules that count have names of their own.
        Title? TitleOf(string device, string rule)
        {
            var family = score.Scenario.Devices.FirstOrDefault(each => each.Id == device)?.Family ?? (score.Scenario.Devices.Any(each => each.Gateway == device) ? "gateway" : null);
            return families.All.Where(each => family is null || each.Name == family).SelectMany(each => each.Rules).FirstOrDefault(each => each.Name == rule)?.Title;
        }
    }
}
