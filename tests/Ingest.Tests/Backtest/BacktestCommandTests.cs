using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Telemetry.Ingest.Commands;
using Telemetry.Ingest.Tests.Api;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Backtest;

/// <summary>One station: 2.3 m from 00:10 to 00:20, 2.5 m from 00:40 to 00:50. By the shipped rules level_high comes at 00:10:30 and 00:40:30.</summary>
public sealed class BacktestCommandTests(RecordedStorms recorded) : IClassFixture<RecordedStorms>
{
    private const string Delays = "delay: {on: 30s, off: 120s}    # it comes";

    private readonly RecordedLog _storms = recorded.Log;

    [Fact]
    public async Task The_rules_that_were_in_force_differ_in_nothing()
    {
        var lines = await LinesAsync(_storms, _storms.Rules("same"));
        var totals = Assert.Single(lines);
        Assert.Equal(0, totals.GetProperty("totals").GetProperty("added").GetInt32());
        Assert.True(totals.GetProperty("totals").GetProperty("was").GetInt32() >= 2);
        Assert.Single(await LinesAsync(_storms, _storms.Rules("same"), "--against", _storms.Rules("same, too")));
    }

    [Fact]
    public async Task A_shorter_delay_calls_earlier_by_what_it_is_shorter()
    {
        var lines = await LinesAsync(_storms, _storms.Rules("better", from: Delays, to: "delay: {on: 10s, off: 120s}    # it comes"));
        Assert.Equal(
            ["earlier level_high 00:10:10 was 00:10:30", "earlier level_high 00:40:10 was 00:40:30"],
            lines[..^1].Select(Said));
        Assert.Equal(-20_000, lines[^1].GetProperty("rules")[0].GetProperty("medianShiftMs").GetInt64());
    }

    [Fact]
    public async Task A_delay_beyond_the_storm_misses_it()
    {
        var lines = await LinesAsync(_storms, _storms.Rules("worse", from: Delays, to: "delay: {on: 15min, off: 120s}    # it comes"));
        Assert.Equal(["removed level_high none was 00:10:30", "removed level_high none was 00:40:30"], lines[..^1].Select(Said));
        Assert.Equal((2, 0), (lines[^1].GetProperty("load").GetProperty("was")[0].GetProperty("high").GetInt32(), lines[^1].GetProperty("load").GetProperty("is")[0].GetProperty("high").GetInt32()));
    }

    [Fact]
    public async Task Another_severity_and_what_was_not_there_before_are_named()
    {
        var severe = await LinesAsync(_storms, _storms.Rules("severe", from: "{above: high_level, severity: high}", to: "{above: high_level, severity: medium}"));
        Assert.Equal(["severity level_high 00:10:30 was 00:10:30", "severity level_high 00:40:30 was 00:40:30"], severe[..^1].Select(Said));
        Assert.Equal(("medium", "high"), (severe[0].Text("severity"), severe[0].Text("wasSeverity")));
        // 2.3 m is dry ground to the shipped rules' capacity_exceeded; a rule of one's own sees it.
        var added = await LinesAsync(_storms, _storms.Rules("more", from: "  capacity_exceeded:", to: "  early:\n    title: {en: Early, zh: 早}\n    kind: ticket\n    when: sump_level > 2.25 m\n    delay: {on: 60s, off: 60s}\n    severity: low\n    source: test\n\n  capacity_exceeded:"));
        Assert.Equal(["added early 00:11:00 was none", "added early 00:41:00 was none"], added[..^1].Select(Said));
        Assert.Equal("ticket", added[0].Text("kind"));
    }

    [Fact]
    public async Task A_change_of_rules_within_the_log_is_part_of_what_was_recorded_and_not_of_what_is_tried()
    {
        await using var log = await RecordedLog.BeginAsync();
        await log.LevelAsync(1, 600);
        await log.LevelAsync(2.3, 1200);
        await log.LevelAsync(1, 1800);
        var text = FamilySet.ShippedFiles().Single(file => file.File == "drainage_pump.yaml").Text.Replace(Delays, "delay: {on: 50s, off: 120s}    # it comes", StringComparison.Ordinal);
        await log.AddAsync(new FamilyEntry("drainage_pump", text, FamilyReader.HashOf(text), "engineer"));
        await log.LevelAsync(2.3, 2400);
        await log.LevelAsync(1, 3600);

        var lines = await LinesAsync(log, log.Rules("shipped"));

        Assert.Equal(["earlier level_high 00:30:30 was 00:30:50"], lines[..^1].Select(Said));
    }

    [Fact]
    public async Task Only_what_is_raised_within_the_span_is_compared_and_what_was_before_it_is_known()
    {
        var rules = _storms.Rules("better", from: Delays, to: "delay: {on: 10s, off: 120s}    # it comes");
        Assert.Equal(["earlier level_high 00:40:10 was 00:40:30"], (await LinesAsync(_storms, rules, "--from", "2026-06-20T08:20:00+08:00"))[..^1].Select(Said));
        Assert.Equal(["earlier level_high 00:10:10 was 00:10:30"], (await LinesAsync(_storms, rules, "--to", "2026-06-20T00:30:00Z"))[..^1].Select(Said));
        // From the middle of the first storm on, without a warm-up: the level of before is not known, nor that it stood.
        Assert.Equal(
            ["earlier level_high 00:15:10 was 00:15:30", "earlier level_high 00:40:10 was 00:40:30"],
            (await LinesAsync(_storms, rules, "--from", "2026-06-20T00:15:00Z", "--warm-up", "0s"))[..^1].Select(Said));
    }

    [Fact]
    public async Task The_page_holds_both_sides_and_the_readings_and_nothing_from_elsewhere()
    {
        var page = _storms.Directory.File("page.html");
        var (code, output, _) = await RunAsync(_storms, "--rules", _storms.Rules("better <1>", from: Delays, to: "delay: {on: 10s, off: 120s}    # it comes"), "--html", page);
        Assert.Equal(0, code);
        Assert.Contains("2 earlier", output, StringComparison.Ordinal);
        Assert.Contains("20 s earlier", output, StringComparison.Ordinal);
        var html = await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken);
        Assert.Contains("better &lt;1&gt;", html, StringComparison.Ordinal);
        Assert.Equal(2, html.Split("<path class=\"curve\"").Length - 1);
        Assert.Contains("集水池水位高", html, StringComparison.Ordinal);
        Assert.DoesNotContain("http", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_that_is_wrong_is_said_at_once()
    {
        var rules = _storms.Rules("broken", from: "above: high_level", to: "above: no_such_level");
        var (code, output, error) = await RunAsync(_storms, "--rules", rules, "--from", "yesterday", "--warm-up", "long", "--html", "/nowhere/page.html", "--Data:Path", _storms.Directory.File("nowhere"));
        Assert.Equal((2, ""), (code, output));
        foreach (var wrong in new[] { "no_such_level", "drainage_pump.yaml:", "--from yesterday: must be", "--warm-up long is no duration", "the folder /nowhere is not there", "is not there; --Data:Path" })
            Assert.Contains(wrong, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-06-19T00:00:00Z", "2026-06-20T00:00:00Z")]
    [InlineData("2026-06-20T01:00:01Z", "2026-06-21T00:00:00Z")]
    public async Task A_time_of_which_the_log_holds_nothing_is_no_comparison(string from, string to)
    {
        var (code, output, error) = await RunAsync(_storms, "--rules", _storms.Rules("same"), "--from", from, "--to", to);
        Assert.Equal((1, ""), (code, output));
        Assert.EndsWith("/log goes from 2026-06-20T00:00:00.000Z to 2026-06-20T01:00:00.000Z\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_report_says_where_the_old_side_comes_from()
    {
        await using var log = await RecordedStorms.RecordAsync();
        log.Judge();
        Assert.Contains("before: the rules as recorded, out of the recorded journal\n", (await RunAsync(log, "--rules", log.Rules("same"))).Output, StringComparison.Ordinal);
        Assert.Contains("evaluated once more: readings are kept since 2026-06-20T00:00:00", (await RunAsync(log, "--rules", log.Rules("same"), "--from", "2026-06-20T00:30:00Z", "--warm-up", "1s")).Output, StringComparison.Ordinal);
        var totals = Assert.Single(await LinesAsync(log, log.Rules("same")));
        Assert.Equal("journal", totals.Text("was"));
    }

    private static string Said(JsonElement line) => $"{line.Text("change")} {line.Text("rule")} {Clock(line.GetProperty("at"))} was {Clock(line.GetProperty("wasAt"))}";

    private static string Clock(JsonElement time) => time.GetString() is { } text ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).ToString("HH:mm:ss", CultureInfo.InvariantCulture) : "none";

    private static async Task<JsonElement[]> LinesAsync(RecordedLog log, string rules, params string[] more)
    {
        var (code, output, error) = await RunAsync(log, ["--json", "--rules", rules, .. more]);
        Assert.Equal((0, ""), (code, error));
        var again = await RunAsync(log, ["--json", "--rules", rules, .. more]);
        Assert.Equal(output, again.Output);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(RecordedLog log, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var rest = new List<string>(arguments);
        foreach (var (option, value) in new[] { ("--from", "2026-06-20T00:00:00Z"), ("--to", "2026-06-20T01:00:00Z"), ("--Data:Path", log.Data) })
        {
            if (!rest.Contains(option))
                rest.AddRange([option, value]);
        }
        var exitCode = await new RootCommand { BacktestCommand.Create() }.Parse(["backtest", .. rest]).InvokeAsync(new InvocationConfiguration { Output = output, Error = error });
        return (exitCode, output.ToString(), error.ToString());
    }
}
