using System.Globalization;
using System.Text.Json;
using Telemetry.Simulators.Load;

namespace Telemetry.EndToEnd.Tests;

/// <summary>InfluxDB away under load. 6 s; 60 s with TELEMETRY_LONG=1.</summary>
public sealed class InfluxOutageTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(Environment.GetEnvironmentVariable("TELEMETRY_LONG") is { Length: > 0 } ? 60 : 6);

    private readonly TempDirectory _data = new();
    private readonly TempDirectory _records = new();
    private readonly CancellationTokenSource _over = new();
    private readonly int _port = FreePort.Next();
    private Influxd _influx = null!;
    private InfluxGate _gate = null!;
    private Task _publishing = Task.CompletedTask;
    private int _alarms;

    public async ValueTask InitializeAsync()
    {
        _influx = await Influxd.StartAsync();
        await _influx.CreateDatabaseAsync("city");
        _gate = await InfluxGate.StartAsync(_influx.Url);
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await Task.WhenAny(_publishing);
        await _gate.DisposeAsync();
        await _influx.DisposeAsync();
        _over.Dispose();
        _data.Dispose();
        _records.Dispose();
    }

    [Fact]
    public async Task Nothing_is_lost_alarms_go_on_and_the_reader_catches_up()
    {
        var begun = TimeProvider.System.GetUtcNow();
        await using var service = await StartAsync();
        var load = Publish(2000);
        await Wait.ForAsync("load", () => load.Acknowledged > 4000);
        var before = await AlarmsAsync(service);

        await _influx.CrashAsync();
        var since = TimeProvider.System.GetTimestamp();
        List<double> during = [];
        while (TimeProvider.System.GetElapsedTime(since) < Outage)
            during.AddRange(await AlarmsAsync(service));
        await Wait.ForAsync("it says that the database is away", () => ReadyAsync(service), text => text.Contains("influxdb:", StringComparison.Ordinal));
        await _influx.StartAgainAsync();
        var back = TimeProvider.System.GetTimestamp();
        await service.CaughtUpAsync();
        var caughtUp = TimeProvider.System.GetElapsedTime(back);

        await EndAsync();
        await service.CaughtUpAsync();
        var ((acknowledged, stored, missing, doubled), inInflux) = await TheSameInBothAsync(service, begun);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"away {Outage.TotalSeconds} s; acknowledged {acknowledged}, in DuckDB {stored}, in InfluxDB {inInflux}, lost {missing}, doubled {doubled}; caught up {caughtUp.TotalSeconds:0.0} s after it was back; reading to alarm in the API, median/slowest ms: before {Median(before):0}/{before.Max():0}, meanwhile {Median(during):0}/{during.Max():0} ({during.Count} alarms)"));
        Assert.Equal((0, 0), (missing, doubled));
        Assert.Equal(stored, inInflux);
    }

    [Fact]
    public async Task Over_the_budget_readings_are_no_longer_acknowledged_and_come_in_when_the_database_is_back()
    {
        var begun = TimeProvider.System.GetUtcNow();
        string[] small = ["--Log:Budget=2MiB", "--Log:SegmentSize=1MiB", "--Log:MaxUncommitted=256KiB"];
        var first = await StartAsync(small);
        await using var killed = first;
        var service = first;
        var load = Publish(5000);
        await Wait.ForAsync("load", () => load.Acknowledged > 2000);
        _gate.Fault = InfluxFault.Unavailable();
        await Wait.ForAsync("the budget's end", () => service.GetAsync("api/v1/stats"), stats => stats.GetProperty("logUnwritable").GetString()?.StartsWith("budget", StringComparison.Ordinal) == true, 60);
        await service.AlarmAsync("telemetry", "log_unwritable");
        var stopped = load.Acknowledged;
        // The connections are closed and gateways keep what they have; an operator still works.
        Assert.Equal(200, (int)(await service.ActAsync((await service.AlarmAsync("telemetry", "log_unwritable")).GetProperty("id").GetString()!, "acknowledge")).StatusCode);
        await first.KillAsync();
        _gate.Fault = null;
        await using var second = await StartAsync(small);
        service = second;
        await Wait.ForAsync("acknowledged again", () => load.Acknowledged > stopped + 2000, 90);

        await EndAsync();
        await service.CaughtUpAsync();
        var ((acknowledged, stored, missing, doubled), inInflux) = await TheSameInBothAsync(service, begun);
        output.WriteLine($"acknowledged {acknowledged}, in DuckDB {stored}, in InfluxDB {inInflux}, lost {missing}, doubled {doubled}");
        // The alarm of the run before has not stayed behind. So small a budget is used up between two checkpoints of the rules: the next one ends it.
        await service.AlarmAsync("telemetry", "log_unwritable", alarm => alarm.GetProperty("state").GetString() is "normal" or "cleared_unacknowledged", 90);
        Assert.Equal((0, 0), (missing, doubled));
    }

    /// <summary>What was on its way when the gateways ended comes in later, and in one store before the other.</summary>
    private Task<((int Acknowledged, int Stored, int Missing, int Doubled) Compared, int InInflux)> TheSameInBothAsync(ServiceProcess service, DateTimeOffset begun) => Wait.ForAsync(
        "the same in both stores",
        async () => (Compared: await Ledger.CompareAsync(service, Record, begun), InInflux: (await _influx.RowsAsync("SELECT count(sump_level) FROM drainage_pump", "city"))[0][1].GetInt32()),
        both => both.Compared.Stored == both.InInflux);

    private static async Task<string> ReadyAsync(ServiceProcess service)
    {
        using var ready = await service.Http.GetAsync("health/ready");
        return await ready.Content.ReadAsStringAsync();
    }

    private string Record => _records.File("acknowledged");

    private Task<ServiceProcess> StartAsync(params string[] more) => ServiceProcess.StartAsync(
        _data.Path, _port, ["--Store:Kinds=duckdb,influxdb", $"--Influx:Url={_gate.Url}", "--Influx:Org=city", "--Influx:Bucket=city", $"--Influx:TokenFile={_influx.TokenFile}", .. more]);

    private LoadPublisher Publish(int rate)
    {
        var load = new LoadPublisher(
            new LoadOptions { Port = _port, Connections = 4, Devices = 8, Qos = 1, InFlight = 50, Rate = rate, Duration = TimeSpan.FromHours(1), Reconnect = true, Patience = TimeSpan.FromMinutes(3), Record = Record },
            TimeProvider.System);
        _publishing = Task.Run(() => load.RunAsync(_over.Token));
        return load;
    }

    private async Task EndAsync()
    {
        await _over.CancelAsync();
        await Task.WhenAny(_publishing);
    }

    /// <summary>Milliseconds from the acknowledged reading to the alarm in the API, of a few gas leaks.</summary>
    private async Task<List<double>> AlarmsAsync(ServiceProcess service)
    {
        List<double> latencies = [];
        for (var i = 0; i < 5; i++)
        {
            var device = string.Create(CultureInfo.InvariantCulture, $"gas-{_alarms++}");
            await Clients.MosquittoPubAsync(_port, $"telemetry/v1/gw-gas/gas_valve/{device}", """{"values":{"gas_alarm_state":"high"}}""", "-q", "1");
            var published = TimeProvider.System.GetTimestamp();
            await service.AlarmAsync(device, "leak_high");
            latencies.Add(TimeProvider.System.GetElapsedTime(published).TotalMilliseconds);
        }
        return latencies;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
