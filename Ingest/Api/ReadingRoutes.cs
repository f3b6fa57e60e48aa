using System.Globalization;
using System.Text.Json;
using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.Store;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Api;

/// <summary>One channel's values of one device.</summary>
public static class ReadingRoutes
{
    private const int PageSize = 20_000;
    private const long Day = 86_400_000;

    /// <param name="Value">A number, a boolean or a state's name.</param>
    public sealed record ReadingShape(string Time, string ReceivedTime, object Value, string Quality, long? Seq);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/devices/{id}/readings", AnswerAsync)
            .Needs(Role.Viewer).Keeps(ScopeRule.Within)
            .Takes(
                new QueryParameter("channel", "With its instance: sump_level, pump_run.2.", Required: true),
                new QueryParameter("from", "Inclusive, RFC 3339 or Unix ms; default 24 h before `to`."),
                new QueryParameter("to", "Exclusive; default now."),
                new QueryParameter("every", "10s, 1m, 1h or 1d: buckets {time, min, mean, max, last, count} aligned to the epoch (UTC), empty ones left out."),
                new QueryParameter("limit", "At most so many, 1 to 100000; the answer is then {items, next}. Not together with every."),
                new QueryParameter("after", "`next` of the answer before."))
            .WithSummary("Values of one channel, ascending by time, or buckets of them.")
            .Produces<ReadingShape[]>();

    private static async Task AnswerAsync(string id, HttpContext context, DeviceDirectory devices, FamilyCatalog families, ISeriesStore store, TimeProvider time)
    {
        var device = DeviceRoutes.Find(id, context, devices);
        var name = Query.Text(context, "channel")!;
        var family = families.Find(device.Family);
        if (family?.Find(name) is null)
            throw UnknownChannel.Of(name, family is null ? [] : [family]);
        // The last moment's readings carry the received time of now, so "now" itself must be inside.
        var to = Query.Time(context, "to") ?? (time.GetUtcNow().ToUnixTimeMilliseconds() + 1);
        var from = Query.Time(context, "from") ?? Math.Max(0, to - Day);
        if (from > to)
            throw ApiException.BadRequest("bad_parameter", "from is after to");
        var limit = Query.Limit(context);
        if (Query.OneOf(context, "every", "10s", "1m", "1h", "1d") is { } every)
        {
            if (limit is not null)
                throw ApiException.BadRequest("bad_parameter", "limit does not go with every; narrow from and to instead");
            await WriteBucketsAsync(context, await store.ReadBucketsAsync(id, name, from, to, Milliseconds(every), context.RequestAborted));
            return;
        }
        await WritePointsAsync(context, store, id, name, Cursor.From(context, from), to, limit);
    }

    internal static long Milliseconds(string every) => every switch { "10s" => 10_000, "1m" => 60_000, "1h" => 3_600_000, _ => Day };

    /// <summary>Page by page, so that a year of seconds is never in memory at once.</summary>
    private static async Task WritePointsAsync(HttpContext context, ISeriesStore store, string device, string channel, Cursor cursor, long to, int? limit)
    {
        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter, ApiJson.Writer);
        if (limit is not null)
        {
            json.WriteStartObject();
            json.WritePropertyName("items");
        }
        json.WriteStartArray();
        var left = limit ?? int.MaxValue;
        var more = true;
        while (more && left > 0)
        {
            var wanted = Math.Min(left, PageSize);
            // One beyond what is wanted tells whether there is a next page.
            var points = await store.ReadAsync(device, channel, cursor.Time, to, cursor.Skip + wanted + 1, context.RequestAborted);
            more = points.Count > cursor.Skip + wanted;
            var taken = points.Skip(cursor.Skip).Take(wanted).ToArray();
            foreach (var point in taken)
                Write(json, point);
            left -= taken.Length;
            cursor = cursor.Past(taken);
            await json.FlushAsync(context.RequestAborted);
        }
        json.WriteEndArray();
        if (limit is not null)
        {
            json.WriteString("next", more ? cursor.ToString() : null);
            json.WriteEndObject();
        }
        await json.FlushAsync(context.RequestAborted);
    }

    private static void Write(Utf8JsonWriter json, Point point)
    {
        json.WriteStartObject();
        json.WriteString("time", Iso.Time(point.Time));
        json.WriteString("receivedTime", Iso.Time(point.ReceivedTime));
        WriteValue(json, point.Kind, point.Number, point.State);
        json.WriteString("quality", QualityName(point.Quality));
        if (point.Sequence is { } sequence)
            json.WriteNumber("seq", sequence);
        else
            json.WriteNull("seq");
        json.WriteEndObject();
    }

    /// <summary>A number, a boolean or a state's name, as property <c>value</c>.</summary>
    public static void WriteValue(Utf8JsonWriter json, ValueKind kind, double number, string? state)
    {
        json.WritePropertyName("value");
        switch (kind)
        {
            case ValueKind.State:
                json.WriteStringValue(state);
                break;
            case ValueKind.Boolean:
                json.WriteBooleanValue(number != 0);
                break;
            case ValueKind.Number when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            default:
                // A bad value may be non-finite, which JSON cannot say.
                json.WriteNullValue();
                break;
        }
    }

    public static string QualityName(Quality quality) => quality switch
    {
        Quality.Good => "good",
        Quality.Uncertain => "uncertain",
        Quality.Bad => "bad",
        Quality.Stale => "stale",
        _ => throw new ArgumentOutOfRangeException(nameof(quality)),
    };

    private static async Task WriteBucketsAsync(HttpContext context, IReadOnlyList<Bucket> buckets)
    {
        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter, ApiJson.Writer);
        json.WriteStartArray();
        foreach (var bucket in buckets)
        {
            json.WriteStartObject();
            json.WriteString("time", Iso.Time(bucket.Time));
            // A state has only last and count.
            if (bucket.LastState is { } state)
            {
                json.WriteString("last", state);
            }
            else
            {
                WriteNumber(json, "min", bucket.Min);
                WriteNumber(json, "mean", bucket.Mean);
                WriteNumber(json, "max", bucket.Max);
                WriteNumber(json, "last", bucket.LastNumber);
            }
            json.WriteNumber("count", bucket.Count);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        await json.FlushAsync(context.RequestAborted);
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double? number)
    {
        if (number is { } value)
            json.WriteNumber(name, value);
        else
            json.WriteNull(name);
    }

    /// <summary>Where to go on: at this time, past so many values of exactly this time (a device may send several).</summary>
    private readonly record struct Cursor(long Time, int Skip)
    {
        public static Cursor From(HttpContext context, long from)
        {
            if (Query.Text(context, "after") is not { } text)
                return new Cursor(from, 0);
            var parts = text.Split('.');
            if (parts.Length == 2
                && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var time)
                && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var skip)
                && skip <= 1_000_000)
                return new Cursor(time, skip);
            throw ApiException.BadRequest("bad_parameter", $"after={text}: must be `next` of the answer before");
        }

        public Cursor Past(Point[] taken)
        {
            if (taken.Length == 0)
                return this;
            var time = taken[^1].Time;
            var same = taken.Count(point => point.Time == time);
            return new Cursor(time, time == Time ? Skip + same : same);
        }

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Time}.{Skip}");
    }
}
