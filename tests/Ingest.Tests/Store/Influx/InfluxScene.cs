using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Store;
using Telemetry.Ingest.Store.Influx;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Store.Influx;

/// <summary>A log with readings of one device and the writer that copies them through a gate into a real influxd; a test's hand stands for the rules.</summary>
internal sealed class InfluxScene : IAsyncDisposable
{
    public const long T0 = 1_732_440_000_000;
    private readonly TempDirectory _directory = new();
    private readonly FakeTimeProvider _time = new();
    private readonly Influxd _server;
    private readonly string _database;
    private readonly DurableLog _log;
    private readonly Progress _progress = new();
    private readonly Verdicts _verdicts = new();
    private int _readings;

    private InfluxScene(Influxd server, string database)
    {
        (_server, _database) = (server, database);
        Places = new PlaceHistory(Devices);
        _log = DurableLog.Open(_directory.File("log"), new LogOptions { SegmentSize = 1 << 20 }, new FileSystem(), new LogClock(TimeProvider.System), NullLogger.Instance);
        TokenFile = _directory.File("token");
        File.WriteAllText(TokenFile, "first\n");
        Refused = new RefusedLines(AppendAsync, Messages);
    }

    public InfluxGate Gate { get; private set; } = null!;

    public InfluxStore Store { get; private set; } = null!;

    public StoreWriter Writer { get; private set; } = null!;

    public DeviceDirectory Devices { get; } = new();

    public PlaceHistory Places { get; }

    public RefusedLines Refused { get; }

    public RecordingLogger Messages { get; } = new();

    public string TokenFile { get; }

    public DateTimeOffset Now => _time.GetUtcNow();

    public long Committed => _log.Committed;

    public long Stored => _progress.Store;

    public static async Task<InfluxScene> StartAsync(Influxd server, string database, TimeSpan? timeout = null)
    {
        var scene = new InfluxScene(server, database) { Gate = await InfluxGate.StartAsync(server.Url, FreePort.Next()) };
        scene.Register("Yuexiu");
        await scene.StartWriterAsync(timeout);
        return scene;
    }

    /// <summary>Appends readings, numbered on from 1, and lets the rules process them.</summary>
    public async Task AppendAsync(int count, Func<int, ChannelValue>? value = null)
    {
        var batch = new EntryBatch();
        for (var i = 0; i < count; i++)
        {
            var number = ++_readings;
            batch.Add(new ReadingEntry(new Reading
            {
                Gateway = "GW-1",
                Family = "drainage_pump",
                Device = "D-1",
                SentTime = T0 + number,
                EventTime = T0 + number,
                Sequence = number,
                Values = [value?.Invoke(number) ?? new ChannelValue("level", ValueKind.Number, number, null, Quality.Good)],
            }));
        }
        await await _log.AppendAsync(batch, CancellationToken.None);
        RulesDone();
    }

    /// <summary>The register changes by an entry of its own.</summary>
    public async Task MoveAsync(string district)
    {
        var batch = new EntryBatch();
        batch.Add(new DeviceEntry(new Device { Id = "D-1", Family = "drainage_pump", District = district }, "test"));
        var position = await await _log.AppendAsync(batch, CancellationToken.None);
        Places.Changing(position, new Device { Id = "D-1", Family = "drainage_pump", District = district });
        Register(district);
        RulesDone();
    }

    /// <summary>The rules have processed everything that is committed, dead letters included.</summary>
    public void RulesDone() => _progress.RulesReached(_log.Committed);

    public List<DeadLetterEntry> DeadLetters()
    {
        using var reader = _log.OpenReader("", 1);
        var entries = new List<LogEntry>();
        while (reader.Read(entries, 1000) > 0)
        {
        }
        return [.. entries.OfType<DeadLetterEntry>()];
    }

    /// <summary>As a process that was killed: the writer stops where it stands, and another begins with what the database says.</summary>
    public async Task RestartWriterAsync()
    {
        await StopWriterAsync();
        await StartWriterAsync();
    }

    /// <summary>The port that the gate had stays free until it is opened again.</summary>
    public async Task<Func<Task>> CloseGateAsync()
    {
        var port = Gate.Url.Port;
        await Gate.DisposeAsync();
        return async () => Gate = await InfluxGate.StartAsync(_server.Url, port);
    }

    public Task FailingAsync(string text) => EventuallyAsync($"failing with '{text}'", () => Writer.Failing?.Contains(text, StringComparison.Ordinal) == true);

    public Task StoredAsync() => EventuallyAsync("everything stored", () => Stored == Committed);

    public Task EventuallyAsync(string what, Func<bool> condition) => Wait.ForAsync(
        what,
        () =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult((Met: condition(), Stored, Committed, Writer.Failing));
        },
        seen => seen.Met);

    /// <summary>Whatever happened: each reading once, in order, and nothing else.</summary>
    public async Task EverythingIsStoredOnceAsync()
    {
        await StoredAsync();
        Assert.Null(Writer.Failing);
        Assert.Equal(Enumerable.Range(1, _readings).Select(i => (double)i), (await ReadAsync()).Select(point => point.Number));
        Assert.Equal(_readings, (await _server.RowsAsync("SELECT count(level) FROM drainage_pump", _database))[0][1].GetInt32());
        Assert.Empty(Refused.Counts.ToArray());
    }

    public Task<IReadOnlyList<Point>> ReadAsync() => Store.ReadAsync("D-1", "level", T0, T0 + 1_000_000, 1_000_000, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await StopWriterAsync();
        await Gate.DisposeAsync();
        await _log.DisposeAsync();
        _directory.Dispose();
    }

    private void Register(string district) => Devices.Set(new Device { Id = "D-1", Family = "drainage_pump", District = district });

    private async Task StartWriterAsync(TimeSpan? timeout = null)
    {
        var options = InfluxdFixture.Options(Gate.Url, _database, TokenFile) with { Timeout = timeout ?? TimeSpan.FromSeconds(60), MaxLines = 100 };
        Store = new InfluxStore(options, InfluxdFixture.Families.Find, _ => "drainage_pump", LogId.Of(_directory.File("log")), Refused, TimeProvider.System);
        Writer = new StoreWriter(Store, _log, _progress, _verdicts, Places, new StoreWriterOptions(), _time, NullLogger<StoreWriter>.Instance, Telemetry.Ingest.Cluster.Owner.Ownership.Alone);
        await Writer.StartAsync(CancellationToken.None);
    }

    private async Task StopWriterAsync()
    {
        await Writer.StopAsync(CancellationToken.None);
        Writer.Dispose();
        await Store.DisposeAsync();
    }

    private ValueTask<Task<long>> AppendAsync(IReadOnlyList<LogEntry> entries, CancellationToken cancellationToken)
    {
        var batch = new EntryBatch();
        foreach (var entry in entries)
            batch.Add(entry);
        return _log.AppendAsync(batch, cancellationToken);
    }

    /// <summary>What an operator would read.</summary>
    internal sealed class RecordingLogger : ILogger
    {
        private readonly List<string> _lines = [];

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (_lines)
                    return [.. _lines];
            }
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lines)
                _lines.Add(formatter(state, exception));
        }
    }
}
