using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Simulators.Scenarios;
using Telemetry.Simulators.Scenarios.Picture;

namespace Telemetry.Simulators.Tests.Scenarios;

/// <summary>Every shipped story against the shipped rules, in virtual time.</summary>
public sealed class ShippedScenarioTests
{
    private static readonly FamilySet Families = FamilySet.Shipped();

    public static TheoryData<string> Names => [.. ShippedScenarios.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Everything_that_happens_is_told_in_time_and_the_documentation_has_score_and_picture(string name)
    {
        var score = Play(Read(name), Families);

        Assert.NotEmpty(score.Findings);
        Assert.All(score.Findings, finding => Assert.Equal((finding.Truth, Verdict.Detected), (finding.Truth, finding.Verdict)));
        Assert.Empty(score.Failures);
        var documented = File.ReadLines(Path.Combine(Repository.Root, "docs", "scenarios.md")).Where(line => line.StartsWith($"| {name} ", StringComparison.Ordinal)).Select(Cells);
        Assert.Equal([ScoreReport.Row(score)], documented);
        // Drawn again by: scenario all --offline --picture docs/scenarios
        Assert.Equal(File.ReadAllText(Path.Combine(Repository.Root, "docs", "scenarios", $"{name}.svg")), ScorePicture.Write(score, Families));
    }

    [Fact]
    public void The_promised_stories_are_shipped() =>
        Assert.Empty(new[] { "cover-theft-night", "gas-leak-valve-jammed", "normal-day", "storm-with-pump-failure", "tunnel-fire", "whole-city-gateway-outage" }.Except(ShippedScenarios.Names));

    [Theory]
    [InlineData("tunnel-fire")]
    [InlineData("whole-city-gateway-outage")]
    public void The_same_seed_gives_the_same_journal(string name)
    {
        var journals = Enumerable.Range(0, 2).Select(_ => VirtualRun.Play(Read(name), Families).Transitions.Select(Line).ToList()).ToList();

        Assert.NotEmpty(journals[0]);
        Assert.Equal(journals[0], journals[1]);
    }

    [Fact]
    public void Another_seed_is_another_city_and_is_told_of_all_the_same()
    {
        var scenario = Read("gas-leak-valve-jammed", new ScenarioCity(Seed: 7));

        Assert.NotEqual(Read("gas-leak-valve-jammed").Devices, scenario.Devices);
        Assert.Empty(Play(scenario, Families).Failures);
    }

    [Fact]
    public void A_rule_that_is_taken_out_is_missed()
    {
        var score = Play(Read("tunnel-fire"), With("tunnel.yaml", text => Without(text, "visibility_close")));

        Assert.Equal([("tunnel_fire", Verdict.Detected), ("visibility_close", Verdict.Missed), ("visibility_close", Verdict.Missed)], score.Findings.Select(finding => (finding.Truth.Rule, finding.Verdict)));
        Assert.Equal(["2 missed"], score.Failures);
    }

    [Fact]
    public void A_rule_that_waits_too_long_is_late()
    {
        var score = Play(Read("gas-leak-valve-jammed"), With("gas_valve.yaml", text => text.Replace("delay: {on: 0s, off: 300s}", "delay: {on: 50s, off: 300s}", StringComparison.Ordinal)));

        Assert.Contains(score.Findings, finding => finding is { Truth.Rule: "leak_high", Verdict: Verdict.Late });
        Assert.Contains("2 late", score.Failures);
    }

    [Fact]
    public void A_rule_that_cries_wolf_is_named()
    {
        var score = Play(Read("tunnel-fire"), With("tunnel.yaml", text => text.Replace("when: flood_water_level > 0.10 m", "when: flood_water_level > -1 m", StringComparison.Ordinal)));

        Assert.Equal(["tunnel-01-4", "tunnel-01-5"], score.FalseAlarms.Where(alarm => alarm.Rule == "flood_warn").Select(alarm => alarm.Device).Where(device => device is "tunnel-01-4" or "tunnel-01-5").Order());
    }

    [Fact]
    public void A_day_with_too_many_alarms_fails()
    {
        var text = ShippedScenarios.Text("tunnel-fire") + "\nat_most: {alarms_a_day: 150, critical_percent: 10}\n";
        var score = Play(ScenarioReader.Read("fire.yaml", text).Scenario!, Families);

        Assert.Equal(2, score.Failures.Count);
        Assert.EndsWith(" alarms a day, at most 150", score.Failures[0], StringComparison.Ordinal);
        Assert.EndsWith(" of the alarms critical, at most 10 %", score.Failures[1], StringComparison.Ordinal);
    }

    internal static Score Play(Scenario scenario, FamilySet families) => Score.Of(scenario, VirtualRun.Play(scenario, families, TestContext.Current.CancellationToken), families);

    internal static Scenario Read(string name, ScenarioCity? city = null)
    {
        var result = ScenarioReader.Read(name, ShippedScenarios.Text(name), city);
        Assert.Empty(result.Errors);
        Assert.Equal(name, result.Scenario!.Name);
        return result.Scenario;
    }

    internal static FamilySet With(string file, Func<string, string> change)
    {
        var (families, errors) = FamilySet.Load(FamilySet.ShippedFiles().Select(shipped => shipped.File == file ? (shipped.File, Changed(shipped.Text)) : shipped));
        Assert.Empty(errors);
        return families!;

        string Changed(string text)
        {
            Assert.NotEqual(text, change(text));
            return change(text);
        }
    }

    /// <summary>The file without a rule: from its name to the next one.</summary>
    internal static string Without(string text, string rule)
    {
        var begin = text.IndexOf($"\n  {rule}:\n", StringComparison.Ordinal);
        var end = text.IndexOf("\n\n", begin, StringComparison.Ordinal);
        return text.Remove(begin, end - begin);
    }

    private static string Line(AlarmTransition transition) =>
        FormattableString.Invariant($"{transition.Position}.{transition.Ordinal} {transition.Id} {transition.Alarm.Id} {transition.From} {transition.To} {transition.At} {transition.ReceivedAt} {transition.Cause} {transition.Alarm.Severity}");

    private static string[] Cells(string row) => [.. row.Split('|', StringSplitOptions.TrimEntries)[1..^1]];
}
