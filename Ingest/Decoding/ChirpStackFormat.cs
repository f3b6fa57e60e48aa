using System.Text.Json;
using Telemetry.Ingest.Decoding.Reports;

namespace Telemetry.Ingest.Decoding;

/// <summary>
/// ChirpStack v4, JSON (github.com/chirpstack/chirpstack-docs, integrations/events.md): uplinks, and the battery of status events. What the
/// event is, the last level of its topic says.
/// </summary>
internal sealed class ChirpStackFormat : IPayloadFormat
{
    private static readonly string[] NotMeasured = ["join", "ack", "txack", "log", "location", "integration"];

    public string Name => "chirpstack";

    public DecodedMessage Read(in ForeignMessage message, List<Report> into)
    {
        var kind = message.Topic[(message.Topic.LastIndexOf('/') + 1)..];
        if (NotMeasured.Contains(kind))
            return new(message.Gateway, GatewaySign.None);
        using var document = JsonMessage.Parse(message.Payload);
        if ((kind == "status" ? Status(document.RootElement) : Uplink(document.RootElement)) is not { } report)
            return new(message.Gateway, GatewaySign.None);
        into.Add(report);
        return new(message.Gateway, GatewaySign.Reading);
    }

    /// <summary>Null where it carries nothing of the device's: LoRaWAN's own answers travel so.</summary>
    private static Report? Uplink(JsonElement root)
    {
        var (device, profile) = Sender(root);
        var refused = new List<(string Reason, string What)>();
        var frame = JsonFields.Frame(root, "data", refused);
        var decoded = root.Member("object");
        if (frame is null && decoded is null && refused.Count == 0)
            return null;
        var time = Time(root);
        var report = new Report
        {
            WireId = device,
            Product = profile,
            Time = time,
            // Protobuf's JSON leaves 0 out. Without a time that 0 would be the whole key of every such uplink.
            Sequence = root.Whole("fCnt") ?? (time is null ? null : 0),
            Frame = frame,
            Port = JsonFields.Port(root, "fPort"),
            Refused = refused,
        };
        if (decoded is { } fields)
            JsonFields.Add(fields, "", report);
        return report;
    }

    private static Report? Status(JsonElement root)
    {
        var (device, profile) = Sender(root);
        // Left out where it is unknown or the device has mains: LoRaWAN has no battery of 0 %.
        return root.Member("batteryLevel") is { ValueKind: JsonValueKind.Number } level
            ? new Report { WireId = device, Product = profile, Time = Time(root), Fields = [Field.Of("batteryLevel", level.GetDouble(), "%")] }
            : null;
    }

    private static (string Device, string? Profile) Sender(JsonElement root)
    {
        if (root.Member("devEUI") is not null)
            throw new MalformedMessageException(RejectReason.Malformed, "an event of ChirpStack v3 (devEUI); expected v4, whose device stands in deviceInfo.devEui");
        var info = root.Needed("deviceInfo");
        return (WireId.Check(info.Text("devEui"), "deviceInfo.devEui"), info.Text("deviceProfileName"));
    }

    // The server's time of the event; else the first gateway's that has one.
    private static long? Time(JsonElement root)
    {
        if (TextTime.Of(root, "time") is { } time)
            return time;
        if (root.Member("rxInfo") is not { ValueKind: JsonValueKind.Array } receptions)
            return null;
        foreach (var reception in receptions.EnumerateArray())
        {
            if ((TextTime.Of(reception, "gwTime") ?? TextTime.Of(reception, "nsTime")) is { } heard)
                return heard;
        }
        return null;
    }
}
