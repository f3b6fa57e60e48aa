namespace Telemetry.Ingest.Store;

/// <summary>What to take out of the embedded store, and how to write it.</summary>
/// <param name="From">Event time, Unix ms, inclusive.</param>
/// <param name="To">Event time, Unix ms, exclusive.</param>
/// <param name="Family">Null for all.</param>
/// <param name="Devices">Null for all.</param>
/// <param name="Channel">With its instance, or without for all instances; null for all.</param>
/// <param name="Every">Width of buckets in ms, aligned to the epoch; null for the values themselves.</param>
/// <param name="Gzipped">Of text formats alone: Parquet compresses within.</param>
public sealed record ReadingExport(
    ExportFormat Format, long From, long To, string? Family = null, IReadOnlyCollection<string>? Devices = null, string? Channel = null, long? Every = null, bool Gzipped = false);

/// <summary>How an export is written.</summary>
public enum ExportFormat
{
    Parquet,
    Csv,

    /// <summary>JSON lines: one object a row.</summary>
    Jsonl,
}
