using Telemetry.Rules.Explain;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Tests.Pipeline;

namespace Telemetry.Rules.Tests.Explain;

/// <summary>Random readings that came in order: what the answer reads again raises nothing that the journal does not have, and ends nothing that it has.</summary>
public class ExplainAgreesTests
{
    private static readonly Family Family = FamilyReader.Read("test.yaml", Pipeline.Families.PumpOverTime).Family!;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void What_stood_by_the_journal_stands_by_the_readings(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 40; i++)
        {
            using var line = new Timeline(Pipeline.Families.PumpOverTime);
            var now = Write(line, random);
            var holds = line.Transitions.GroupBy(transition => transition.Alarm.Id).Select(occurrence => occurrence.Last().Alarm)
                .Where(alarm => alarm.Device == "ps-1" && alarm.Holds).Select(alarm => $"{alarm.Rule}/{alarm.Instance ?? "0"}").ToHashSet(StringComparer.Ordinal);
            foreach (var rule in Family.Rules.Where(rule => rule.Trigger == RuleTrigger.Condition && rule.Kind != AlarmKind.Event))
            {
                foreach (var instance in rule.Each is null ? [0] : new[] { 1, 2, 3 })
                {
                    var answer = Ask(line, rule.Name, instance, now);
                    var stands = answer.Conditions.Any(step => step.Stands);
                    Assert.True(holds.Contains($"{rule.Name}/{instance}") == stands, $"{i}: {rule.Name}/{instance}: {answer.Answer} {answer.Sentence.En}\n{string.Join('\n', answer.Conditions)}\n{string.Join('\n', answer.Channels)}\njournal: {string.Join(' ', holds)}");
                }
            }
        }
    }

    private static Explained Ask(Timeline line, string rule, int instance, double at) => Explainer.Explain(new Question
    {
        Device = new Device { Id = "ps-1", Family = "pump", Gateway = "gw" },
        Family = Family,
        Rule = rule,
        Instance = instance,
        At = Timeline.Zero + (long)(at * 1000),
        Journal = line.Transitions,
        History = Timeline.History(line.Log),
        DuplicateWindow = (long)TimeSpan.FromDays(7).TotalMilliseconds,
    });

    /// <returns>The last tick, in seconds.</returns>
    private static double Write(Timeline line, Random random)
    {
        var now = 0.0;
        for (var left = random.Next(10, 80); left > 0; left--)
        {
            var (kind, value, seconds) = (random.Next(10), random.Next(41), random.Next(41));
            var until = now + (kind == 9 ? seconds * 100 : 1 + (seconds / 2));
            line.TicksTo(until);
            now = until;
            switch (kind)
            {
                case 0 or 1 or 2 or 3:
                    line.Reading("ps-1", FormattableString.Invariant($"level={value / 10.0}"));
                    break;
                case 4 or 5:
                    line.Reading("ps-1", $"command.{1 + (value % 3)}=true run.{1 + (value % 3)}={(value % 2 == 0 ? "true" : "false")}");
                    break;
                case 6:
                    line.Reading("ps-1", value % 2 == 0 ? "cover=open" : "cover=closed");
                    break;
                case 7:
                    line.Reading("ps-1", $"level=0!{(value % 2 == 0 ? "bad" : "stale")} temperature={20 + value}");
                    break;
            }
        }
        line.TicksTo(now + 1);
        return now + 1;
    }
}
