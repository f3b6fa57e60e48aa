using Telemetry.Ingest.Decoding.Reports;

namespace Telemetry.Ingest.Decoding;

/// <summary>The device's own bytes and nothing around them: the topic names the device at <c>{device}</c>, its model's codec reads the rest.</summary>
internal sealed class RawFormat : IPayloadFormat
{
    public string Name => "raw";

    public DecodedMessage Read(in ForeignMessage message, List<Report> into)
    {
        if (message.Payload.IsEmpty)
            throw new MalformedMessageException(RejectReason.Malformed, "empty payload; expected the device's bytes");
        var device = message.Device ?? throw new MalformedMessageException(RejectReason.BadTopic, "the route's topic has no {device}, and nothing else says whose bytes these are");
        into.Add(new Report { WireId = device, Frame = message.Payload.ToArray() });
        return new(message.Gateway, GatewaySign.Reading);
    }
}
