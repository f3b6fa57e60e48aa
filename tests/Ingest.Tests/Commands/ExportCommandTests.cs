using System.CommandLine;
using System.Globalization;
using DuckDB.NET.Data;
using Telemetry.Ingest.Commands.Export;
using Telemetry.Ingest.Store;
using Telemetry.Ingest.Tests.Api;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Commands;

/// <summary>The files are read back by DuckDB, as an engineer's tool would.</summary>
public sealed class ExportCommandTests : IDisposable
{
    // 2024-11-24T09:20:00Z.
    private const long T0 = 1_732_440_000_000;
    private const long Day = 86_400_000;

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("parquet")]
    [InlineData("csv")]
    [InlineData("jsonl")]
    public async Task Every_kind_of_value_of_all_days_stands_in_one_file(string format)
    {
        await using var host = await StartAsync(
            Level(T0, 1.25) with { Sequence = 17, Quality = Quality.Uncertain },
            Level(T0 + 1, double.NaN) with { Quality = Quality.Bad },
            Level(T0 + Day, 5e-324),
            Level(T0 + (3 * Day), 1) with { Channel = "pump_run.2", Kind = ValueKind.Boolean },
            Level(T0 + (3 * Day) + 999, 0) with { Channel = "power_supply", Kind = ValueKind.State, State = "井盖, \"a\"" });
        var file = _directory.File("out." + format);

        var (code, output, error) = await RunAsync(host, "2024-11-24T17:20:00+08:00", T0 + (5 * Day), file, "--json");

        Assert.Equal((0, ""), (code, error));
        Assert.Equal($$"""{"rows":5,"files":1,"bytes":{{new FileInfo(file).Length}},"path":"{{file}}"}""", output.Trim());
        Assert.Equal(
            [
                "2024-11-24 09:20:00|2024-11-24 09:20:00.05|drainage_pump|PS-1|sump_level|1.25||uncertain|17",
                "2024-11-24 09:20:00.001|2024-11-24 09:20:00.051|drainage_pump|PS-1|sump_level|||bad|",
                "2024-11-25 09:20:00|2024-11-25 09:20:00.05|drainage_pump|PS-1|sump_level|5e-324||good|",
                "2024-11-27 09:20:00|2024-11-27 09:20:00.05|drainage_pump|PS-1|pump_run.2|1.0||good|",
                "2024-11-27 09:20:00.999|2024-11-27 09:20:01.049|drainage_pump|PS-1|power_supply||井盖, \"a\"|good|",
            ],
            Lines(file, "time::TIMESTAMP, receivedTime::TIMESTAMP, family, device, channel, value, state, quality, seq"));
        Assert.Equal([file], Directory.GetFileSystemEntries(_directory.Path));
    }

    [Fact]
    public async Task A_folder_gets_a_file_for_each_day_that_has_readings()
    {
        await using var host = await StartAsync(Level(T0, 1), Level(T0 + Day, 2), Level(T0 + (3 * Day), 3));
        var folder = _directory.File("june/");

        var (code, output, _) = await RunAsync(host, T0, T0 + (3 * Day), folder);

        Assert.Equal(0, code);
        Assert.StartsWith("2 values, 2 files, ", output, StringComparison.Ordinal);
        Assert.Equal(["readings-2024-11-24.parquet", "readings-2024-11-25.parquet"], Directory.GetFiles(folder).Select(Path.GetFileName).Order());
        Assert.Equal(["1.0"], Lines(Path.Combine(folder, "readings-2024-11-24.parquet"), "value"));
    }

    [Fact]
    public async Task Filters_and_buckets_are_the_services()
    {
        await using var host = await StartAsync(
            Level(T0, 1), Level(T0 + 9_000, 4), Level(T0 + 10_000, 9) with { Quality = Quality.Bad }, Level(T0, 7) with { Device = "PS-2" },
            Level(T0, 1) with { Channel = "pump_run.1", Kind = ValueKind.Boolean }, Level(T0, 1) with { Channel = "pump_run.2", Kind = ValueKind.Boolean },
            Level(T0, 0) with { Channel = "power_supply", Kind = ValueKind.State, State = "backup" });
        var (buckets, runs, one, none) = (_directory.File("b.csv"), _directory.File("r.csv"), _directory.File("o.csv"), _directory.File("n.csv"));

        await RunAsync(host, T0, T0 + Day, buckets, "--device", "PS-1", "--every", "1m");
        await RunAsync(host, T0, T0 + Day, runs, "--channel", "pump_run", "--family", "drainage_pump");
        await RunAsync(host, T0, T0 + Day, one, "--channel", "pump_run.2", "--district", "Honggutan");
        await RunAsync(host, T0, T0 + Day, none, "--district", "Xihu");

        Assert.Equal(
            [
                "time,family,device,channel,min,mean,max,last,lastState,count",
                "2024-11-24T09:20:00.000Z,drainage_pump,PS-1,power_supply,,,,,backup,1",
                "2024-11-24T09:20:00.000Z,drainage_pump,PS-1,pump_run.1,1.0,1.0,1.0,1.0,,1",
                "2024-11-24T09:20:00.000Z,drainage_pump,PS-1,pump_run.2,1.0,1.0,1.0,1.0,,1",
                "2024-11-24T09:20:00.000Z,drainage_pump,PS-1,sump_level,1.0,2.5,4.0,4.0,,2",
            ],
            File.ReadAllLines(buckets));
        Assert.Equal(["pump_run.1", "pump_run.2"], Lines(runs, "channel"));
        Assert.Equal(["pump_run.2"], Lines(one, "channel"));
        Assert.Equal(["time,receivedTime,family,device,channel,value,state,quality,seq"], File.ReadAllLines(none));
    }

    [Fact]
    public async Task What_is_wrong_is_said_at_once_and_by_name()
    {
        await using var host = await StartAsync();
        var (code, output, error) = await RunAsync(host, "yesterday", "2024-11-24T09:20", _directory.File("x.csv"), "--format", "xlsx");
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("--from yesterday: must be RFC 3339", error, StringComparison.Ordinal);
        Assert.Contains("--to 2024-11-24T09:20: must be", error, StringComparison.Ordinal);
        Assert.Contains("--format xlsx: parquet, csv or jsonl", error, StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync(host, T0, T0, _directory.File("x.csv"))).ExitCode);
        Assert.Equal(2, (await RunAsync(host, T0, T0 + 1, _directory.File("x.csv"), "--format", "parquet")).ExitCode);
    }

    [Theory]
    [InlineData("'no_family' is not a family", "--family", "no_family")]
    [InlineData("there is no device 'PS-9'", "--device", "PS-9")]
    [InlineData("'sump_levl' is not a channel of drainage_pump; did you mean 'sump_level'?", "--channel", "sump_levl", "--device", "PS-1")]
    [InlineData("'sump_levl' is not a channel of drainage_pump; did you mean 'sump_level'?", "--channel", "sump_levl", "--family", "drainage_pump")]
    [InlineData("'sump_levl' is not a channel of any family; did you mean 'sump_level'?", "--channel", "sump_levl")]
    [InlineData("'pump_run.x' is not a channel of any family", "--channel", "pump_run.x")]
    [InlineData("every=5m: must be one of", "--every", "5m")]
    public async Task What_the_service_refuses_leaves_nothing_behind(string refusal, params string[] arguments)
    {
        await using var host = await StartAsync(Level(T0, 1));
        var (code, _, error) = await RunAsync(host, T0, T0 + 1, _directory.File("x.csv"), arguments);
        Assert.Equal(1, code);
        Assert.Contains(refusal, error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_directory.Path));
    }

    [Fact]
    public async Task A_file_that_is_there_is_written_over_by_request_alone()
    {
        await using var host = await StartAsync(Level(T0, 1));
        var file = _directory.File("x.csv");
        await File.WriteAllTextAsync(file, "mine", TestContext.Current.CancellationToken);

        var (code, _, error) = await RunAsync(host, T0, T0 + 1, file);

        Assert.Equal((1, "mine"), (code, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)));
        Assert.Contains("--force", error, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync(host, T0, T0 + 1, file, "--force")).ExitCode);
        Assert.Equal(["1.0"], Lines(file, "value"));
    }

    private static async Task<ApiHost> StartAsync(params Point[] points)
    {
        var host = await ApiHost.StartAsync();
        host.Devices.Set(new Device { Id = "PS-1", Family = "drainage_pump", District = "Honggutan" });
        await host.Store.OpenAsync(TestContext.Current.CancellationToken);
        await host.Store.WriteAsync(points, 1, TestContext.Current.CancellationToken);
        return host;
    }

    private static Point Level(long time, double value) => new("drainage_pump", "PS-1", "sump_level", time, time + 50, ValueKind.Number, value, null, Quality.Good, null);

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(ApiHost host, object from, object to, string path, params string[] more)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        string[] arguments = ["export", "--from", Text(from), "--to", Text(to), "--out", path, "--url", host.Http.BaseAddress!.ToString(), .. more];
        var exitCode = await new RootCommand { ExportCommand.Create() }.Parse(arguments).InvokeAsync(new InvocationConfiguration { Output = output, Error = error });
        return (exitCode, output.ToString(), error.ToString());

        static string Text(object time) => Convert.ToString(time, CultureInfo.InvariantCulture)!;
    }

    private static List<string> Lines(string file, string columns)
    {
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SET TimeZone = 'UTC'; SELECT concat_ws('|', {string.Join(", ", columns.Split(", ").Select(column => $"coalesce(({column})::VARCHAR, '')"))}) FROM '{file}'";
        using var rows = command.ExecuteReader();
        var lines = new List<string>();
        while (rows.Read())
            lines.Add(rows.GetString(0));
        return lines;
    }
}
