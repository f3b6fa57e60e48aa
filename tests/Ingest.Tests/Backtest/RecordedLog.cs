using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Telemetry.Ingest.Log;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Backtest;

/// <summary>A data directory as a service would have left it, written under a clock set by hand: a tick each second, readings in between.</summary>
internal sealed class RecordedLog : IAsyncDisposable
{
    /// <summary>2026-06-20T00:00:00Z.</summary>
    public const long Zero = 1_781_913_600_000;

    private readonly TempDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(Zero));
    private readonly DurableLog _log;
    private long _second;

    private RecordedLog() => _log = DurableLog.Open(
        _directory.File("data/log"), new LogOptions { SegmentSize = 1 << 20, Reserve = 1 << 20 }, new FileSystem(), new LogClock(_time), NullLogger.Instance);

    public string Data => _directory.File("data");

    public TempDirectory Directory => _directory;

    public static async Task<RecordedLog> BeginAsync()
    {
        var recorded = new RecordedLog();
        await recorded.AddAsync([new ServiceStartedEntry("5"), .. FamilySet.Shipped().All.Select(family => new FamilyEntry(family.Name, family.Text, family.Hash))]);
        return recorded;
    }

    /// <summary>Time passes with ticks up to this second since <see cref="Zero"/>.</summary>
    public async Task PassToAsync(long second)
    {
        for (; _second < second; _second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await AddAsync(new TickEntry());
        }
    }

    public async Task AddAsync(params LogEntry[] entries)
    {
        var batch = new EntryBatch();
        foreach (var entry in entries)
            batch.Add(entry);
        await await _log.AppendAsync(batch, TestContext.Current.CancellationToken);
    }

    /// <summary>So many of station PS-1 in one go, a second of event time apart.</summary>
    public Task AddReadingsAsync(int count) =>
        AddAsync([.. Enumerable.Range(0, count).Select(i => Level(Zero + (i * 1000L), 1))]);

    /// <summary>Station PS-1 says its level every 10 s from here to this second.</summary>
    public async Task LevelAsync(double level, long until)
    {
        for (; _second < until; await PassToAsync(_second + 10))
            await AddAsync(Level(Zero + (_second * 1000), level));
    }

    /// <summary>A folder of the shipped family files, with this change to one of them.</summary>
    public string Rules(string name, string family = "drainage_pump", string from = "", string to = "")
    {
        var folder = System.IO.Directory.CreateDirectory(_directory.File(name)).FullName;
        foreach (var (file, text) in FamilySet.ShippedFiles())
        {
            var isChanged = from.Length > 0 && Path.GetFileNameWithoutExtension(file) == family;
            Assert.True(!isChanged || text.Contains(from, StringComparison.Ordinal), $"{file} does not hold: {from}");
            File.WriteAllText(Path.Combine(folder, Path.GetFileName(file)), isChanged ? text.Replace(from, to, StringComparison.Ordinal) : text);
        }
        return folder;
    }

    private static ReadingEntry Level(long time, double level) => new(new Reading
    {
        Gateway = "gw-1", Family = "drainage_pump", Device = "PS-1", SentTime = time, EventTime = time, Values = [new ChannelValue("sump_level", ValueKind.Number, level, null, Quality.Good)],
    });

    public async ValueTask DisposeAsync()
    {
        await _log.DisposeAsync();
        _directory.Dispose();
    }
}
