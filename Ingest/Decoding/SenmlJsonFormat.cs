using System.Text.Json;
using Telemetry.Ingest.Decoding.Reports;
using Telemetry.Ingest.Decoding.Senml;

namespace Telemetry.Ingest.Decoding;

/// <summary>Sensor Measurement Lists in JSON (RFC 8428, section 5): an array of records.</summary>
internal sealed class SenmlJsonFormat : IPayloadFormat
{
    public string Name => "senml-json";

    public DecodedMessage Read(in ForeignMessage message, List<Report> into)
    {
        using var document = JsonMessage.Parse(message.Payload);
        if (document.RootElement.ValueKind != JsonValueKind.Array)
            throw new MalformedMessageException(RejectReason.Malformed, "no array; expected an array of records, also where there is one alone");
        var pack = new SenmlPack(message.Device, message.Received, into);
        var record = new SenmlRecord();
        foreach (var element in document.RootElement.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.Object)
                throw new MalformedMessageException(RejectReason.Malformed, $"record {pack.Count}: not an object");
            record.Clear();
            foreach (var member in element.EnumerateObject())
            {
                if (SenmlLabel.Find(member.Name) is { } label)
                    record.Set(label, Value(member.Value));
            }
            pack.Add(record);
        }
        pack.End();
        return new(message.Gateway, GatewaySign.Reading);
    }

    private static SenmlValue Value(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Number => SenmlValue.Of(element.GetDouble()),
        JsonValueKind.String => SenmlValue.Of(element.GetString()!),
        JsonValueKind.True or JsonValueKind.False => SenmlValue.Of(element.GetBoolean()),
        _ => default,
    };
}
