using System.Text;
using System.CommandLine;
using System.Net;
using System.Text.Json;
using CsCheck;
using Telemetry.Ingest.Audit;
using Telemetry.Ingest.Commands;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.State;
using Telemetry.Ingest.Tests.Api;
using Telemetry.Ingest.Tests.Log;
using Telemetry.Ingest.Tests.State;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Audit;

public sealed class AuditTests
{
    [Fact]
    public async Task Who_did_what_to_what_stands_there_in_words_and_in_order()
    {
        await using var host = await ApiHost.StartAsync();
        var alarm = await host.RaiseAsync(Samples.Alarm("a") with { State = AlarmState.ActiveUnacknowledged });
        await host.SendAsync(HttpMethod.Put, "/api/v1/devices/ps-1?by=chen", """{"family": "drainage_pump", "district": "harbour"}""");
        await host.PostAsync("/api/v1/alarms/a/acknowledge", """{"by": "li", "comment": "seen"}""");
        var lines = await LinesAsync(host, "/api/v1/audit");
        var device = lines.Single(line => line.Text("kind") == "device");
        Assert.Equal(("chen", "ps-1", "chen wrote device ps-1 of drainage_pump into the register: live, in harbour"), (device.Text("by"), device.Text("subject"), device.Text("sentence")));
        var action = lines.Single(line => line.Text("kind") == "action");
        Assert.Equal(("li", "a", $"li: acknowledge, alarm {alarm.Rule} of {alarm.Device}: seen"), (action.Text("by"), action.Text("subject"), action.Text("sentence")));
        Assert.Equal(("acknowledge", alarm.Device), (action.GetProperty("fields").Text("action"), action.GetProperty("fields").Text("device")));
        Assert.True(device.GetProperty("position").GetInt64() < action.GetProperty("position").GetInt64());

        Assert.Equal("li", Assert.Single(await LinesAsync(host, "/api/v1/audit?by=Li")).Text("by"));
        Assert.Equal("ps-1", Assert.Single(await LinesAsync(host, "/api/v1/audit?kind=device")).Text("subject"));
        Assert.Empty(await LinesAsync(host, "/api/v1/audit?to=2020-01-01T00:00:00Z"));
        Assert.Equal(HttpStatusCode.BadRequest, (await host.SendAsync(HttpMethod.Get, "/api/v1/audit?kind=deed")).Status);
    }

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData("\r=1", "\"'\r=1\"")]
    [InlineData("=HYPERLINK(\"http://evil\",\"x\")", "\"'=HYPERLINK(\"\"http://evil\"\",\"\"x\"\")\"")]
    [InlineData("li, \"wang\"", "\"li, \"\"wang\"\"\"")]
    [InlineData("silt", "silt")]
    [InlineData("井盖", "井盖")]
    [InlineData("", "")]
    public void A_cell_never_begins_as_a_formula(string text, string cell) => Assert.Equal(cell, AuditCsv.Cell(text));

    [Fact]
    public async Task A_formula_in_a_name_or_a_comment_comes_out_of_the_CSV_as_text()
    {
        await using var host = await ApiHost.StartAsync();
        await host.RaiseAsync(Samples.Alarm("a") with { State = AlarmState.ActiveUnacknowledged });
        await host.PostAsync("/api/v1/alarms/a/acknowledge", """{"by": "=cmd|' /c calc'!A0", "comment": "=1+1"}""");
        using var answer = await host.Http.GetAsync(new Uri("/api/v1/audit?format=csv&kind=action", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal("text/csv", answer.Content.Headers.ContentType!.MediaType);
        var rows = (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, rows.Length);
        Assert.Contains(",action,'=cmd|' /c calc'!A0,a,", rows[1], StringComparison.Ordinal);
        Assert.DoesNotContain(rows[1].Split(','), cell => cell.TrimStart('"').StartsWith('='));
    }

    [Fact]
    public async Task The_command_writes_a_file_of_what_the_service_answers_and_says_why_not()
    {
        await using var host = await ApiHost.StartAsync();
        await host.SendAsync(HttpMethod.Put, "/api/v1/devices/ps-1?by=chen", """{"family": "drainage_pump"}""");
        using var folder = new TempDirectory();
        var file = Path.Combine(folder.Path, "audit.csv");
        Assert.Equal((0, ""), await RunAsync("--url", host.Http.BaseAddress!.ToString(), "--kind", "device", "--out", file));
        Assert.Contains(",device,chen,ps-1,", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var (code, output) = await RunAsync("--url", host.Http.BaseAddress!.ToString(), "--kind", "deed");
        Assert.Equal(1, code);
        Assert.Contains("kind=deed: must be one of action, device", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_retention_kept_of_its_segments_is_in_it()
    {
        var bench = new LogBench();
        using var folder = new TempDirectory();
        using var database = StateDatabase.Open(Path.Combine(folder.Path, "state.db"));
        await using var log = bench.Open(LogBench.Small with { Keep = TimeSpan.FromHours(1) });
        var from = bench.Time.GetUtcNow().ToUnixTimeMilliseconds();
        await LogBench.Append(log, new ActionEntry { Action = "reset", Alarm = "long-gone", By = "li" });
        for (var i = 1; i <= 60; i++)
            await LogBench.Append(log, LogBench.Reading(i, padding: 2_000));
        bench.Time.Advance(TimeSpan.FromHours(2));
        log.HoldBack(long.MaxValue);
        await bench.Until(() => log.First > 1, advance: true);
        await LogBench.Append(log, new ActionEntry { Action = "acknowledge", Alarm = "b", By = "li" });
        var records = new AuditReader(log, database).Read(new AuditFilter(from, long.MaxValue, "li", null), TestContext.Current.CancellationToken);
        Assert.Equal(["li: reset, alarm long-gone", "li: acknowledge, alarm b"], records.Select(record => record.Sentence));
    }

    [Fact]
    public void Nothing_that_outlives_its_segment_is_left_out()
    {
        var text = new AuditText(_ => null);
        AnyEntry.Gen.Repeatably().Sample(entry =>
        {
            var batch = new EntryBatch();
            batch.Add(entry);
            var rest = batch.Bytes;
            EntryCodec.NextBody(ref rest, out var kind);
            var record = text.Of(entry);
            Assert.True(record is not null || !kind.IsKept(), $"{kind} is in no audit trail");
            Assert.True(record is null || AuditRecord.Kinds.Contains(record.Kind));
        }, iter: 500, threads: 1);
    }

    private static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        var output = new StringWriter();
        var code = await AuditCommand.Create().Parse(arguments).InvokeAsync(new InvocationConfiguration { Output = output, Error = output }, TestContext.Current.CancellationToken);
        return (code, output.ToString());
    }

    private static async Task<List<JsonElement>> LinesAsync(ApiHost host, string path)
    {
        var text = await host.Http.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).Where(line => line.Text("kind") != "system")];
    }
}
