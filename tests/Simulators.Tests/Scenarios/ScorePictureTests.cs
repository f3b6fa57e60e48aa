using System.CommandLine;
using System.Xml.Linq;
using Telemetry.Rules.Families;
using Telemetry.Simulators.Commands;
using Telemetry.Simulators.Scenarios;
using Telemetry.Simulators.Scenarios.Picture;
using Telemetry.Simulators.Tests.Replay;

namespace Telemetry.Simulators.Tests.Scenarios;

public sealed class ScorePictureTests
{
    [Theory]
    [InlineData("tunnel-fire", "tunnel.yaml", "missed 漏报 (60 s)")]
    [InlineData("gas-leak-valve-jammed", "gas_valve.yaml", "late 迟报 103 s of 60 s")]
    public void Each_finding_and_each_false_alarm_is_one_mark_in_its_own_shape_and_colour(string name, string file, string expected)
    {
        var families = ShippedScenarioTests.With(file, Worse);
        var scenario = ShippedScenarioTests.Read(name);
        var score = ShippedScenarioTests.Play(scenario with { Allowed = [] }, families);
        var picture = XDocument.Parse(ScorePicture.Write(score, families));

        // One more of each in the legend.
        Assert.Equal(score.Count(Verdict.Detected) + 1, Marks(picture, "detected").Count);
        Assert.Equal(score.Count(Verdict.Late) + 1, Marks(picture, "late").Count);
        Assert.Equal(score.Count(Verdict.Missed) + 1, Marks(picture, "missed").Count);
        Assert.Equal(score.FalseAlarms.Count + 1, Marks(picture, "false").Count);
        Assert.NotEmpty(score.FalseAlarms);
        Assert.Equal(4, new[] { "detected", "late", "missed", "false" }.Select(kind => Assert.Single(Marks(picture, kind).Select(mark => mark.Attribute("d")!.Value).Distinct())).Distinct().Count());
        var texts = picture.Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value).ToList();
        Assert.Contains(expected, texts);
        Assert.Contains($"{scenario.Title.Zh} · {scenario.Title.En}", texts);
        Assert.All(score.Findings, finding => Assert.Contains(texts, text => text.StartsWith(finding.Truth.Rule, StringComparison.Ordinal)));
    }

    [Fact]
    public void An_alarm_is_told_when_the_operator_hears_of_it_and_its_spans_follow_each_other()
    {
        var families = FamilySet.Shipped();
        var score = ShippedScenarioTests.Play(ShippedScenarioTests.Read("gas-leak-valve-jammed"), families);
        var row = Assert.Single(PictureRow.Of(score, families).SelectMany(lane => lane), row => row is { Device: "gas-0002", Rule: "leak_high" });

        Assert.Equal(row.Finding!.ToldAt, row.Spans[0].From);
        Assert.All(row.Spans.Zip(row.Spans.Skip(1)), pair => Assert.Equal(pair.First.To, pair.Second.From));
        // The crew answers after 15 s and resets what is latched.
        Assert.Equal(
            ["ActiveUnacknowledged", "ActiveAcknowledged", "LatchedAcknowledged"], row.Spans.Select(span => span.State.ToString()).Distinct());
        Assert.Equal(15_000, row.Spans[0].To - row.Spans[0].From);
    }

    [Fact]
    public void The_load_is_that_of_the_score()
    {
        var score = ShippedScenarioTests.Play(ShippedScenarioTests.Read("bad-sensors"), FamilySet.Shipped());
        var curve = LoadCurve.Of(score.Run, 600);

        Assert.NotEqual(0, score.Load.FloodTime);
        Assert.Equal(score.Load.FloodPeak, curve.Max(point => point.Calls));
        var step = (score.Run.End - score.Run.Start).TotalMilliseconds / 600;
        Assert.InRange(step * curve.Count(point => point.Flood), score.Load.FloodTime - (2 * step), score.Load.FloodTime + (2 * step));
    }

    [Fact]
    public void A_title_of_any_text_leaves_it_well_formed()
    {
        var families = FamilySet.Shipped();
        var scenario = ShippedScenarioTests.Read("tunnel-fire");
        var score = ShippedScenarioTests.Play(scenario with { Lasts = TimeSpan.FromSeconds(5), Truths = [], Title = new Title("<b>&\u0001\ud800\uffff\"", "]]>") }, families);

        Assert.Contains("]]> · <b>& \ufffd \"", XDocument.Parse(ScorePicture.Write(score, families)).Descendants().Select(element => element.Value));
    }

    [Fact]
    public async Task The_command_writes_a_file_or_into_a_folder_that_it_makes()
    {
        using var folder = new TempFiles();
        foreach (var path in new[] { folder.PathOf("own.svg"), folder.PathOf("new/pictures") })
            Assert.Equal(0, await SimulatorsCommand.RunAsync(["scenario", "gas-leak-valve-jammed", "--offline", "--picture", path], new InvocationConfiguration { Output = TextWriter.Null }));

        var drawn = await File.ReadAllTextAsync(folder.PathOf("own.svg"));
        Assert.Equal(drawn, await File.ReadAllTextAsync(folder.PathOf("new/pictures/gas-leak-valve-jammed.svg")));
        Assert.Equal("svg", XDocument.Parse(drawn).Root!.Name.LocalName);
    }

    private static List<XElement> Marks(XDocument picture, string kind) => [.. picture.Descendants().Where(element => element.Name.LocalName == "path" && element.Attribute("class")?.Value == kind)];

    private static string Worse(string text) => text.Contains("\n  visibility_close:\n", StringComparison.Ordinal)
        ? ShippedScenarioTests.Without(text, "visibility_close")
        : text.Replace("delay: {on: 0s, off: 300s}", "delay: {on: 50s, off: 300s}", StringComparison.Ordinal);
}
