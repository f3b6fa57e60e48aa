using System.Reactive.Subjects;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Rules;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Simulators.City;

namespace Telemetry.Dashboards.Tests.Recording;

/// <summary>
/// The log of a simulated city's last hours, as the service would have left it: decoder and log are the real ones, only the clock is set by
/// hand, so that hours pass in seconds. A service started on it has nothing to do but to replay it.
/// </summary>
internal sealed class RecordedCity : IAsyncDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time;
    private readonly LogClock _clock;
    private readonly DurableLog _log;
    private readonly Gateways _gateways;
    private readonly DutyOperator _operator;
    private readonly EntryBatch _batch = new();
    private readonly List<LogEntry> _entries = [];
    private readonly LogReader _reader;
    private readonly RulePipeline _rules;
    private readonly Subject<LogEntry> _judged = new();

    private RecordedCity(SimulatedCity city, string data, FakeTimeProvider time, FamilySet families, int seed)
    {
        City = city;
        _time = time;
        _clock = new LogClock(time);
        var options = new LogOptions();
        _log = DurableLog.Open(Path.Combine(data, "log"), options, new FileSystem(), _clock, NullLogger.Instance);
        _reader = _log.OpenReader("", 1);
        _rules = new RulePipeline((long)options.DuplicateWindow.TotalMilliseconds, _log.OpenHistory().Invoke, _log.OpenEarlier().Invoke);
        _operator = new DutyOperator(seed);
        _rules.Run(_judged).Subscribe(_operator.See);
        var devices = new DeviceDirectory();
        foreach (var device in city.Devices)
            devices.Set(device);
        _gateways = new Gateways(new MessageDecoder(new DecodingTables(families.Find, devices, new Stats())));
    }

    /// <summary>Where it stands now; it can be played on.</summary>
    public SimulatedCity City { get; }

    /// <param name="data">The service's data directory.</param>
    /// <param name="plan">What happens; its times count from the begin.</param>
    /// <param name="end">The begin is so much earlier as the plan is long.</param>
    public static async Task<SimulatedCity> RecordAsync(string data, int devices, int seed, IncidentPlan plan, DateTimeOffset end)
    {
        var start = end - plan.Length;
        var families = FamilySet.Shipped();
        var city = new SimulatedCity(devices, seed, plan.Events, start);
        await using var recorded = new RecordedCity(city, data, new FakeTimeProvider(start), families, seed);
        await recorded.BeginAsync(families);
        while (recorded._time.GetUtcNow() < end)
            await recorded.PassAsync();
        return city;
    }

    public async ValueTask DisposeAsync()
    {
        _judged.Dispose();
        _reader.Dispose();
        await _log.DisposeAsync();
    }

    private Task BeginAsync(FamilySet families)
    {
        _batch.Add(new ServiceStartedEntry(FirstEntries.EngineVersion));
        foreach (var family in families.All)
            _batch.Add(new FamilyEntry(family.Name, family.Text, family.Hash));
        foreach (var device in City.Devices)
            _batch.Add(new DeviceEntry(device, "import"));
        foreach (var gateway in City.Gateways)
            _batch.Add(new GatewayEntry(gateway, true, "status"));
        return CommitAsync();
    }

    private Task PassAsync()
    {
        _time.Advance(Second);
        var now = _time.GetUtcNow();
        foreach (var happening in City.AdvanceTo(now))
            _gateways.Take(happening, now.ToUnixTimeMilliseconds(), _entries);
        _entries.AddRange(_operator.ActionsAt(now.ToUnixTimeMilliseconds()));
        foreach (var entry in _entries)
            _batch.Add(entry);
        _entries.Clear();
        _batch.Add(new TickEntry());
        return CommitAsync();
    }

    private async Task CommitAsync()
    {
        await await _log.AppendAsync(_batch, CancellationToken.None);
        _batch.Clear();
        _reader.Read(_entries, int.MaxValue);
        foreach (var entry in _entries)
            _judged.OnNext(entry);
        _entries.Clear();
    }
}
