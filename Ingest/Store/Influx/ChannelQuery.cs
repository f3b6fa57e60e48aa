using System.Globalization;
using System.Text.Json;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Store.Influx;

/// <summary>The store's two questions about one channel of one device in InfluxQL, which 1.x and 2.x answer alike, and what their answers mean.</summary>
internal sealed class ChannelQuery(string family, string device, string channel, Channel known)
{
    // InfluxDB's times are nanoseconds in 64 bits.
    private const long FirstTime = long.MinValue / 1_000_000;
    private const long LastTime = long.MaxValue / 1_000_000;
    private readonly ChannelField _field = ChannelField.Of(channel, known.States);
    private readonly ChannelType _type = known.Type;

    public string Points(long from, long to, int limit)
    {
        var name = _field.Name;
        // A point of other channels has none of these fields, and InfluxQL can't ask for "is there" but by comparing.
        var there = _type == ChannelType.Boolean ? $"\"{name}\" = true OR \"{name}\" = false" : $"\"{name}\" > 0 OR \"{name}\" <= 0";
        return string.Create(CultureInfo.InvariantCulture, $"""
            SELECT "{name}" AS "value", "{name}_bad" AS "bad", "{name}_quality" AS "quality", "{name}_name" AS "name",
            "{name}_bad_name" AS "bad_name", "received", "seq", "log_position"
            {Where(from, to)} AND ({there} OR "{name}_quality" >= 0) ORDER BY time LIMIT {limit}
            """);
    }

    /// <param name="every">Milliseconds.</param>
    public string Buckets(long from, long to, long every)
    {
        var name = _field.Name;
        var where = Where(from, to);
        var group = string.Create(CultureInfo.InvariantCulture, $"GROUP BY time({every}ms) fill(none)");
        return _type switch
        {
            ChannelType.Boolean => $"""
                SELECT last("{name}") AS "last", count("{name}") AS "count" {where} {group};
                SELECT count("{name}") AS "count" {where} AND "{name}" = true {group}
                """,
            ChannelType.State => $"""
                SELECT last("{name}") AS "last", count("{name}") AS "count", last("{name}_name") AS "name" {where} {group}
                """,
            _ => $"""
                SELECT min("{name}") AS "min", mean("{name}") AS "mean", max("{name}") AS "max", last("{name}") AS "last", count("{name}") AS "count" {where} {group}
                """,
        };
    }

    /// <summary>The same out of what was downsampled; <see cref="ReadSummaries"/> reads it.</summary>
    /// <param name="policy">One whose windows fit into <paramref name="every"/>.</param>
    public string Summaries(string policy, long from, long to, long every)
    {
        var name = _field.Name;
        var (inner, outer) = _type == ChannelType.State
            ? ("", "")
            : ($", \"{name}_min\", \"{name}_max\", \"{name}_mean\" * \"{name}_count\" AS \"sum\"", $", min(\"{name}_min\") AS \"min\", sum(\"sum\") / sum(\"{name}_count\") AS \"mean\", max(\"{name}_max\") AS \"max\"");
        return string.Create(CultureInfo.InvariantCulture, $"""
            SELECT last("{name}_last") AS "last", sum("{name}_count") AS "count"{outer}
            FROM (SELECT "{name}_last", "{name}_count"{inner} {Where(from, to, $"\"{policy}\".")} GROUP BY *)
            {Within(from, to)} GROUP BY time({every}ms) fill(none)
            """);
    }

    public IEnumerable<(Point Point, long Position)> ReadPoints(JsonDocument answer)
    {
        var kind = _type switch { ChannelType.Boolean => ValueKind.Boolean, ChannelType.State => ValueKind.State, _ => ValueKind.Number };
        foreach (var row in InfluxRows.Of(answer))
        {
            var bad = !row.Has("value");
            var value = row[bad ? "bad" : "value"];
            var number = value.ValueKind switch
            {
                JsonValueKind.Number => value.GetDouble(),
                JsonValueKind.True => 1,
                JsonValueKind.False => 0,
                _ => double.NaN,
            };
            var point = new Point(
                family,
                device,
                channel,
                row.Time,
                row["received"].GetInt64(),
                kind,
                kind == ValueKind.State ? 0 : number,
                kind == ValueKind.State ? StateOf(number, row[bad ? "bad_name" : "name"]) : null,
                row.Has("quality") ? (Quality)row["quality"].GetInt32() : Quality.Good,
                row.Has("seq") ? row["seq"].GetInt64() : null);
            yield return (point, row["log_position"].GetInt64());
        }
    }

    public IReadOnlyList<Bucket> ReadBuckets(JsonDocument answer)
    {
        var on = _type == ChannelType.Boolean ? InfluxRows.Of(answer, 1).ToDictionary(row => row.Time, row => row["count"].GetInt64()) : [];
        return [.. InfluxRows.Of(answer).Select(row => Read(row, on.GetValueOrDefault(row.Time)))];
    }

    public IReadOnlyList<Bucket> ReadSummaries(JsonDocument answer) =>
    [
        .. InfluxRows.Of(answer).Select(row => _type == ChannelType.State
            ? new Bucket(row.Time, null, null, null, null, StateOf(row["last"].GetDouble(), default), row["count"].GetInt64())
            : new Bucket(row.Time, row["min"].GetDouble(), row["mean"].GetDouble(), row["max"].GetDouble(), row["last"].GetDouble(), null, row["count"].GetInt64())),
    ];

    /// <summary>The one number of a one-row answer; null for an empty one.</summary>
    public static long? Number(JsonDocument answer) => InfluxRows.Of(answer).Select(row => row["max"].GetInt64()).Cast<long?>().FirstOrDefault();

    /// <summary>A text of a one-row answer; null for an empty one, or where there is none.</summary>
    public static string? Text(JsonDocument answer, string column) => InfluxRows.Of(answer).Select(row => row.Has(column) ? row[column].GetString() : null).FirstOrDefault();

    /// <summary>Unix ms of a one-row answer; null for an empty one.</summary>
    public static long? TimeOf(JsonDocument answer) => InfluxRows.Of(answer).Select(row => (long?)row.Time).FirstOrDefault();

    private Bucket Read(InfluxRow row, long on)
    {
        var count = row["count"].GetInt64();
        return _type switch
        {
            ChannelType.Boolean => new Bucket(row.Time, on == count ? 1 : 0, on / (double)count, on > 0 ? 1 : 0, row["last"].GetBoolean() ? 1 : 0, null, count),
            ChannelType.State => new Bucket(row.Time, null, null, null, null, StateOf(row["last"].GetDouble(), row["name"]), count),
            _ => new Bucket(row.Time, row["min"].GetDouble(), row["mean"].GetDouble(), row["max"].GetDouble(), row["last"].GetDouble(), null, count),
        };
    }

    private string StateOf(double number, JsonElement name) =>
        number == ChannelField.UnknownState && name.ValueKind == JsonValueKind.String ? name.GetString()! : _field.NameOf((long)number);

    private string Where(long from, long to, string policy = "") => string.Create(
        CultureInfo.InvariantCulture,
        $"FROM {policy}\"{family}\" {Within(from, to)} AND \"device\" = '{Quoted(device)}' AND \"instance\" = '{(_field.Instance == 0 ? "" : _field.Instance)}'");

    private static string Within(long from, long to) =>
        string.Create(CultureInfo.InvariantCulture, $"WHERE time >= {Math.Clamp(from, FirstTime, LastTime)}ms AND time < {Math.Clamp(to, FirstTime, LastTime)}ms");

    private static string Quoted(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal);
}
