using System.CommandLine;
using System.IO.Compression;
using Telemetry.Ingest.Commands.Export;
using Telemetry.Ingest.Tests.Backtest;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Commands;

/// <summary>What a recording for <c>replay</c> holds.</summary>
public sealed class LogExportTests
{
    [Fact]
    public async Task Every_reading_stands_in_it_as_it_was_sent_in_the_order_of_arrival()
    {
        await using var recorded = await RecordedLog.BeginAsync();
        await recorded.AddAsync(
            new DeviceEntry(new Device { Id = "PS-1", Family = "drainage_pump", District = "西湖" }, "test"),
            Reading("PS-1", RecordedLog.Zero - 5_000, 17, TimeMarks.None, new("sump_level", ValueKind.Number, 1.25, null, Quality.Uncertain), new("pump_run.2", ValueKind.Boolean, 1, null, Quality.Good), new("power_supply", ValueKind.State, 0, "mains", Quality.Good)));
        await recorded.PassToAsync(1);
        await recorded.AddAsync(
            Reading("PS-1", RecordedLog.Zero - 5_000, 17, TimeMarks.None, new ChannelValue("sump_level", ValueKind.Number, 1.25, null, Quality.Good)),
            Reading("PS-2", null, null, TimeMarks.NoTime, new ChannelValue("sump_level", ValueKind.Number, double.NaN, null, Quality.Bad)),
            Reading("PS-3", RecordedLog.Zero / 1000, null, TimeMarks.Seconds, new ChannelValue("sump_level", ValueKind.Number, 2, null, Quality.Good)));
        var file = recorded.Directory.File("out.jsonl");

        var (code, output, error) = await RunAsync(recorded, file, "--json");

        Assert.Equal((0, ""), (code, error));
        Assert.Equal($$"""{"readings":4,"bytes":{{new FileInfo(file).Length}},"path":"{{file}}"}""", output.Trim());
        Assert.Equal(
            [
                """{"received":"2026-06-20T00:00:00.000Z","gateway":"gw-1","family":"drainage_pump","device":"PS-1","district":"西湖","ts":1781913595000,"seq":17,"values":{"sump_level":1.25,"pump_run.2":true,"power_supply":"mains"},"quality":{"sump_level":"uncertain"}}""",
                """{"received":"2026-06-20T00:00:01.000Z","gateway":"gw-1","family":"drainage_pump","device":"PS-1","district":"西湖","ts":1781913595000,"seq":17,"values":{"sump_level":1.25}}""",
                """{"received":"2026-06-20T00:00:01.000Z","gateway":"gw-1","family":"drainage_pump","device":"PS-2","values":{"sump_level":null},"quality":{"sump_level":"bad"}}""",
                """{"received":"2026-06-20T00:00:01.000Z","gateway":"gw-1","family":"drainage_pump","device":"PS-3","ts":1781913600,"values":{"sump_level":2}}""",
            ],
            await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Filters_are_by_received_time_family_device_and_district_and_gzip_by_the_name()
    {
        await using var recorded = await RecordedLog.BeginAsync();
        await recorded.AddAsync(new DeviceEntry(new Device { Id = "PS-2", Family = "drainage_pump", District = "East" }, "test"));
        for (var second = 0; second < 6; second++)
        {
            await recorded.PassToAsync(second);
            await recorded.AddAsync(Reading(second % 2 == 0 ? "PS-1" : "PS-2", second, null, TimeMarks.None, new ChannelValue("sump_level", ValueKind.Number, second, null, Quality.Good)));
        }

        Assert.Equal("0 1 2 3 4 5", await LevelsAsync());
        Assert.Equal("2 3", await LevelsAsync("--from", "2026-06-20T00:00:02Z", "--to", "2026-06-20T00:00:04Z"));
        Assert.Equal("1 3 5", await LevelsAsync("--district", "East"));
        Assert.Equal("0 2 4", await LevelsAsync("--device", "PS-1"));
        Assert.Equal("", await LevelsAsync("--family", "tunnel"));

        async Task<string> LevelsAsync(params string[] more)
        {
            var file = recorded.Directory.File("out.jsonl.gz");
            Assert.Equal(0, (await RunAsync(recorded, file, ["--force", .. more])).ExitCode);
            using var lines = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
            var text = await lines.ReadToEndAsync(TestContext.Current.CancellationToken);
            return string.Join(' ', text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line[(line.LastIndexOf(':') + 1)..].TrimEnd('}')));
        }
    }

    [Fact]
    public async Task What_is_wrong_is_said_at_once_and_a_file_that_is_there_stays()
    {
        await using var recorded = await RecordedLog.BeginAsync();
        var (code, _, error) = await RunAsync(recorded, recorded.Directory.File("out.csv"), "--from", "noon", "--every", "1m", "--Data:Path", "nowhere");
        Assert.Equal(2, code);
        foreach (var part in new[] { "--out ", "--from noon", "--every is for the store", "nowhere/log is not there" })
            Assert.Contains(part, error, StringComparison.Ordinal);

        var file = recorded.Directory.File("out.jsonl");
        await File.WriteAllTextAsync(file, "mine", TestContext.Current.CancellationToken);
        Assert.Equal(1, (await RunAsync(recorded, file)).ExitCode);
        Assert.Equal("mine", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_store_still_needs_its_span()
    {
        using var error = new StringWriter();
        var code = await new RootCommand { ExportCommand.Create() }.Parse(["export", "--out", "x.csv"]).InvokeAsync(new InvocationConfiguration { Error = error });
        Assert.Equal(2, code);
        Assert.Contains("--from is missing", error.ToString(), StringComparison.Ordinal);
    }

    private static ReadingEntry Reading(string device, long? sent, long? sequence, TimeMarks marks, params ChannelValue[] values) => new(new Reading
    {
        Gateway = "gw-1", Family = "drainage_pump", Device = device, SentTime = sent, Sequence = sequence, EventTime = sent ?? 0, Marks = marks, Values = values,
    });

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(RecordedLog recorded, string file, params string[] more)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        string[] data = more.Contains("--Data:Path") ? [] : ["--Data:Path", recorded.Data];
        var code = await new RootCommand { ExportCommand.Create() }.Parse(["export", "--log", .. data, "--out", file, .. more]).InvokeAsync(new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }
}
