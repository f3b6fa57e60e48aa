using Telemetry.Ingest.Decoding.Reports;
using Telemetry.Ingest.Decoding.Routes;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Decoding;

/// <summary>Any message to readings or dead letters: in the format that its topic's route names, else in the native one. Never throws on what was sent. One instance for one connection.</summary>
/// <param name="isAgain">For dead letters, long after they came.</param>
public sealed partial class MessageDecoder(DecodingTables tables, bool isAgain = false)
{
    /// <summary>Begins the detail of a dead letter that is a mistake of the service.</summary>
    internal const string Unforeseen = "not foreseen, a mistake in the service: ";

    private readonly NativeDecoder _native = new(tables);
    private readonly ReportMapper _mapper = new(tables);
    private readonly List<Report> _reports = [];

    internal RouteTable Routes => tables.Routes;

    /// <param name="topic">UTF-8.</param>
    /// <param name="received">Unix ms; stands in where the sender's time can't be used.</param>
    /// <param name="into">Readings and dead letters are added in the order of the message.</param>
    /// <param name="most">Bytes of a payload of this sender.</param>
    public DecodedMessage Decode(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, long received, List<LogEntry> into, int most = NativeDecoder.MaxPayload)
    {
        var refusals = new Refusals(topic, received, into, tables.Stats);
        var mark = refusals.Mark();
        TopicRoute? route = null;
        DecodedMessage message;
        try
        {
            route = tables.Routes.Find(topic, out var gateway, out var device);
            if (payload.Length > most && most < NativeDecoder.MaxPayload)
                message = refusals.Whole(null, RejectReason.TooLarge, payload, $"payload of {payload.Length} bytes; this gateway may send {most} in a message: split the backfill");
            else
                message = route is null ? _native.Decode(topic, payload, received, into) : Foreign(route, gateway, device, payload, received, refusals);
        }
        // Thrown on, it would end the connection without an acknowledgement, and the gateway would send the same message for ever.
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            refusals.Undo(mark);
            LogUnforeseen(tables.Logger, refusals.Topic, error);
            message = refusals.Whole(null, RejectReason.Malformed, payload, $"{Unforeseen}{error.GetType().Name}: {error.Message}");
        }
        for (var i = mark; route is not null && i < into.Count; i++)
        {
            if (into[i] is DeadLetterEntry letter)
                route.Format.Mask(letter.Payload);
        }
        return message;
    }

    private DecodedMessage Foreign(TopicRoute route, string gateway, string? device, ReadOnlySpan<byte> payload, long received, Refusals refusals)
    {
        if (!DeviceId.IsValid(gateway))
            return refusals.Whole(null, RejectReason.BadTopic, payload, $"topic {refusals.Topic}: gateway \"{gateway}\": expected 1 to 64 of A-Z a-z 0-9 _ . : -");
        if (payload.Length > NativeDecoder.MaxPayload)
            return refusals.Whole(gateway, RejectReason.TooLarge, payload, $"payload of {payload.Length} bytes; at most {NativeDecoder.MaxPayload} (1 MiB) a message");
        _reports.Clear();
        if (!route.Format.TryRead(new ForeignMessage(refusals.Topic, payload, gateway, device, received, isAgain), _reports, out var message, out var problem))
            return refusals.Whole(gateway, problem.Reason, payload, $"{route.Format.Name}: {problem.What}");
        var sender = message.Gateway ?? gateway;
        if (_reports.Count > NativeDecoder.MaxElements)
            return refusals.Whole(sender, RejectReason.TooManyElements, payload, $"{_reports.Count} reports in one message; at most {NativeDecoder.MaxElements}");
        var readings = 0;
        foreach (var report in _reports)
            readings += _mapper.Map(report, route, sender, received, ref refusals);
        refusals.AddGathered(payload);
        tables.Stats.CountReceived(refusals.Elements);
        refusals.Count();
        return message.Sign == GatewaySign.Reading && readings == 0 ? new(sender, GatewaySign.None) : message with { Gateway = sender };
    }

    [LoggerMessage(LogLevel.Error, "Decoding a message under {Topic} failed; it is kept as a dead letter")]
    private static partial void LogUnforeseen(ILogger logger, string topic, Exception error);
}
