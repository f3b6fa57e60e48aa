using System.Reactive.Subjects;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.State;
using Telemetry.Ingest.Tests.Log;
using Telemetry.Rules;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Backtest;

/// <summary>A data directory as a service would have left it, written under a clock set by hand: a tick each second, readings in between.</summary>
internal sealed class RecordedLog : IAsyncDisposable
{
    /// <summary>2026-06-20T00:00:00Z.</summary>
    public const long Zero = 1_781_913_600_000;

    /// <summary>Duplicates are looked for so far back, ms.</summary>
    public const long Window = 7 * 86_400_000L;

    private readonly TempDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(Zero));
    private readonly DurableLog _log;
    private long _second;

    private RecordedLog() => _log = DurableLog.Open(
        _directory.File("data/log"), new LogOptions { SegmentSize = 1 << 20, Reserve = 1 << 20 }, new WrappedFiles(file => new UnsyncedFile(file)), new LogClock(_time), NullLogger.Instance);

    public string Data => _directory.File("data");

    public TempDirectory Directory => _directory;

    public static async Task<RecordedLog> BeginAsync()
    {
        var recorded = new RecordedLog();
        await recorded.AddAsync([new ServiceStartedEntry("5"), .. FamilySet.Shipped().All.Select(family => new FamilyEntry(family.Name, family.Text, family.Hash))]);
        return recorded;
    }

    /// <summary>The same entries at the same positions and times, which are not before <see cref="Zero"/>.</summary>
    public static async Task<RecordedLog> OfAsync(IEnumerable<LogEntry> entries)
    {
        var recorded = new RecordedLog();
        foreach (var moment in entries.GroupBy(entry => entry.Time))
        {
            recorded._time.SetUtcNow(DateTimeOffset.FromUnixTimeMilliseconds(moment.Key));
            await recorded.AddAsync([.. moment]);
        }
        return recorded;
    }

    /// <summary>The journal of this log so far, as the service leaves it; each stretch may be another run of the service.</summary>
    /// <param name="stretches">Positions up to which one goes, ascending; the last one is where the journal ends.</param>
    /// <param name="by">Null for the service as it is now.</param>
    public void Judge(IReadOnlyList<long>? stretches = null, JournalBy? by = null)
    {
        using var reader = DurableLog.OpenReadOnly(Path.Combine(Data, "log"), new FileSystem(), out var history, out var earlier);
        var (transitions, families, entries) = (new List<AlarmTransition>(), new List<FamilyEntry>(), new List<LogEntry>());
        using var log = new Subject<LogEntry>();
        using var running = new RulePipeline(Window, history.Invoke, earlier.Invoke).Run(log).Subscribe(transitions.Add);
        foreach (var end in stretches ?? [reader.Last])
        {
            using var database = StateDatabase.Open(Path.Combine(Data, "state.db"), null, by ?? new JournalBy(FirstEntries.EngineVersion, Window));
            reader.Read(entries, (int)(end + 1 - reader.Next));
            foreach (var entry in entries)
                log.OnNext(entry);
            families.AddRange(entries.OfType<FamilyEntry>());
            database.Apply(new ProjectionBatch(end, transitions, [], [], families));
            transitions.Clear();
            families.Clear();
            entries.Clear();
        }
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

    public static ReadingEntry Level(long time, double level) => new(new Reading
    {
        Gateway = "gw-1", Family = "drainage_pump", Device = "PS-1", SentTime = time, EventTime = time, Values = [new ChannelValue("sump_level", ValueKind.Number, level, null, Quality.Good)],
    });

    public async ValueTask DisposeAsync()
    {
        await _log.DisposeAsync();
        _directory.Dispose();
    }
}
