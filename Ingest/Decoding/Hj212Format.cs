using Telemetry.Ingest.Decoding.Hj212;
using Telemetry.Ingest.Decoding.Reports;

namespace Telemetry.Ingest.Decoding;

/// <summary>Monitoring stations by HJ 212-2017, one frame a message. The station is named by its MN. Packets of one upload each carry their time, so each stands alone.</summary>
internal sealed class Hj212Format : IPayloadFormat
{
    /// <summary>Under which what comes in over TCP is decoded: a station is its own gateway.</summary>
    public const string TcpTopic = "hj212/{gateway}";

    public string Name => "hj212";

    public static string TopicOf(string station) => TcpTopic.Replace("{gateway}", station, StringComparison.Ordinal);

    /// <summary>Uploads of measured data; other commands and all answers say nothing of what was measured. In the field names, which span a mean is of.</summary>
    /// <returns>Null for a command that is none.</returns>
    public static string? SpanOf(string command) => command switch
    {
        // Real-time data, state of facilities, data of minutes.
        "2011" or "2021" or "2051" => "",
        "2061" => "hour.",
        // Data of a day, running hours of a day.
        "2031" or "2041" => "day.",
        _ => null,
    };

    public void Mask(Span<byte> payload) => Hj212Frame.MaskPassword(payload);

    public DecodedMessage Read(in ForeignMessage message, List<Report> into)
    {
        var frame = Hj212Frame.Parse(message.Payload);
        var station = WireId.Check(frame.Station, "MN");
        if (SpanOf(frame.Command) is { } span)
            Hj212Data.Read(frame, station, span, into);
        return new(message.Gateway, into.Count == 0 ? GatewaySign.None : GatewaySign.Reading);
    }
}
