using System.Text;
using Telemetry.Ingest.Decoding.Reports;
using Telemetry.Ingest.Decoding.Sparkplug;

namespace Telemetry.Ingest.Decoding;

/// <summary>
/// Sparkplug B 3.0, as a host application reads it (docs/sparkplug.md). An edge node is a gateway, its devices report as <c>group/node/device</c>. What its messages
/// mean depends on the births before them: that memory is this object's, and gone with it; the nodes are asked for their births then.
/// </summary>
internal sealed class SparkplugFormat : IPayloadFormat
{
    public const string FormatName = "sparkplug";

    public string Name => FormatName;

    public EdgeNodes Nodes { get; } = new();

    public DecodedMessage Read(in ForeignMessage message, List<Report> into)
    {
        var topic = SparkplugTopic.Parse(message.Topic);
        // Commands, also our own, and what hosts say of themselves: whoever subscribes to everything sees them.
        if (topic.Kind is SparkplugKind.Command or SparkplugKind.State)
            return new(message.Gateway, GatewaySign.None);
        var payload = SparkplugPayload.Parse(message.Payload);
        if (!message.IsAgain)
            return new(topic.Gateway, Nodes.Take(topic, payload, message.Received, into));
        Nodes.TakeAgain(topic, payload, into);
        return new(topic.Gateway, GatewaySign.Reading);
    }

    public string? GatewayOf(ReadOnlySpan<byte> topic) =>
        SparkplugTopic.TryParse(Encoding.UTF8.GetString(topic), out var parsed) && parsed.Kind != SparkplugKind.State ? parsed.Gateway : null;

    public bool MaySubscribe(string filter, string? gateway) => SparkplugSubscription.IsAllowed(filter, gateway);
}
