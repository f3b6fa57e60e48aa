using System.Text.Json;
using Telemetry.Ingest.Decoding.Reports;

namespace Telemetry.Ingest.Decoding;

/// <summary>
/// China Telecom's CTWing (AIoT) as it pushes to applications: a device's own bytes (<c>payload.APPdata</c>, base64), or the properties of its
/// profile, in <c>payload.serviceData</c> or in <c>payload</c> itself; events in <c>eventContent</c>.
/// </summary>
internal sealed class CtwingFormat : IPayloadFormat
{
    public string Name => "ctwing";

    public DecodedMessage Read(in ForeignMessage message, List<Report> into)
    {
        using var document = JsonMessage.Parse(message.Payload);
        var root = document.RootElement;
        if (root.Text("messageType") is { } kind and not ("dataReport" or "eventReport"))
        {
            // Answers to commands, devices that went on line or off line and the like say nothing of what was measured.
            return root.Member("payload") is null || kind.StartsWith("command", StringComparison.Ordinal) || kind.StartsWith("device", StringComparison.Ordinal)
                ? new(message.Gateway, GatewaySign.None)
                : throw new MalformedMessageException(RejectReason.Unsupported, $"messageType {WireId.Shown(kind)} with a payload: dataReport and eventReport are read");
        }
        into.Add(Report(root));
        return new(message.Gateway, GatewaySign.Reading);
    }

    private static Report Report(JsonElement root)
    {
        var content = root.Text("messageType") == "eventReport" ? root.Needed("eventContent") : root.Needed("payload");
        if (content.ValueKind != JsonValueKind.Object)
            throw new MalformedMessageException(RejectReason.Malformed, "payload (eventContent in an event) is no object; expected APPdata, serviceData or the properties themselves");
        var refused = new List<(string Reason, string What)>();
        var isTransparent = content.Member("APPdata") is not null;
        var report = new Report
        {
            WireId = Imei.Of(root.Text("IMEI")) ?? WireId.Check(root.Text("deviceId"), "deviceId"),
            Product = root.Text("productId"),
            Time = Time(root),
            Sequence = Sequence(root, "upPacketSN") ?? Sequence(root, "upDataSN"),
            Frame = isTransparent ? JsonFields.Frame(content, "APPdata", refused) : null,
            Refused = refused,
        };
        if (!isTransparent)
            JsonFields.Add(content.Member("serviceData") ?? content, "", report);
        return report;
    }

    private static long? Time(JsonElement root) => root.Member("timestamp") is null ? null
        : root.Whole("timestamp") ?? throw new MalformedMessageException(RejectReason.BadTime, "timestamp: expected Unix milliseconds as a whole number");

    // Most protocols have no counter and say -1.
    private static long? Sequence(JsonElement root, string name) => root.Whole(name) is >= 0 and var number ? number : null;
}
