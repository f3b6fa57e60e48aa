using CsCheck;
using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Notify.Escalation;
using Telemetry.Ingest.Notify.Routing;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Tests.Notify;

/// <summary>What a dry run says is what happens.</summary>
public class DryRunTests
{
    private static readonly NotifyFile Sample = NotifyFileReader.Load(Path.Combine(Repository.Root, "docs", "samples", "notify.yaml"), Files.Families.All).File!;

    private static readonly (Family Family, Rule Rule)[] Rules = [.. Files.Families.All.SelectMany(family => family.Rules.Where(rule => rule.Steps[^1].Kind != AlarmKind.Event && rule.Name != "drill_ended").Select(rule => (family, rule)))];

    [Fact]
    public void Whoever_it_names_is_told_at_that_time_by_those_ways() => Gen.Select(Files.AnyOf(Rules), Gen.Int[0, 525_599], Files.AnyOf(CalendarKinds.None, CalendarKinds.Holiday), Files.AnyOf("live", "drill", "test")).Repeatably().Sample(
        (of, minute, calendar, mode) =>
        {
            var at = Files.At("2026-01-01 00:00") + (minute * 60_000L);
            var step = of.Rule.Steps[^1];
            var answer = DryRun.Of(Sample, new DryRunQuestion(at, of.Family, of.Rule, null, "Xihu", null, calendar, null, mode));
            var alarm = new Alarm
            {
                Id = "a", Device = "x", Family = of.Rule.Place is null ? of.Family.Name : "area", District = "Xihu", Rule = of.Rule.Name, Kind = step.Kind, Severity = step.Severity, State = AlarmState.ActiveUnacknowledged,
                Mode = mode == "live" ? null : mode, AnnouncedAt = at, SoundedAt = at, RaisedAt = at, RaisedReceivedAt = at, RuleVersion = "0",
            };
            var escalator = new Escalator(Sample, new EscalationState());
            List<Message> messages = [.. escalator.Apply(new AlarmTransition(1, 0, "t", AlarmState.Normal, alarm.State, at, at, "raised", alarm), calendar), .. escalator.Advance(at + 86_400_000)];

            // What does not ring waits half a minute for company.
            Assert.Equal(
                answer.Steps.Select(told => $"{told.At + (told.Asked is "digest" or "copy" || step.Severity == Severity.Critical ? 0 : 30_000)} {told.Recipient} {string.Join(' ', told.Channels)}").Order(),
                messages.Select(message => $"{message.Due} {message.Recipient} {string.Join(' ', message.Channels)}").Order());
        });
}
