using System.Text.Json;
using Telemetry.Ingest.Decoding.Reports;

namespace Telemetry.Ingest.Decoding;

/// <summary>
/// OGC SensorThings 1.1 (18-088) over MQTT: one Observation a message, on its Datastream's topic or with its Datastream in it. The wire id is
/// <c>GATEWAY/Datastreams(ID)</c>: ids count within one server only.
/// </summary>
internal sealed class SensorThingsFormat : IPayloadFormat
{
    private const string Datastreams = "Datastreams(";

    public string Name => "sensorthings";

    public DecodedMessage Read(in ForeignMessage message, List<Report> into)
    {
        using var document = JsonMessage.Parse(message.Payload);
        var root = document.RootElement;
        if (root.Member("result") is not { } result)
            throw new MalformedMessageException(RejectReason.Malformed, "result is missing; expected an Observation of SensorThings");
        var report = new Report
        {
            WireId = WireId.Check($"{message.Gateway}/{Datastreams}{Datastream(message.Topic, root)})", "the Datastream"),
            Time = Time(root),
            Sequence = root.Member("@iot.id") is { ValueKind: JsonValueKind.Number } id && id.TryGetInt64(out var number) ? number : null,
        };
        JsonFields.Add(result, "result", report);
        into.Add(report);
        return new(message.Gateway, GatewaySign.Reading);
    }

    private static string Datastream(string topic, JsonElement root)
    {
        foreach (var level in topic.Split('/'))
        {
            if (level.StartsWith(Datastreams, StringComparison.Ordinal) && level.EndsWith(')') && level.Length > Datastreams.Length + 1)
                return level[Datastreams.Length..^1];
        }
        var id = root.Member("Datastream")?.Member("@iot.id");
        return id switch
        {
            { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
            { ValueKind: JsonValueKind.String } text => $"'{text.GetString()}'",
            _ => throw new MalformedMessageException(RejectReason.Malformed, "neither the topic (v1.1/Datastreams(1)/Observations) nor Datastream.@iot.id says which Datastream this is"),
        };
    }

    /// <summary>When it was so; of a span, its end; of neither, when the result came to be.</summary>
    private static long? Time(JsonElement root)
    {
        if (root.Text("phenomenonTime") is { } phenomenon && phenomenon.IndexOf('/') is > 0 and var slash)
        {
            return TextTime.TryParse(phenomenon[(slash + 1)..], out var end)
                ? end
                : throw new MalformedMessageException(RejectReason.BadTime, $"phenomenonTime \"{WireId.Shown(phenomenon)}\": expected a time with its zone, or two with / between them");
        }
        return TextTime.Of(root, "phenomenonTime") ?? TextTime.Of(root, "resultTime");
    }
}
