using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Store;

/// <summary>A time-series store behind the log. One contract suite runs against each implementation: DuckDB and a real InfluxDB.</summary>
public interface ISeriesStore : IAsyncDisposable
{
    /// <summary><c>duckdb</c>, <c>influxdb</c>.</summary>
    string Kind { get; }

    /// <summary>Position of the last entry whose points are stored for good; 0 for none, and before <see cref="OpenAsync"/> has succeeded.</summary>
    long Position { get; }

    /// <summary>
    /// Makes the store ready and its <see cref="Position"/> known. Throws <see cref="IOException"/> when it can't for now: the caller tries
    /// again. Throws <see cref="InvalidDataException"/> when it never will (written by a newer version). Free when already open.
    /// </summary>
    Task OpenAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Stores the points, then the position, so that a replay from <see cref="Position"/> + 1 doubles nothing: in one transaction, or by points
    /// that are the same each time they are written. A batch at or before <see cref="Position"/> is taken as stored. Throws <see cref="IOException"/>
    /// when it can't for now (disk full, database away; <see cref="StoreAwayException"/> if it says how long): the caller opens it again and
    /// reads the log from the position that the store has then.
    /// </summary>
    Task WriteAsync(IReadOnlyList<Point> points, long position, CancellationToken cancellationToken);

    /// <summary>Event time in [from, to), ascending event time, then position; at most <paramref name="limit"/>. Throws <see cref="IOException"/> while the store is away.</summary>
    Task<IReadOnlyList<Point>> ReadAsync(string device, string channel, long from, long to, int limit, CancellationToken cancellationToken);

    /// <summary>Buckets of event time in [from, to), aligned to the epoch, empty ones left out, bad values excluded.</summary>
    /// <param name="every">Milliseconds, from 1.</param>
    Task<IReadOnlyList<Bucket>> ReadBucketsAsync(string device, string channel, long from, long to, long every, CancellationToken cancellationToken);
}

/// <summary>One channel's value at one time.</summary>
/// <param name="Channel">With instance: <c>pump_run.2</c>.</param>
/// <param name="Time">Event time, Unix ms.</param>
/// <param name="ReceivedTime">Unix ms.</param>
/// <param name="LookUpFirst">Older than the duplicate window: insert only if no point of equal (device, channel, time, sequence, value) is stored.</param>
/// <param name="Origin">Where it comes from; for writing alone, a point that is read back has none.</param>
public readonly record struct Point(
    string Family,
    string Device,
    string Channel,
    long Time,
    long ReceivedTime,
    ValueKind Kind,
    double Number,
    string? State,
    Quality Quality,
    long? Sequence,
    bool LookUpFirst = false,
    Origin Origin = default);

/// <summary>Of which entry a point is, and where its device stood then. Points of one position are values of one reading.</summary>
/// <param name="Position">In the log.</param>
/// <param name="Gateway">By which the reading came.</param>
/// <param name="SentTime">As the reading says, before any correction; null without one. Part of the reading's key.</param>
public readonly record struct Origin(long Position, string? Gateway, Place Place, long? SentTime);

/// <summary>One span of <c>every</c> milliseconds of one channel; a boolean counts as 0 and 1, a state has only the last and the count.</summary>
/// <param name="Time">Its start, Unix ms.</param>
/// <param name="LastNumber">Of the latest event time; the later position where that is equal. Null where the last value is a state.</param>
/// <param name="LastState">The state's name where the last value is a state.</param>
public readonly record struct Bucket(long Time, double? Min, double? Mean, double? Max, double? LastNumber, string? LastState, long Count);
