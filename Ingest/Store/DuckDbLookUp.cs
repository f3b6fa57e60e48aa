using System.Globalization;
using DuckDB.NET.Data;

namespace Telemetry.Ingest.Store;

/// <summary>Inserts the points of a batch that are older than the duplicate window, but those that are stored already: one join for all of them.</summary>
internal static class DuckDbLookUp
{
    public static void Insert(DuckDBConnection writer, IReadOnlyList<Point> points, SeriesIds series)
    {
        var (from, to) = (long.MaxValue, long.MinValue);
        using (var appender = writer.CreateAppender("temp", "main", "candidates"))
        {
            for (var i = 0; i < points.Count; i++)
            {
                var point = points[i];
                if (!point.LookUpFirst)
                    continue;
                from = Math.Min(from, point.Time);
                to = Math.Max(to, point.Time);
                DuckDbStore.Append(appender.CreateRow(), point, series.Of(point)).AppendValue((long)i).EndRow();
            }
        }
        // The bounds are literals so that row groups of other times are skipped unread.
        DuckDbSchema.Execute(writer, string.Create(CultureInfo.InvariantCulture, $"""
            INSERT INTO readings
            SELECT * EXCLUDE (ordinal) FROM (
                SELECT * FROM candidates
                QUALIFY row_number() OVER (PARTITION BY series, time, kind, number, state, sequence ORDER BY ordinal) = 1) AS candidate
            WHERE NOT EXISTS (
                FROM readings AS stored
                WHERE stored.time BETWEEN {from} AND {to}
                  AND stored.series = candidate.series AND stored.time = candidate.time AND stored.kind = candidate.kind
                  AND stored.number IS NOT DISTINCT FROM candidate.number
                  AND stored.state IS NOT DISTINCT FROM candidate.state
                  AND stored.sequence IS NOT DISTINCT FROM candidate.sequence)
            ORDER BY ordinal;
            DELETE FROM candidates;
            """));
    }
}
