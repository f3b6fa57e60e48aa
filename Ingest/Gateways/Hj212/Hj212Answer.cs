using System.Text;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Decoding.Hj212;

namespace Telemetry.Ingest.Gateways.Hj212;

/// <summary>What a station waits for after an upload: the data acknowledgement, CN 9014, with the request's own QN and password.</summary>
internal static class Hj212Answer
{
    // ST: what goes from a centre to a station. CN: it has the data.
    private const string ToStation = "91", Received = "9014";

    /// <summary>Null for a frame that wants none. Only uploads (CN 2xxx, 3xxx) are acknowledged: the service asks for nothing, so nothing else is an answer's business.</summary>
    public static byte[]? To(Hj212Frame frame)
    {
        if (!frame.WantsAnswer || frame.Station is null || frame.Command is not { Length: 4 } command || command[0] is not ('2' or '3'))
            return null;
        var request = frame.Request is { } number ? $"QN={number};" : "";
        var segment = Encoding.ASCII.GetBytes($"{request}ST={ToStation};CN={Received};PW={frame.Password};MN={frame.Station};Flag={frame.Version};CP=&&&&");
        return [.. Encoding.ASCII.GetBytes($"##{segment.Length:0000}"), .. segment, .. Encoding.ASCII.GetBytes($"{Crc16.Hj212(segment):X4}\r\n")];
    }
}
