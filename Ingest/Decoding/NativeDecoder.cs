using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Decoding;

/// <summary>What a gateway's message says of the gateway itself.</summary>
public enum GatewaySign : byte
{
    /// <summary>Nothing: refused as a whole.</summary>
    None,

    /// <summary>It delivered at least one reading.</summary>
    Reading,
    Online,
    Offline,
}

/// <param name="Gateway">Null where the topic names none.</param>
public readonly record struct DecodedMessage(string? Gateway, GatewaySign Sign);

/// <summary>
/// The native format (docs/payloads.md): payload bytes to readings, or to dead letters with a named reason. Never throws on what was
/// sent. One instance for one connection: it reuses its buffers.
/// </summary>
public sealed class NativeDecoder(DecodingTables tables)
{
    /// <summary>Bytes of a payload; what is longer is refused unread.</summary>
    public const int MaxPayload = 1 << 20;

    /// <summary>Objects and arrays within each other.</summary>
    public const int MaxDepth = 16;

    /// <summary>Readings of one message.</summary>
    public const int MaxElements = 10_000;

    /// <summary>Channel values of one reading.</summary>
    public const int MaxValues = 256;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = MaxDepth, CommentHandling = JsonCommentHandling.Disallow };

    private readonly ElementReader _element = new();

    /// <param name="topic">UTF-8.</param>
    /// <param name="received">Unix ms; stands in where the sender's time can't be used.</param>
    /// <param name="into">Readings and dead letters are added in the order of the message.</param>
    public DecodedMessage Decode(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, long received, List<LogEntry> into)
    {
        var parts = NativeTopic.Parse(topic);
        var refusals = new Refusals(topic, received, into, tables.Stats);
        if (parts.Kind == TopicKind.Bad)
            return refusals.Whole(null, RejectReason.BadTopic, payload, $"topic {refusals.Topic}: expected {NativeTopic.Expected}{tables.Routes.Shown}");
        var gateway = tables.Names.Get(parts.Gateway);
        if (payload.Length > MaxPayload)
            return refusals.Whole(gateway, RejectReason.TooLarge, payload, $"payload of {payload.Length} bytes; at most {MaxPayload} (1 MiB) a message: split the backfill");
        return parts.Kind == TopicKind.Status ? Status(gateway, payload, ref refusals) : Readings(gateway, parts, payload, received, ref refusals);
    }

    private static DecodedMessage Status(string gateway, ReadOnlySpan<byte> payload, ref Refusals refusals)
    {
        if (payload.SequenceEqual("online"u8))
            return new(gateway, GatewaySign.Online);
        return payload.SequenceEqual("offline"u8)
            ? new(gateway, GatewaySign.Offline)
            : refusals.Whole(gateway, RejectReason.BadStatus, payload, $"status of gateway {gateway}: expected the bare word online or offline");
    }

    private DecodedMessage Readings(string gateway, NativeTopic parts, ReadOnlySpan<byte> payload, long received, ref Refusals refusals)
    {
        var familyName = tables.Names.Get(parts.Family);
        if (tables.FindFamily(familyName) is not { } family)
            return refusals.Whole(gateway, RejectReason.UnknownFamily, payload, $"family {familyName}, third level of the topic: no family file has that name");
        var device = tables.Names.Get(parts.Device);
        var registered = tables.Devices.Find(device);
        if (registered is not null && registered.Family != familyName)
            return refusals.Whole(gateway, RejectReason.FamilyMismatch, payload, $"device {device} is registered as {registered.Family}, not {familyName}; ids are unique in the city");
        if (registered is null && tables.HasTooMany(gateway))
            return refusals.Whole(gateway, RejectReason.TooManyDevices, payload, $"device {device} is not in the register, and {DecodingTables.MaxProvisional} devices that {gateway} brought wait to be adopted; adopt those first");
        if (registered is not null && tables.Foreign(registered, gateway) is { } foreign)
            return refusals.Whole(gateway, RejectReason.ForeignDevice, payload, foreign);

        var target = new ReadingTarget(gateway, family, tables.ChannelsOf(family), device, received, SentTime.AheadOf(registered));
        var mark = refusals.Mark();
        try
        {
            var readings = ReadMessage(payload, target, ref refusals);
            tables.Stats.CountReceived(refusals.Elements);
            refusals.Count();
            return new(gateway, readings > 0 ? GatewaySign.Reading : GatewaySign.None);
        }
        catch (JsonException error)
        {
            refusals.Undo(mark);
            return refusals.Whole(gateway, RejectReason.Malformed, payload, JsonMessage.Problem(error));
        }
        catch (InvalidOperationException) when (JsonMessage.HasHalfSurrogate(payload))
        {
            refusals.Undo(mark);
            return refusals.Whole(gateway, RejectReason.Malformed, payload, JsonMessage.HalfSurrogate);
        }
        catch (MalformedMessageException error)
        {
            refusals.Undo(mark);
            return refusals.Whole(gateway, error.Reason, payload, error.Message);
        }
    }

    private int ReadMessage(ReadOnlySpan<byte> payload, in ReadingTarget target, ref Refusals refusals)
    {
        if (!Utf8.IsValid(payload))
            throw new MalformedMessageException(RejectReason.Malformed, "not UTF-8");
        if (payload.StartsWith("\uFEFF"u8))
            payload = payload[3..];
        if (payload.IsEmpty)
            throw new MalformedMessageException(RejectReason.Malformed, "empty payload; expected a JSON object or an array of objects");
        var json = new Utf8JsonReader(payload, Options);
        json.Read();
        var readings = json.TokenType switch
        {
            JsonTokenType.StartObject => ReadElement(ref json, payload, -1, target, ref refusals),
            JsonTokenType.StartArray => ReadArray(ref json, payload, target, ref refusals),
            _ => throw new MalformedMessageException(RejectReason.Malformed, "a bare value; expected a JSON object or an array of objects"),
        };
        // Throws on anything behind the message's end.
        json.Read();
        return readings;
    }

    private int ReadArray(ref Utf8JsonReader json, ReadOnlySpan<byte> payload, in ReadingTarget target, ref Refusals refusals)
    {
        var readings = 0;
        var index = 0;
        for (; json.Read() && json.TokenType != JsonTokenType.EndArray; index++)
        {
            if (index == MaxElements)
                throw new MalformedMessageException(RejectReason.TooManyElements, $"an array of more than {MaxElements} readings: split the backfill");
            readings += ReadElement(ref json, payload, index, target, ref refusals);
        }
        if (index == 0)
            throw new MalformedMessageException(RejectReason.NoValues, "an empty array; expected at least one reading");
        return readings;
    }

    private int ReadElement(ref Utf8JsonReader json, ReadOnlySpan<byte> payload, int index, in ReadingTarget target, ref Refusals refusals)
    {
        var start = (int)json.TokenStartIndex;
        refusals.Elements++;
        _element.Clear();
        if (json.TokenType == JsonTokenType.StartObject)
        {
            _element.Read(ref json, target);
        }
        else
        {
            json.Skip();
            _element.Refuse(RejectReason.Malformed, "not an object; expected {\"ts\": …, \"values\": {…}}");
        }
        var reading = _element.Build(target);
        if (reading is not null)
            refusals.Into.Add(new ReadingEntry(reading));
        if (_element.HasRefusals)
            refusals.Element(_element.Refused, index, payload[start..(int)json.BytesConsumed]);
        return reading is null ? 0 : 1;
    }
}

/// <summary>Whose readings are being decoded.</summary>
/// <param name="ClockAhead">Milliseconds by which the register declares the device's clock to run ahead.</param>
internal readonly record struct ReadingTarget(string Gateway, Family Family, ChannelTable Channels, string Device, long Received, long ClockAhead);

/// <summary>Ends the reading of a message that is refused as a whole; never leaves the decoder.</summary>
internal sealed class MalformedMessageException(string reason, string message) : Exception(message)
{
    public string Reason { get; } = reason;
}
