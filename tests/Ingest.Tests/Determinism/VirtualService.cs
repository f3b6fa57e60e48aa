using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Positions;
using Telemetry.Ingest.State;
using Telemetry.Ingest.Store;
using Telemetry.Ingest.Store.Influx.Series;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Determinism;

/// <summary>The service's decoder, log, rules and journal without its doors; its clock is set by hand, so that a day passes in seconds.</summary>
internal sealed class VirtualService : IAsyncDisposable
{
    private readonly string _data;
    private readonly FakeTimeProvider _time;
    private readonly DurableLog _log;
    private readonly MessageDecoder _decoder;
    private readonly EntryBatch _batch = new();
    private readonly List<LogEntry> _entries = [];

    private VirtualService(string data, DateTimeOffset start, IReadOnlyList<Device> register)
    {
        _data = data;
        _time = new FakeTimeProvider(start);
        _log = DurableLog.Open(Path.Combine(data, "log"), new LogOptions(), new FileSystem(), new LogClock(_time), NullLogger.Instance);
        var devices = new DeviceDirectory();
        foreach (var device in register)
            devices.Set(device);
        _decoder = new MessageDecoder(new DecodingTables(FamilySet.Shipped().Find, devices, new Stats()));
    }

    /// <summary>A service that has never run, with its families and its register.</summary>
    public static async Task<VirtualService> BeginAsync(string data, DateTimeOffset start, IReadOnlyList<Device> register)
    {
        var service = new VirtualService(data, start, register);
        service._batch.Add(new ServiceStartedEntry(FirstEntries.EngineVersion));
        foreach (var family in FamilySet.Shipped().All)
            service._batch.Add(new FamilyEntry(family.Name, family.Text, family.Hash));
        foreach (var device in register)
            service._batch.Add(new DeviceEntry(device, "import"));
        await service.CommitAsync();
        return service;
    }

    /// <summary>As it was left.</summary>
    public static VirtualService Open(string data, DateTimeOffset now) => new(data, now, []);

    public long Committed => _log.Committed;

    /// <summary>A message comes in; it is in the log at the next tick.</summary>
    public void Receive(string topic, byte[] payload) => _decoder.Decode(Encoding.UTF8.GetBytes(topic), payload, _time.GetUtcNow().ToUnixTimeMilliseconds(), _entries);

    public void Receive(LogEntry entry) => _entries.Add(entry);

    /// <summary>Time comes to this second.</summary>
    public void Pass(DateTimeOffset now) => _time.SetUtcNow(now);

    public async Task TickAsync()
    {
        foreach (var entry in _entries)
            _batch.Add(entry);
        _entries.Clear();
        _batch.Add(new TickEntry());
        await CommitAsync();
    }

    /// <summary>The rules come to everything that is committed, from their checkpoint on, and stop.</summary>
    /// <param name="logger">Told of what is damaged.</param>
    public void Judge(ILogger? logger = null)
    {
        using var database = StateDatabase.Open(Path.Combine(_data, "state.db"), logger: logger);
        var (book, directory) = (new AlarmBook(database), new DeviceDirectory());
        var load = new OperatorLoad(new LoadLedger(), book);
        using var rules = new RulesRunner(
            _log, database, book, new AlarmFeed(), new ReadingFeed(), directory, new CalendarDirectory(), new PositionDirectory(), new Verdicts(), new PlaceHistory(directory), new FamilyCatalog(FamilySet.Shipped().All), load,
            new MinuteSeries(load, enabled: false), new Stats(), new Progress(), new Checkpoint(Path.Combine(_data, "checkpoint"), NullLogger<Checkpoint>.Instance), new ServiceOptions(), NullLogger<RulesRunner>.Instance);
        rules.Replay();
    }

    /// <summary>As <c>/api/v1/journal</c> gives it.</summary>
    public string Journal()
    {
        using var database = StateDatabase.Open(Path.Combine(_data, "state.db"));
        return string.Concat(database.Journal(1).Select(row => row.Line + "\n"));
    }

    public ValueTask DisposeAsync() => _log.DisposeAsync();

    private async Task CommitAsync()
    {
        await await _log.AppendAsync(_batch, CancellationToken.None);
        _batch.Clear();
    }
}
