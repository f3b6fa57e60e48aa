using System.Data.Common;
using System.Globalization;
using DuckDB.NET.Data;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Store;

/// <summary>The store's two questions in SQL.</summary>
internal static class DuckDbQueries
{
    public static IReadOnlyList<Point> Points(
        DuckDBConnection connection, string device, string channel, long from, long to, int limit, CancellationToken cancellationToken)
    {
        var families = Series(connection, device, channel);
        var points = new List<Point>();
        if (families.Count == 0)
            return points;
        using var command = connection.CreateCommand();
        // Rows keep the order in which they were inserted, so rowid is the order of positions.
        command.CommandText = string.Create(CultureInfo.InvariantCulture, $"""
            SELECT series, time, received, kind, number, state, quality, sequence FROM readings
            WHERE series IN ({string.Join(',', families.Keys)}) AND time >= {from} AND time < {to}
            ORDER BY time, rowid LIMIT {limit}
            """);
        using var cancelling = cancellationToken.Register(command.Cancel);
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            points.Add(new Point(
                families[rows.GetInt32(0)],
                device,
                channel,
                rows.GetInt64(1),
                rows.GetInt64(2),
                (ValueKind)rows.GetByte(3),
                Number(rows, 4) ?? 0,
                State(rows, 5),
                (Quality)rows.GetByte(6),
                rows.IsDBNull(7) ? null : rows.GetInt64(7)));
        }
        return points;
    }

    public static IReadOnlyList<Bucket> Buckets(
        DuckDBConnection connection, string device, string channel, long from, long to, long every, CancellationToken cancellationToken)
    {
        var series = Series(connection, device, channel);
        var buckets = new List<Bucket>();
        if (series.Count == 0)
            return buckets;
        using var command = connection.CreateCommand();
        // The last value is that of the greatest (time, rowid), packed into one number: 2^40 rows are two years at 17,000 a second, and
        // beyond that the order of equal times alone suffers.
        command.CommandText = string.Create(CultureInfo.InvariantCulture, $"""
            SELECT time - (time % {every} + {every}) % {every} AS bucket, min(number), avg(number), max(number),
                   arg_max_null(number, time::HUGEINT * 1099511627776 + rowid), arg_max_null(state, time::HUGEINT * 1099511627776 + rowid), count(*)
            FROM readings
            WHERE series IN ({string.Join(',', series.Keys)}) AND time >= {from} AND time < {to} AND quality <> {(byte)Quality.Bad}
            GROUP BY bucket ORDER BY bucket
            """);
        using var cancelling = cancellationToken.Register(command.Cancel);
        using var rows = command.ExecuteReader();
        while (rows.Read())
            buckets.Add(new Bucket(rows.GetInt64(0), Number(rows, 1), Number(rows, 2), Number(rows, 3), Number(rows, 4), State(rows, 5), rows.GetInt64(6)));
        return buckets;
    }

    /// <summary>The series of a device's channel with their families: one, unless the device changed its family.</summary>
    private static Dictionary<int, string> Series(DuckDBConnection connection, string device, string channel)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT id, family FROM series WHERE device = $device AND channel = $channel";
        command.Parameters.Add(new DuckDBParameter("device", device));
        command.Parameters.Add(new DuckDBParameter("channel", channel));
        using var rows = command.ExecuteReader();
        var families = new Dictionary<int, string>();
        while (rows.Read())
            families.Add(rows.GetInt32(0), rows.GetString(1));
        return families;
    }

    private static double? Number(DbDataReader rows, int column) => rows.IsDBNull(column) ? null : rows.GetDouble(column);

    private static string? State(DbDataReader rows, int column) => rows.IsDBNull(column) ? null : rows.GetString(column);
}
