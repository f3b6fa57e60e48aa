using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Store;

/// <summary>A time-series store behind the log. One contract suite runs against each implementation (DuckDB; InfluxDB with the next issue).</summary>
public interface ISeriesStore : IAsyncDisposable
{
    /// <summary><c>duckdb</c>, <c>influxdb</c>.</summary>
    string Kind { get; }

    /// <summary>Position of the last entry whose points are stored for good; 0 for none.</summary>
    long Position { get; }

    /// <summary>
    /// Stores the points and the position in one transaction, so that a replay from <see cref="Position"/> + 1 doubles nothing. Throws
    /// <see cref="IOException"/> when it can't for now (disk full, database away): the caller tries again with the same points.
    /// </summary>
    Task WriteAsync(IReadOnlyList<Point> points, long position, CancellationToken cancellationToken);

    /// <summary>Ascending event time, then position; at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<Point>> ReadAsync(string device, string channel, long from, long to, int limit, CancellationToken cancellationToken);

    /// <summary>Buckets aligned to the epoch, empty ones left out, bad values excluded.</summary>
    /// <param name="every">Milliseconds.</param>
    Task<IReadOnlyList<Bucket>> ReadBucketsAsync(string device, string channel, long from, long to, long every, CancellationToken cancellationToken);
}

/// <summary>One channel's value at one time.</summary>
/// <param name="Channel">With instance: <c>pump_run.2</c>.</param>
/// <param name="Time">Event time, Unix ms.</param>
/// <param name="ReceivedTime">Unix ms.</param>
/// <param name="LookUpFirst">Older than the duplicate window: insert only if no point of equal (device, channel, time, sequence, value) is stored.</param>
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
    bool LookUpFirst = false);

/// <param name="Last">The number, or the state's name.</param>
public readonly record struct Bucket(long Time, double? Min, double? Mean, double? Max, double? LastNumber, string? LastState, long Count);
