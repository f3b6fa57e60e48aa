namespace Telemetry.Ingest.Hosting;

/// <summary>How little room on the disk of <c>Data:Path</c> is an alarm: <c>Data:Low</c>, <c>Data:AlmostFull</c>.</summary>
public sealed record DiskOptions
{
    /// <summary>Bytes free, below which <c>system/disk_low</c> stands; on a disk of less than ten times as much, a tenth of it. Default 2 GiB; at least 1 MiB. At 5,000 readings/s that is 50 min.</summary>
    public long Low { get; init; } = 2L << 30;

    /// <summary>Bytes free, below which <c>system/disk_almost_full</c> stands; on a disk of less than fifty times as much, a fiftieth of it. Default 256 MiB; at least 1 MiB and less than <see cref="Low"/>. A few segments of the log, and room for whoever has to be told.</summary>
    public long AlmostFull { get; init; } = 256L << 20;
}
