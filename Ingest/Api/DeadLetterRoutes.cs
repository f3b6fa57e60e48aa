using System.Text;
using System.Text.Json;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Decoding.Again;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.State;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Api;

/// <summary>What could not become a reading, and decoding it again after a fix.</summary>
public static class DeadLetterRoutes
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
    private static readonly string[] Reasons = [.. RejectReason.All, RejectReason.ConflictingDuplicate, RejectReason.StoreRefused, Redecoder.Cut];

    // Of up to 64 KiB each.
    private const int Page = 100;

    /// <param name="Time">When the message was received.</param>
    /// <param name="Topic">The MQTT topic that it came by.</param>
    /// <param name="Reason">Of the last try, as the detail.</param>
    /// <param name="Detail">What was wrong, where, and what would be right.</param>
    /// <param name="Payload">The message as text, where it is UTF-8; else null.</param>
    /// <param name="PayloadBase64">The message's bytes, cut at 64 KiB.</param>
    /// <param name="Device">The device, or the wire id of one that is not in the register; null where the message does not say.</param>
    /// <param name="RedecodedAt">When the rest of it became readings; null while something is left to decode.</param>
    /// <param name="Readings">What it has given so far, decoded again.</param>
    public sealed record DeadLetterAnswer(long Position, string Time, string Topic, string Reason, string Detail, string? Payload, string PayloadBase64, string? Device, string? RedecodedAt, long Readings);

    /// <param name="Open">Something of them is left to decode.</param>
    /// <param name="Oldest">Received.</param>
    /// <param name="Newest">Received.</param>
    public sealed record SummaryAnswer(string Reason, long Count, long Open, string Oldest, string Newest);

    /// <param name="Device">The id of a device, which stands for its sensors too, or a wire id.</param>
    /// <param name="Topic">Exactly this one, or with /# at its end all beneath.</param>
    /// <param name="From">Received, inclusive: RFC 3339 with a zone, or Unix ms.</param>
    /// <param name="To">Received, exclusive.</param>
    /// <param name="Dry">Say what would come of it, and write nothing.</param>
    /// <param name="By">Who asks for it. With users it is the user: left out, or the same name. Without: default operator.</param>
    public sealed record RedecodeBody(string? Reason, string? Device, string? Topic, JsonElement? From, JsonElement? To, bool? Dry, string? By);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/deadletters", List)
            .Needs(Role.Viewer).Keeps(ScopeRule.Within)
            .Takes(
                new QueryParameter("reason", "Only this reason."),
                new QueryParameter("device", "Only this device (and its sensors), or wire id."),
                new QueryParameter("topic", "Exactly this one, or with /# at its end all beneath."),
                new QueryParameter("from", "Received, inclusive: RFC 3339 or Unix ms."),
                new QueryParameter("to", "Received, exclusive."),
                new QueryParameter("redecoded", "true: of which nothing is left to decode; false: the others."),
                new QueryParameter("before", "Only those of lower positions: the last one of the answer before."),
                new QueryParameter("limit", "At most so many; 1 to 100000, default 1000. Each comes with up to 64 KiB of bytes: ask for a few hundred, and on with before."))
            .WithSummary("What could not become a reading, newest first, with its bytes and the reason.").Produces<DeadLetterAnswer[]>();
        routes.MapGet("/deadletters/summary", (StateDatabase database) => database.DeadLetterCounts().Select(count =>
                new SummaryAnswer(count.Reason, count.Count, count.Count - count.Redecoded, Iso.Time(count.Oldest), Iso.Time(count.Newest))))
            .Needs(Role.Viewer).Keeps(ScopeRule.OfNoDevice).Takes().WithSummary("Dead letters kept, by reason.");
        routes.MapPost("/deadletters/redecode", RedecodeAsync)
            .Needs(Role.Engineer).Keeps(ScopeRule.OfTheCity).Takes().WithSummary("Decodes dead letters again, oldest first, with the families, models and register of today. Repeating it changes nothing.")
            .Accepts<RedecodeBody>("application/json").Produces<RedecodeResult>();
        routes.MapGet("/deadletters/redecode", (Redecoder redecoder) => redecoder.Progress)
            .Needs(Role.Viewer).Keeps(ScopeRule.OfNoDevice).Takes().WithSummary("How far the run under way is.");
    }

    private static IEnumerable<DeadLetterAnswer> List(HttpContext context, StateDatabase database, DeviceDirectory devices)
    {
        var filter = new DeadLetterFilter
        {
            Reason = Query.OneOf(context, "reason", Reasons),
            Senders = SendersOf(Query.Text(context, "device"), devices),
            Topic = Query.Text(context, "topic"),
            From = Query.Time(context, "from"),
            To = Query.Time(context, "to"),
            Sees = SeesOf(Caller.Of(context).Scope, devices),
            Redecoded = Query.OneOf(context, "redecoded", "true", "false") is { } redecoded ? redecoded == "true" : null,
        };
        return Pages(database, filter, Query.Limit(context) ?? 1000, Query.Number(context, "before", 0, long.MaxValue) ?? long.MaxValue).Select(Answer);
    }

    /// <summary>Read as they are asked for: all that are kept may be 256 MiB.</summary>
    internal static IEnumerable<KeptLetter> Pages(StateDatabase database, DeadLetterFilter filter, int limit, long before)
    {
        for (var isMore = true; isMore && limit > 0;)
        {
            var page = database.DeadLetters(filter, Math.Min(limit, Page), before);
            foreach (var kept in page)
                yield return kept;
            limit -= page.Count;
            isMore = page.Count == Page;
            before = page.Count > 0 ? page[^1].Letter.Position : before;
        }
    }

    private static async Task<RedecodeResult> RedecodeAsync(HttpContext context, Redecoder redecoder, DeviceDirectory devices)
    {
        var body = await ApiJson.ReadAsync<RedecodeBody>(context);
        if (body.Reason is not null && !Reasons.Contains(body.Reason))
            throw Bad($"reason \"{body.Reason}\": must be one of {string.Join(", ", Reasons)}");
        var filter = new DeadLetterFilter
        {
            Reason = body.Reason,
            Senders = SendersOf(body.Device, devices),
            Topic = body.Topic,
            From = Time("from", body.From),
            To = Time("to", body.To),
        };
        return await redecoder.RunAsync(filter, Operator.Of(context, body.By), body.Dry ?? false, context.RequestAborted);
    }

    /// <summary>Of letters that name no device of the register nobody knows where they come from: they are for those who see the whole city.</summary>
    internal static Func<string?, bool>? SeesOf(Scope scope, DeviceDirectory devices) =>
        scope.IsCity ? null : sender => sender is not null && devices.FindByWireId(sender) is { } sensor && scope.Sees(sensor.Device);

    internal static string[]? SendersOf(string? device, DeviceDirectory devices) =>
        device is null ? null : [device, .. devices.Find(device)?.Sensors.Keys ?? []];

    private static long? Time(string name, JsonElement? value) => value is null or { ValueKind: JsonValueKind.Null }
        ? null
        : Query.ParseTime(value) ?? throw Bad($"{name}: must be RFC 3339 with a zone (2026-07-01T08:00:00Z) or Unix ms");

    private static DeadLetterAnswer Answer(KeptLetter kept) => new(
        kept.Letter.Position, Iso.Time(kept.Letter.Time), kept.Letter.Topic, kept.Letter.Reason, kept.Letter.Detail, Text(kept.Letter.Payload), Convert.ToBase64String(kept.Letter.Payload),
        kept.Sender, kept.RedecodedAt is { } at ? Iso.Time(at) : null, kept.Readings);

    private static string? Text(byte[] payload)
    {
        try
        {
            return StrictUtf8.GetString(payload);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static ApiException Bad(string detail) => ApiException.BadRequest("bad_body", detail);
}
