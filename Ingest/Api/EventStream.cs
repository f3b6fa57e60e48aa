using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.State;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Api;

/// <summary>
/// Server-sent events: alarms as they change, statistics each second (which are the heartbeat too), readings of one device on demand. A client
/// that does not read is disconnected rather than kept in memory; it comes back with its last id and misses nothing.
/// </summary>
public sealed class EventStream(
    AlarmFeed alarms,
    ReadingFeed readings,
    StateDatabase database,
    DeviceDirectory devices,
    FamilyCatalog families,
    StatsReader stats,
    DurableLog log,
    IHostApplicationLifetime lifetime,
    TimeProvider time)
{
    /// <summary>Events waiting for one client. A burst of every device of a large city fits.</summary>
    private const int Capacity = 16_384;

    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(10);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/events", (HttpContext context, EventStream stream) => stream.RunAsync(context))
            .Needs(Role.Viewer).Keeps(ScopeRule.Within)
            .Takes(
                new QueryParameter("device", "Adds `event: reading` for the readings of this device."),
                new QueryParameter("after", "As Last-Event-ID, for a client that opens a new stream; the header wins. A place beyond the log's end is another log's: the stream begins as without it."))
            .WithSummary("Server-sent events: alarm (id position.ordinal; Last-Event-ID resumes), stats each second, reading with ?device=.")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream");

    private async Task RunAsync(HttpContext context)
    {
        var resume = ResumeAfter(context);
        var caller = Caller.Of(context);
        var device = Query.Text(context, "device");
        // Of a device that nobody knows yet the readings come once it is known.
        if (device is not null && devices.Find(device) is { } known && !caller.Scope.Sees(known))
            throw DeviceRoutes.Unknown(device);
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache";
        if (HeadRequests.WasAsked(context))
            return;
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);

        var queue = Channel.CreateBounded<object>(new BoundedChannelOptions(Capacity) { SingleReader = true });
        void Enqueue(object item)
        {
            // Full: the client does not read. The end of the channel ends the connection.
            if (!queue.Writer.TryWrite(item))
                queue.Writer.TryComplete();
        }
        using var alarmSubscription = alarms.Listen(Enqueue, out var recent);
        using var readingSubscription = device is null ? null : readings.Listen(device, reading =>
        {
            if (caller.Scope.IsCity || (devices.Find(device) is { } now && caller.Scope.Sees(now)))
                Enqueue(reading);
        });
        var ticking = TickAsync(Enqueue, () => queue.Writer.TryComplete(), caller, stopping.Token);
        try
        {
            var output = new Output(context, WriteTimeout, time);
            await output.WriteAsync("retry: 1000\n\n"u8.ToArray());
            await SendAllAsync(output, caller.Scope, queue.Reader, resume, recent, stopping.Token);
        }
        catch (OperationCanceledException)
        {
            // The client left, was too slow, or the service stops.
        }
        finally
        {
            await stopping.CancelAsync();
            await ticking;
        }
        if (!lifetime.ApplicationStopping.IsCancellationRequested)
            context.Abort();
    }

    private async Task SendAllAsync(Output output, Scope scope, ChannelReader<object> queue, Place? resume, IReadOnlyList<AlarmTransition> recent, CancellationToken stopping)
    {
        var sent = resume ?? default;
        if (resume is not null)
        {
            foreach (var row in database.Journal(sent.Position))
                sent = await SendAsync(output, scope, sent, new Place(row.Position, row.Ordinal), row.Alarm);
            foreach (var transition in recent)
                sent = await SendAsync(output, scope, sent, Place.Of(transition), transition.Alarm);
        }
        await foreach (var item in queue.ReadAllAsync(stopping))
        {
            if (item is AlarmTransition transition)
                sent = await SendAsync(output, scope, sent, Place.Of(transition), transition.Alarm);
            else
                await output.WriteAsync(Format(item));
        }
    }

    /// <summary>Journal, memory and live stream overlap; what is not past the last one sent has been sent.</summary>
    private async Task<Place> SendAsync(Output output, Scope scope, Place sent, Place place, Alarm alarm)
    {
        if (place.CompareTo(sent) <= 0 || !scope.Sees(alarm))
            return sent;
        var buffer = new ArrayBufferWriter<byte>(1024);
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"event: alarm\nid: {place.Position}.{place.Ordinal}\ndata: "), buffer);
        buffer.Write(AlarmJson.Write(alarm, families.RuleOf(alarm)));
        buffer.Write("\n\n"u8);
        await output.WriteAsync(buffer.WrittenMemory);
        return place;
    }

    private static ReadOnlyMemory<byte> Format(object item)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        buffer.Write(item is StatsAnswer ? "event: stats\ndata: "u8 : "event: reading\ndata: "u8);
        using (var json = new Utf8JsonWriter(buffer, ApiJson.Writer))
        {
            if (item is ReadingEntry entry)
                Write(json, entry);
            else
                JsonSerializer.Serialize(json, item, ApiJson.Options);
        }
        buffer.Write("\n\n"u8);
        return buffer.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter json, ReadingEntry entry)
    {
        var reading = entry.Reading;
        json.WriteStartObject();
        json.WriteString("device", reading.Device);
        json.WriteString("time", Iso.Time(reading.EventTime));
        json.WriteString("receivedTime", Iso.Time(entry.Time));
        json.WriteStartArray("values");
        foreach (var value in reading.Values)
        {
            json.WriteStartObject();
            json.WriteString("channel", value.Channel);
            ReadingRoutes.WriteValue(json, value.Kind, value.Number, value.State);
            json.WriteString("quality", ReadingRoutes.QualityName(value.Quality));
            if (value.Why is not null)
                json.WriteString("why", value.Why);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <param name="end">Ends the stream once the caller may no longer see it.</param>
    private async Task TickAsync(Action<object> enqueue, Action end, Caller caller, CancellationToken stopping)
    {
        try
        {
            enqueue(stats.Read());
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
            while (await timer.WaitForNextTickAsync(stopping))
            {
                if (!caller.IsStillAllowed())
                {
                    end();
                    return;
                }
                enqueue(stats.Read());
            }
        }
        catch (OperationCanceledException)
        {
            // The connection is over.
        }
    }

    /// <summary>The place of the last event that the client has; null to begin now.</summary>
    private Place? ResumeAfter(HttpContext context)
    {
        var header = context.Request.Headers["Last-Event-ID"].ToString();
        if ((header.Length > 0 ? header : Query.Text(context, "after")) is not { } text)
            return null;
        var place = Place.Parse(text) ?? throw ApiException.BadRequest("bad_parameter", $"'{text}' is no place to resume from: must be position.ordinal as sent with an alarm event");
        // From before a backup was restored, say. A browser sends its last id by itself and gives up at an error, and after such a place nothing would ever come.
        return place.Position > log.Committed ? null : place;
    }

    /// <summary>A transition's place in the journal.</summary>
    private readonly record struct Place(long Position, int Ordinal) : IComparable<Place>
    {
        public static Place Of(AlarmTransition transition) => new(transition.Position, transition.Ordinal);

        public static Place? Parse(string text)
        {
            var parts = text.Split('.');
            return parts.Length == 2
                && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var position)
                && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal)
                    ? new Place(position, ordinal)
                    : null;
        }

        public int CompareTo(Place other) =>
            Position != other.Position ? Position.CompareTo(other.Position) : Ordinal.CompareTo(other.Ordinal);
    }

    /// <summary>The client's end of the connection; one that takes nothing for a while is given up.</summary>
    private sealed class Output(HttpContext context, TimeSpan timeout, TimeProvider time)
    {
        public async Task WriteAsync(ReadOnlyMemory<byte> bytes)
        {
            using var slow = new CancellationTokenSource(timeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(slow.Token, context.RequestAborted);
            await context.Response.BodyWriter.WriteAsync(bytes, either.Token);
        }
    }
}
