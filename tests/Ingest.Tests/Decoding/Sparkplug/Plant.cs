using Google.Protobuf;
using Org.Eclipse.Tahu.Protobuf;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Decoding.Reports;
using Telemetry.Ingest.Decoding.Sparkplug;
using Metric = Org.Eclipse.Tahu.Protobuf.Payload.Types.Metric;

namespace Telemetry.Ingest.Tests.Decoding.Sparkplug;

/// <summary>One route of Sparkplug with a clock under the test's hand, and the messages of its edge nodes.</summary>
internal sealed class Plant
{
    public const long ReorderTimeout = 5_000;

    private readonly SparkplugFormat _format = new();

    /// <summary>Unix ms.</summary>
    public long Now { get; set; } = Decoded.Received;

    /// <summary>What the last message gave.</summary>
    public IReadOnlyList<Report> Reports { get; private set; } = [];

    /// <summary>Topics of the requests that go out now.</summary>
    public IReadOnlyList<string> Asked => [.. _format.Nodes.TakeDue(Now, ReorderTimeout).Select(request => request.Topic)];

    public EdgeNodes Nodes => _format.Nodes;

    public DecodedMessage Send(string topic, Payload payload) => Send(topic, payload.ToByteArray());

    public DecodedMessage Send(string topic, byte[] payload)
    {
        var reports = new List<Report>();
        Reports = reports;
        return _format.Read(new ForeignMessage("spBv1.0/plant/" + topic, payload, "route", null, Now), reports);
    }

    /// <summary>A dead letter, read again.</summary>
    public void Again(string topic, Payload payload)
    {
        var reports = new List<Report>();
        Reports = reports;
        _format.Read(new ForeignMessage("spBv1.0/plant/" + topic, payload.ToByteArray(), "route", null, Decoded.Received, isAgain: true), reports);
    }

    /// <summary>The reason for which a message is refused.</summary>
    public string Refused(string topic, Payload payload) => Assert.Throws<MalformedMessageException>(() => Send(topic, payload)).Reason;

    public DecodedMessage Birth(ulong? session = 1, int sequence = 0, string node = "edge") =>
        Send($"NBIRTH/{node}", Of(sequence, [.. session is { } number ? [Number("bdSeq", number)] : Array.Empty<Metric>(), Value("cpu", 3)]));

    public DecodedMessage Death(ulong? session = 1, string node = "edge") => Send($"NDEATH/{node}", Of(null, session is { } number ? [Number("bdSeq", number)] : []));

    public static Payload Of(int? sequence, params Metric[] metrics)
    {
        var payload = new Payload { Timestamp = Decoded.Received };
        if (sequence is { } number)
            payload.Seq = (ulong)number;
        payload.Metrics.AddRange(metrics);
        return payload;
    }

    public static Metric Value(string name, double value, ulong? alias = null, long? at = null)
    {
        var metric = new Metric { Name = name, Datatype = (uint)DataType.Double, DoubleValue = value, Timestamp = (ulong)(at ?? Decoded.Received) };
        if (alias is { } number)
            metric.Alias = number;
        return metric;
    }

    public static Metric ByAlias(ulong alias, double value) => new() { Alias = alias, DoubleValue = value, Timestamp = Decoded.Received };

    private static Metric Number(string name, ulong value) => new() { Name = name, Datatype = (uint)DataType.Int64, LongValue = value, Timestamp = Decoded.Received };

    public static string Text(Report report) =>
        $"{report.WireId} {report.Time - Decoded.Received} {string.Join(", ", report.Fields.Select(field => $"{field.Name}={field.Text ?? $"{field.Number}"} {field.Quality}"))}";
}
