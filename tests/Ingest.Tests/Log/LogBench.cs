using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Telemetry.Ingest.Log;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Log;

/// <summary>A log on a faulty disk under a test's clock, and short words for what the tests do with it.</summary>
public sealed class LogBench
{
    public const string Folder = "/log";

    public static readonly LogOptions Small = new() { SegmentSize = 32 << 10, Reserve = 8 << 10, MaxUncommitted = 64 << 10 };

    public FaultyDisk Disk { get; set; } = new();

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public RecordedLogger Logger { get; } = new();

    public DurableLog Open(LogOptions? options = null, TimeProvider? time = null) =>
        DurableLog.Open(Folder, options ?? Small, Disk, new LogClock(time ?? Time), Logger);

    public static ReadingEntry Reading(long sequence, string device = "d1", int padding = 0, string gateway = "g1", long? eventTime = null) => new(new Reading
    {
        Gateway = gateway,
        Family = "tunnel",
        Device = device,
        SentTime = eventTime ?? 1_767_225_600_000 + sequence,
        EventTime = eventTime ?? 1_767_225_600_000 + sequence,
        Sequence = sequence,
        Values = [new ChannelValue("co", ValueKind.Number, sequence + 0.5, null, Quality.Good), new ChannelValue("note", ValueKind.State, 0, new string('x', padding), Quality.Good)],
    });

    public static EntryBatch Batch(params LogEntry[] entries)
    {
        var batch = new EntryBatch();
        foreach (var entry in entries)
            batch.Add(entry);
        return batch;
    }

    public static async Task<Task<long>> Begin(DurableLog log, params LogEntry[] entries) => await log.AppendAsync(Batch(entries), TestContext.Current.CancellationToken);

    public static async Task<long> Append(DurableLog log, params LogEntry[] entries) => await await Begin(log, entries);

    public static List<LogEntry> ReadAll(DurableLog log, long from = 1)
    {
        using var reader = log.OpenReader("", from);
        var all = new List<LogEntry>();
        while (reader.Read(all, 100) > 0)
        {
        }
        return all;
    }

    public static List<long> Sequences(IEnumerable<LogEntry> entries) => [.. entries.OfType<ReadingEntry>().Select(e => e.Reading.Sequence!.Value)];

    /// <summary>Waits for a condition, letting the test's clock run if asked; fails after 30 s of real time.</summary>
    public Task Until(Func<bool> condition, bool advance = false) => Wait.ForAsync("the log", () =>
    {
        if (advance)
            Time.Advance(TimeSpan.FromSeconds(1));
        return condition();
    });

    public IReadOnlyList<string> Segments => [.. Disk.Names.Where(n => n.EndsWith(".log", StringComparison.Ordinal) && !n.Contains("kept", StringComparison.Ordinal))];

    public sealed class RecordedLogger : ILogger
    {
        private readonly Lock _gate = new();
        private readonly List<string> _lines = [];

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (_gate)
                    return [.. _lines];
            }
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_gate)
                _lines.Add(formatter(state, exception) + exception);
        }
    }
}
