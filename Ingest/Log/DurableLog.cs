using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Log;

/// <summary>The ordered, durable log of one partition. FORMAT.md says what stands on the disk.</summary>
public sealed class DurableLog : ILogAppend, IAsyncDisposable
{
    private const int LargestGroup = 4 << 20;

    private readonly string _directory;
    private readonly IFileSystem _files;
    private readonly IDisposable _lock;
    private readonly CommittedPrefix _committed;
    private readonly ReaderBook _readers;
    private readonly Retention _retention;
    private readonly PendingQueue _queue;
    private readonly LogWriter _writer;
    private readonly Housekeeping _housekeeping;
    private readonly ILogger _logger;
    private int _closed;

    private DurableLog(string directory, LogOptions options, IFileSystem files, IDisposable held, LogClock clock, ILogger logger)
    {
        (_directory, _files, _lock, _logger) = (directory, files, held, logger);
        var segments = LogRecovery.Run(directory, files, logger);
        _committed = new CommittedPrefix(segments);
        if (segments is [.., var last])
            clock.StartAfter(last.LastTime);
        _readers = new ReaderBook(directory, files);
        _readers.Load(logger);
        var removed = new RemovedBook(directory, files);
        removed.Load(logger);
        var segmentFiles = new SegmentFiles(directory, options, files);
        string? problem = null;
        try
        {
            segmentFiles.EnsureReserve();
        }
        catch (IOException e)
        {
            // What room the current segment has may be what is left of the last reserve: not for readings.
            problem = "disk_full: no room for the reserve: " + e.Message;
        }
        _queue = new PendingQueue(options.MaxUncommitted, Math.Min(LargestGroup, options.SegmentSize / 4), clock.Time);
        _retention = new Retention(directory, options, files, _committed, _readers, removed, clock, logger);
        _housekeeping = new Housekeeping(directory, options, files, _committed, _readers, _retention, clock.Time, logger);
        var current = segments is [.., var open] ? Current(open) : ((Segment, ILogFile, ChainHash)?)null;
        _writer = new LogWriter(segmentFiles, _committed, removed, _queue, clock, current, problem, () => UnreadBytes > options.Budget, _housekeeping.Wake, logger);
        _readers.SlowestMoved += _writer.Retry;
        if (removed.Misses(segments) is { } missing)
            logger.FrontGone(missing);
        logger.Opened(First, Committed, segments.Count);
    }

    /// <summary>Recovers what stands in <paramref name="directory"/> (a torn tail is cut and said so; damage before it is an error) and starts the writer.</summary>
    /// <exception cref="LogDamageException">Durable data is damaged or missing.</exception>
    /// <exception cref="IOException">Another process holds the log, or the disk cannot be read.</exception>
    public static DurableLog Open(string directory, LogOptions options, IFileSystem files, LogClock clock, ILogger logger)
    {
        files.CreateDirectory(directory);
        var held = files.Lock(Path.Combine(directory, LogNames.Lock));
        try
        {
            return new DurableLog(directory, options, files, held, clock, logger);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>A reader of a log that this process does not hold: the durable prefix as it stands now, from its first entry; nothing is changed.</summary>
    /// <exception cref="LogDamageException">Durable data is damaged or missing.</exception>
    public static LogReader OpenReadOnly(string directory, IFileSystem files) => OpenReadOnly(directory, files, out _, out _);

    /// <param name="history">Reads one device's entries of the same prefix again.</param>
    /// <param name="earlier">Finds what has been sent before, in the same prefix.</param>
    public static LogReader OpenReadOnly(string directory, IFileSystem files, out Func<string, long, long, IEnumerable<ReadingEntry>> history, out Func<ReadingEntry, long, IEnumerable<ReadingEntry>> earlier)
    {
        var prefix = new CommittedPrefix(LogRecovery.Look(directory, files));
        history = new DeviceReader(directory, files, prefix).Read;
        earlier = new KeyReader(directory, files, prefix, NullLogger.Instance).Before;
        return new LogReader("read-only", prefix.First, prefix, files, null);
    }

    /// <summary>Position of the last durable entry; 0 in an empty log.</summary>
    public long Committed => _committed.Last;

    /// <summary>Position of the first entry still kept; 1 in a fresh log.</summary>
    public long First => _committed.First;

    /// <inheritdoc/>
    public string? Unwritable => _writer.Unwritable;

    /// <summary>Bytes that the slowest reader has not read yet; <see cref="LogOptions.Budget"/> bounds them.</summary>
    public long UnreadBytes => _committed.BytesAfter(_readers.Slowest);

    /// <inheritdoc/>
    public TimeSpan StalledFor => _queue.StalledFor;

    /// <inheritdoc/>
    public bool NeedsTicks => true;

    /// <inheritdoc/>
    public ValueTask<Task<long>> AppendAsync(EntryBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Count == 0)
            throw new ArgumentException("an empty batch has no position; append at least one entry", nameof(batch));
        if (_queue.TryAppend(batch, out var room) is not { } commit)
            return AppendLaterAsync(batch, room, cancellationToken);
        _writer.Wake();
        return ValueTask.FromResult(commit);
    }

    /// <summary>
    /// A reader from <paramref name="from"/> (inclusive) on, over the committed prefix only; from the first entry kept if that is later.
    /// Its name holds back retention and counts for the budget, beyond its disposal and a restart; an empty name holds nothing back.
    /// </summary>
    /// <exception cref="InvalidOperationException">The position is beyond the end: the reader has seen another log, or this one has lost its end.</exception>
    public LogReader OpenReader(string name, long from)
    {
        if (from > Committed + 1)
            throw new InvalidOperationException($"reader '{name}' asks for position {from}, but the log in {_directory} ends at {Committed}: it is not the log this reader has read, or its end is lost; restore the log, or remove that reader's data to build it anew");
        var start = name.Length > 0 ? _readers.Register(name, from, () => First) : Math.Max(from, First);
        return new LogReader(name, start, _committed, _files, name.Length > 0 ? _readers : null);
    }

    /// <summary>A position at or before the first entry of this log time (Unix ms) or later: where its segment begins; behind the last entry if there is none.</summary>
    public long PositionBy(long time)
    {
        foreach (var segment in _committed.Segments)
        {
            if (segment.LastTime >= time)
                return segment.First;
        }
        return Committed + 1;
    }

    /// <summary>Of the segment that holds this position, up to there; null where no commit ends with it, or it is no longer kept.</summary>
    internal string? HashAt(long position) =>
        position >= First && position <= Committed && _committed.Holding(position) is { } segment ? ChainHash.At(_files, segment.Path, segment.First, position) : null;

    /// <summary>The name holds back retention and budget no longer.</summary>
    public void ForgetReader(string name) => _readers.Forget(name);

    /// <summary>Retention keeps this position and everything after it. Nothing is removed before this was called once.</summary>
    public void HoldBack(long position) => _retention.HoldBack(position);

    /// <summary>Entries of one device with event time in [from, to), by the index. Ascending position.</summary>
    public IEnumerable<ReadingEntry> ReadDevice(string device, long from, long to) =>
        new DeviceReader(_directory, _files, _committed).Read(device, from, to);

    /// <summary>The same for whoever asks again and again, from one thread: it remembers where it stood.</summary>
    public Func<string, long, long, IEnumerable<ReadingEntry>> OpenHistory() => new DeviceReader(_directory, _files, _committed).Read;

    /// <summary>
    /// For one thread: the readings before an entry of this log that have its device, time as sent and sequence, received at or after a log time
    /// (Unix ms); the latest first.
    /// </summary>
    public Func<ReadingEntry, long, IEnumerable<ReadingEntry>> OpenEarlier() => new KeyReader(_directory, _files, _committed, _logger).Before;

    /// <summary>Operator, rule, device and system entries older than <see cref="First"/>, kept 3 years. Ascending position.</summary>
    public IEnumerable<LogEntry> ReadKept() => KeptEntries.Read(_files, _directory);

    public async ValueTask DisposeAsync()
    {
        // The container knows it by two names, and closes it by each.
        if (Interlocked.Exchange(ref _closed, 1) == 1)
            return;
        _readers.SlowestMoved -= _writer.Retry;
        _queue.Close(new ObjectDisposedException(nameof(DurableLog)));
        await _writer.StopAsync();
        _writer.Dispose();
        await _housekeeping.DisposeAsync();
        _lock.Dispose();
    }

    private (Segment, ILogFile, ChainHash) Current(Segment open)
    {
        var file = _files.Open(open.Path, writable: true);
        return (open, file, ChainHash.Of(file, open.Used));
    }

    private async ValueTask<Task<long>> AppendLaterAsync(EntryBatch batch, Task room, CancellationToken cancellationToken)
    {
        while (true)
        {
            await room.WaitAsync(cancellationToken);
            if (_queue.TryAppend(batch, out room) is { } commit)
            {
                _writer.Wake();
                return commit;
            }
        }
    }
}
