using Org.Eclipse.Tahu.Protobuf;
using Telemetry.Ingest.Decoding.Reports;
using Telemetry.Rules.Model;
using Metric = Org.Eclipse.Tahu.Protobuf.Payload.Types.Metric;

namespace Telemetry.Ingest.Decoding.Sparkplug;

/// <summary>One edge node: its session, the order of its messages, what it and its devices have listed and last said. Not for two threads at once.</summary>
internal sealed class EdgeNode(string group, string node)
{
    /// <summary>Metrics of a node and its devices together.</summary>
    public const int MaxMetrics = 10_000;

    /// <summary>Its birth's and its death's number tell which session both are of.</summary>
    public const string SessionMetric = "bdSeq";

    private readonly SequenceWatch _sequence = new();
    private readonly SortedDictionary<string, MetricTable> _devices = new(StringComparer.Ordinal);
    private MetricTable? _own;
    private ulong? _session;

    public string Group { get; } = group;

    public string Node { get; } = node;

    public bool IsBorn => _own is not null;

    /// <summary>Metrics of the node and its devices.</summary>
    public int Count { get; private set; }

    /// <summary>Unix ms of its last message.</summary>
    public long HeardAt { get; private set; }

    public RebirthNeed Rebirth { get; } = new();

    /// <exception cref="MalformedMessageException"/>
    public GatewaySign Take(SparkplugTopic topic, Payload payload, long now, List<Report> into)
    {
        HeardAt = now;
        if (topic.Kind == SparkplugKind.NodeDeath)
            return Died(payload, now, into);
        if (topic.Kind == SparkplugKind.NodeBirth)
            return Born(payload, into);
        if (!IsBorn)
            throw NotBorn($"node {Group}/{Node} has not sent its NBIRTH since the service began or the node died; it is asked for a rebirth");
        Follow(payload, now);
        return topic.Kind switch
        {
            SparkplugKind.NodeData => Said(_own!, null, payload, into),
            SparkplugKind.DeviceBirth => DeviceBorn(topic.Device!, payload, into),
            SparkplugKind.DeviceDeath => DeviceDied(topic.Device!, payload, now, into),
            _ => _devices.GetValueOrDefault(topic.Device!) is { IsBorn: true } device
                ? Said(device, topic.Device, payload, into)
                : throw NotBorn($"device {topic.Device} has not sent its DBIRTH since that of node {Group}/{Node}, which is asked for a rebirth"),
        };
    }

    /// <summary>What an old message says by the births of now: its aliases are taken to be what they are since. Changes nothing.</summary>
    /// <exception cref="MalformedMessageException"/>
    public void TakeAgain(SparkplugTopic topic, Payload payload, List<Report> into)
    {
        switch (topic.Kind)
        {
            case SparkplugKind.NodeBirth or SparkplugKind.DeviceBirth:
                TableOf(topic.Device, payload, into, 0);
                break;
            case SparkplugKind.NodeData or SparkplugKind.DeviceData:
                var table = topic.Device is null ? _own : _devices.GetValueOrDefault(topic.Device);
                if (table is not { IsBorn: true })
                    throw new MalformedMessageException(RejectReason.NoBirth, $"{WireId(topic.Device)} is still without a birth");
                new MetricWalk(WireId(topic.Device), table, new MetricReports(WireId(topic.Device), into, isNews: false)).Said(payload);
                break;
        }
    }

    /// <summary>Whether the node is to be asked for a rebirth now.</summary>
    public bool IsDue(long now, long reorderTimeout)
    {
        if (_sequence.GapSince is { } since && now - since >= reorderTimeout)
        {
            _sequence.Lose();
            Rebirth.Want();
        }
        return Rebirth.IsDue(now);
    }

    private GatewaySign Born(Payload payload, List<Report> into)
    {
        var sequence = SequenceOf(payload) ?? throw new MalformedMessageException(RejectReason.Malformed, "NBIRTH without seq; expected 0 to 255");
        var table = TableOf(null, payload, into, 0);
        _session = SessionOf(payload);
        Count += table.Count - (_own?.Count ?? 0);
        _own = table;
        _sequence.Begin(sequence);
        Rebirth.Met();
        // Their aliases hold no more, but what they last said can still become stale.
        foreach (var device in _devices.Values)
            device.IsBorn = false;
        return GatewaySign.Online;
    }

    private GatewaySign Died(Payload payload, long now, List<Report> into)
    {
        // The will of a connection before this one, delivered late.
        if (IsBorn && _session is not null && SessionOf(payload) != _session)
            return GatewaySign.None;
        if (_own is not null)
            Stale(_own, null, now, "node dead", into);
        foreach (var (name, device) in _devices)
            Stale(device, name, now, "node dead", into);
        _own = null;
        _devices.Clear();
        Count = 0;
        // Whatever was missing will not come, and a dead node can't be asked.
        _sequence.Begin(0);
        Rebirth.Met();
        return GatewaySign.Offline;
    }

    private GatewaySign DeviceBorn(string name, Payload payload, List<Report> into)
    {
        var others = Count - (_devices.GetValueOrDefault(name)?.Count ?? 0);
        if (!_devices.ContainsKey(name) && _devices.Count == MaxMetrics)
            throw new MalformedMessageException(RejectReason.TooManyElements, $"node {Group}/{Node} has more than {MaxMetrics} devices");
        var table = TableOf(name, payload, into, others);
        _devices[name] = table;
        Count = others + table.Count;
        return GatewaySign.Reading;
    }

    private GatewaySign DeviceDied(string name, Payload payload, long now, List<Report> into)
    {
        if (_devices.Remove(name, out var device))
        {
            Count -= device.Count;
            Stale(device, name, MetricWalk.TimeOf(payload.HasTimestamp, payload.Timestamp) ?? now, "device dead", into);
        }
        return GatewaySign.Reading;
    }

    private MetricTable TableOf(string? device, Payload payload, List<Report> into, int others)
    {
        var table = new MetricTable();
        new MetricWalk(WireId(device), table, new MetricReports(WireId(device), into)).Born(payload, MaxMetrics - others);
        return table;
    }

    private GatewaySign Said(MetricTable table, string? device, Payload payload, List<Report> into)
    {
        var walk = new MetricWalk(WireId(device), table, new MetricReports(WireId(device), into));
        walk.Said(payload);
        if (walk.MissesBirth)
            Rebirth.Want();
        return GatewaySign.Reading;
    }

    private void Stale(MetricTable table, string? device, long time, string why, List<Report> into)
    {
        var reports = new MetricReports(WireId(device), into);
        foreach (var metric in table.All)
        {
            if (metric.Last is { } last)
                reports.Add(time, last with { Quality = Quality.Stale, Why = why });
        }
    }

    private void Follow(Payload payload, long now)
    {
        if (SequenceOf(payload) is { } sequence)
            _sequence.Take(sequence, now);
        // Asked before, and still without a birth.
        if (_sequence.IsLost)
            Rebirth.Want();
    }

    private MalformedMessageException NotBorn(string what)
    {
        Rebirth.Want();
        return new(RejectReason.NoBirth, what);
    }

    private string WireId(string? device) => SparkplugTopic.WireId(Group, Node, device);

    private static int? SequenceOf(Payload payload)
    {
        if (payload.HasSeq && payload.Seq >= SequenceWatch.Count)
            throw new MalformedMessageException(RejectReason.Malformed, $"seq {payload.Seq}; expected 0 to 255");
        return payload.HasSeq ? (int)payload.Seq : null;
    }

    private static ulong? SessionOf(Payload payload) => payload.Metrics.FirstOrDefault(metric => metric.Name == SessionMetric) switch
    {
        { ValueCase: Metric.ValueOneofCase.LongValue, LongValue: var number } => number,
        { ValueCase: Metric.ValueOneofCase.IntValue, IntValue: var number } => number,
        _ => null,
    };
}
