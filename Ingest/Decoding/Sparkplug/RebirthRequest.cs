using Google.Protobuf;
using Org.Eclipse.Tahu.Protobuf;

namespace Telemetry.Ingest.Decoding.Sparkplug;

/// <summary>The one thing that the service ever asks of an edge node: to say again what it measures. It commands nothing else, whatever Sparkplug would allow.</summary>
/// <param name="at">Unix ms.</param>
internal readonly struct RebirthRequest(string group, string node, long at)
{
    private const string Metric = "Node Control/Rebirth";

    public string Topic { get; } = $"{SparkplugTopic.Root}/{group}/NCMD/{node}";

    public ReadOnlyMemory<byte> Payload { get; } = new Payload
    {
        Timestamp = (ulong)at,
        Metrics = { new Payload.Types.Metric { Name = Metric, Timestamp = (ulong)at, Datatype = (uint)DataType.Boolean, BooleanValue = true } },
    }.ToByteArray();
}
