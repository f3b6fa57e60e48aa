using Telemetry.Ingest.Notify.Escalation;
using Telemetry.Ingest.OperatorPage.Alarms;
using Telemetry.Ingest.Tests.Notify;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Simulators.Scenarios;

namespace Telemetry.Ingest.Tests.Console;

/// <summary>The shipped storm with a pump failure, over a whole city: what the operator sees, and what a crew's phone gets.</summary>
public sealed class StormTests(ITestOutputHelper output)
{
    /// <summary>More than this many raw alarms, which nobody reads one by one.</summary>
    private const int Many = 2000;

    private const string Story = """
        scenario: storm-over-the-city
        title: {en: Storm over the city, zh: 全城暴雨}
        begins: "18:00"
        lasts: 40min
        city: {devices: 3000, seed: 1}
        story:
          - {at: 1min, apart: 1s, device: pump-*, what: storm_hits, mm_per_h: 90}
          - {at: 5min, apart: 1s, device: pump-*, what: pump_jams, pump: 2}
          - {at: 9min, apart: 1s, device: pump-*, what: station_mains_fail}
          - {at: 3min, apart: 500ms, device: cover-*, what: sewer_surcharges}
        """;

    [Fact]
    public void Two_thousand_alarms_are_a_dozen_lines_and_every_critical_place_is_told_within_a_minute()
    {
        var read = ScenarioReader.Read("storm.yaml", Story);
        Assert.Empty(read.Errors);
        var run = VirtualRun.Play(read.Scenario!, FamilySet.Shipped(), TestContext.Current.CancellationToken);
        var byTime = run.Transitions.ToLookup(transition => transition.ReceivedAt / 1000);

        var open = new Dictionary<string, Alarm>();
        var escalator = new Escalator(Files.Right(Files.Small), new EscalationState());
        var messages = new List<(long At, Message Message)>();
        var (grouping, mostAlarms, mostLines, linesThen) = (Grouping.None, 0, 0, 0);
        for (var now = run.Start.ToUnixTimeMilliseconds(); now <= run.End.ToUnixTimeMilliseconds(); now += 1000)
        {
            foreach (var transition in byTime[now / 1000])
            {
                open[transition.Alarm.Id] = transition.Alarm;
                // The story's crew accepts within 15 s, before most calls have their turn; here nobody does, which is the worst for a phone.
                var unanswered = transition with { Alarm = transition.Alarm with { AcceptedBy = null, AcceptedAt = null, OnSiteAt = null } };
                messages.AddRange(escalator.Apply(unanswered, default).Select(message => (now, message)));
            }
            messages.AddRange(escalator.Advance(now).Select(message => (now, message)));
            List<Alarm> shown = [.. open.Values.Where(alarm => alarm is { IsShown: true, Kind: AlarmKind.Alarm })];
            grouping = AlarmLines.Choose(shown, grouping);
            var lines = AlarmLines.Of(shown, grouping, AlarmLines.Explained(open.Values)).Count;
            mostLines = Math.Max(mostLines, lines);
            if (shown.Count > mostAlarms)
                (mostAlarms, linesThen) = (shown.Count, lines);
        }

        List<Alarm> raised = [.. open.Values.Where(alarm => alarm.Kind == AlarmKind.Alarm)];
        var waits = run.Transitions.GroupBy(transition => transition.Alarm.Id).Select(WaitOf).OfType<long>().Order().ToList();
        output.WriteLine($"{raised.Count} raw alarms, {mostAlarms} at once in {linesThen} lines, never more than {mostLines} lines; {waits.Count} critical places");
        output.WriteLine($"told within: median {waits[waits.Count / 2] / 1000} s, longest {waits[^1] / 1000} s");
        foreach (var person in messages.Select(sent => sent.Message).GroupBy(message => message.Recipient))
            output.WriteLine($"{person.Key}: {string.Join(", ", person.GroupBy(message => message.Kind).Select(kind => $"{kind.Count()} {kind.Key}"))}, ungrouped {person.Sum(message => message.Places.Count)}");
        Assert.True(raised.Count >= Many, $"the storm raised {raised.Count} alarms only");
        Assert.InRange(mostLines, 1, AlarmLines.MostSingles);
        Assert.InRange(linesThen, 1, AlarmLines.MostLines);
        Assert.InRange(waits[^1], 0, 60_000);

        // From when it last came to ask for somebody: what a cause explained meanwhile asked for nobody.
        long? WaitOf(IEnumerable<AlarmTransition> ofAlarm)
        {
            long? asksSince = null;
            foreach (var transition in ofAlarm)
            {
                if (transition.Alarm is not { Severity: Severity.Critical, Kind: AlarmKind.Alarm, IsShown: true, SoundedAt: not null })
                    asksSince = null;
                else
                    asksSince ??= transition.ReceivedAt;
            }
            return asksSince is { } since ? messages.First(sent => sent.At >= since && sent.Message.Places.Any(place => place.Alarm.Id == ofAlarm.First().Alarm.Id)).At - since : null;
        }
    }
}
