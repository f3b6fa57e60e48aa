using System.Globalization;
using DuckDB.NET.Data;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Store;

/// <summary>Readings as a file for other tools, written by DuckDB itself in bounded memory.</summary>
internal static class DuckDbExport
{
    // Text says in what zone it is; Parquet has a type for it.
    private const string TextTime = "strftime(epoch_ms({0}), '%Y-%m-%dT%H:%M:%S.%gZ')";
    private const string ParquetTime = "epoch_ms({0})::TIMESTAMPTZ";

    /// <returns>Rows written: values by event time, equal times as they were stored; buckets by device, channel and time.</returns>
    public static long Write(DuckDBConnection connection, ReadingExport export, string file, CancellationToken cancellationToken)
    {
        DuckDbSchema.Execute(connection, "SET TimeZone = 'UTC'");
        SelectSeries(connection, export);
        using var command = connection.CreateCommand();
        command.CommandText = $"COPY ({(export.Every is { } every ? Buckets(export, every) : Values(export))}) TO {Quoted(file)} ({Options(export)})";
        using var cancelling = cancellationToken.Register(command.Cancel);
        return command.ExecuteNonQuery();
    }

    /// <summary>Makes one file of several, in their order.</summary>
    /// <exception cref="IOException">The disk takes no more, or a part is not whole.</exception>
    public static void JoinParquet(IEnumerable<string> parts, string whole)
    {
        try
        {
            using var connection = new DuckDBConnection("Data Source=:memory:");
            connection.Open();
            DuckDbSchema.Execute(connection, $"COPY (SELECT * FROM read_parquet([{string.Join(',', parts.Select(Quoted))}])) TO {Quoted(whole)} (FORMAT parquet, COMPRESSION zstd)");
        }
        catch (DuckDBException error)
        {
            throw new IOException($"{whole} can't be written: {error.Message}", error);
        }
    }

    private static string Quoted(string file) => $"'{file.Replace("'", "''", StringComparison.Ordinal)}'";

    private static void SelectSeries(DuckDBConnection connection, ReadingExport export)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"""
            CREATE TEMP TABLE wanted_device (id VARCHAR);
            CREATE TEMP TABLE wanted AS SELECT * FROM series WHERE true
            {(export.Family is null ? "" : "AND family = $family")} {(export.Channel is null ? "" : "AND (channel = $channel OR starts_with(channel, $channel || '.'))")}
            """;
        if (export.Family is { } family)
            command.Parameters.Add(new DuckDBParameter("family", family));
        if (export.Channel is { } channel)
            command.Parameters.Add(new DuckDBParameter("channel", channel));
        command.ExecuteNonQuery();
        if (export.Devices is not { } devices)
            return;
        using (var appender = connection.CreateAppender("temp", "main", "wanted_device"))
        {
            foreach (var device in devices)
                appender.CreateRow().AppendValue(device).EndRow();
        }
        DuckDbSchema.Execute(connection, "DELETE FROM wanted WHERE device NOT IN (SELECT id FROM wanted_device)");
    }

    private static string Values(ReadingExport export) => string.Create(CultureInfo.InvariantCulture, $"""
        SELECT {Time(export, "readings.time")} AS time, {Time(export, "received")} AS receivedTime, family, device, channel,
               CASE WHEN isfinite(number) THEN number END AS value, state,
               CASE quality {string.Join(' ', Enum.GetValues<Quality>().Select(quality => $"WHEN {(byte)quality} THEN '{quality.ToString().ToLowerInvariant()}'"))} END AS quality,
               sequence AS seq
        FROM readings JOIN wanted ON readings.series = wanted.id WHERE readings.time >= {export.From} AND readings.time < {export.To}
        ORDER BY readings.time, readings.rowid
        """);

    // Last as DuckDbQueries takes it.
    private static string Buckets(ReadingExport export, long every) => string.Create(CultureInfo.InvariantCulture, $"""
        SELECT {Time(export, "bucket")} AS time, family, device, channel, min, mean, max, last, lastState, count FROM (
            SELECT time - (time % {every} + {every}) % {every} AS bucket, family, device, channel,
                   min(number) AS min, avg(number) AS mean, max(number) AS max,
                   arg_max_null(number, readings.time::HUGEINT * 1099511627776 + readings.rowid) AS last,
                   arg_max_null(readings.state, readings.time::HUGEINT * 1099511627776 + readings.rowid) AS lastState, count(*) AS count
            FROM readings JOIN wanted ON readings.series = wanted.id
            WHERE readings.time >= {export.From} AND readings.time < {export.To} AND quality <> {(byte)Quality.Bad}
            GROUP BY ALL)
        ORDER BY device, channel, bucket
        """);

    private static string Time(ReadingExport export, string column) =>
        string.Format(CultureInfo.InvariantCulture, export.Format == ExportFormat.Parquet ? ParquetTime : TextTime, column);

    private static string Options(ReadingExport export) => (export.Format, export.Gzipped) switch
    {
        (ExportFormat.Parquet, _) => "FORMAT parquet, COMPRESSION zstd",
        (ExportFormat.Csv, false) => "FORMAT csv, HEADER true",
        (ExportFormat.Csv, true) => "FORMAT csv, HEADER true, COMPRESSION gzip",
        (ExportFormat.Jsonl, false) => "FORMAT json",
        _ => "FORMAT json, COMPRESSION gzip",
    };
}
