using System.Text.Json;
using Telemetry.Ingest.Decoding.Reports;

namespace Telemetry.Ingest.Decoding;

/// <summary>The Things Stack v3 over MQTT: uplinks in JSON (thethingsindustries.com/docs/integrations/data-formats). Fields that are empty, 0 or false are left out by the sender.</summary>
internal sealed class TtsFormat : IPayloadFormat
{
    private static readonly string[] NotMeasured =
    [
        "join_accept", "downlink_ack", "downlink_nack", "downlink_sent", "downlink_failed", "downlink_queued", "downlink_queue_invalidated",
        "location_solved", "service_data", "uplink_normalized",
    ];

    public string Name => "tts";

    public DecodedMessage Read(in ForeignMessage message, List<Report> into)
    {
        using var document = JsonMessage.Parse(message.Payload);
        var root = document.RootElement;
        if (root.Member("uplink_message") is not { ValueKind: JsonValueKind.Object } uplink)
        {
            return NotMeasured.Any(kind => root.Member(kind) is not null)
                ? new(message.Gateway, GatewaySign.None)
                : throw new MalformedMessageException(RejectReason.Malformed, "no object uplink_message; expected an uplink of The Things Stack v3, topic v3/APP@TENANT/devices/DEVICE/up");
        }
        var ids = root.Needed("end_device_ids");
        var device = WireId.Check(ids.Text("dev_eui") ?? ids.Text("device_id"), "end_device_ids.dev_eui");
        var refused = new List<(string Reason, string What)>();
        var frame = JsonFields.Frame(uplink, "frm_payload", refused);
        var decoded = uplink.Member("decoded_payload");
        // LoRaWAN's own answers travel so.
        if (frame is null && decoded is null && refused.Count == 0)
            return new(message.Gateway, GatewaySign.None);
        var time = TextTime.Of(uplink, "received_at") ?? TextTime.Of(root, "received_at");
        var report = new Report
        {
            WireId = device,
            Time = time,
            // Without a time a 0 that was left out would be the whole key of every such uplink.
            Sequence = uplink.Whole("f_cnt") ?? (time is null ? null : 0),
            Frame = frame,
            Port = JsonFields.Port(uplink, "f_port"),
            Refused = refused,
        };
        if (decoded is { } fields)
            JsonFields.Add(fields, "", report);
        into.Add(report);
        return new(message.Gateway, GatewaySign.Reading);
    }
}
