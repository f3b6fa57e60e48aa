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

    private const int MaxName = 256;
    private const int MaxTemplateDepth = 8;
    private const string DeathSequence = "bdSeq";

    private readonly SequenceWatch _sequence = new();
    private readonly SortedDictionary<string, MetricTable> _devices = new(StringComparer.Ordinal);
    private MetricTable? _own;
    private ulong? _session;

    public string Group { get; } = group;

    public string Node { get; } = node;

    public bool IsBorn => _own is not null;

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
        return GatewaySign.Offline;
    }

    private GatewaySign DeviceBorn(string name, Payload payload, List<Report> into)
    {
        var others = _own!.Count + _devices.Where(device => device.Key != name).Sum(device => device.Value.Count);
        _devices[name] = TableOf(name, payload, into, others);
        return GatewaySign.Reading;
    }

    private GatewaySign DeviceDied(string name, Payload payload, long now, List<Report> into)
    {
        if (_devices.Remove(name, out var device))
            Stale(device, name, TimeOf(payload.HasTimestamp, payload.Timestamp) ?? now, "device dead", into);
        return GatewaySign.Reading;
    }

    private MetricTable TableOf(string? device, Payload payload, List<Report> into, int others)
    {
        var table = new MetricTable();
        var reports = new MetricReports(WireId(device), into);
        foreach (var metric in payload.Metrics)
            List(table, metric, "", 0, TimeOf(payload, metric), reports, others);
        reports.End();
        return table;
    }

    private void List(MetricTable table, Metric metric, string folder, int depth, long? time, MetricReports reports, int others)
    {
        var name = folder + metric.Name;
        if (!metric.HasName || name.Length > MaxName)
        {
            reports.Refuse(RejectReason.Malformed, $"metric {Shown(name)}: a birth gives each a name of 1 to {MaxName} characters");
            return;
        }
        if (metric.ValueCase == Metric.ValueOneofCase.TemplateValue)
        {
            Members(metric, name, depth, time, reports, (member, inner) => List(table, member, inner, depth + 1, time, reports, others));
            return;
        }
        if (table.Count + others >= MaxMetrics)
            throw new MalformedMessageException(RejectReason.TooManyElements, $"node {Group}/{Node} has more than {MaxMetrics} metrics with its devices");
        if (table.Add(name, metric.HasAlias ? metric.Alias : null, metric.Datatype) is not { } known)
            reports.Refuse(RejectReason.Malformed, $"metric {name}: twice in one birth; the first one stands");
        else
            Put(metric, known, time, reports);
    }

    private GatewaySign Said(MetricTable table, string? device, Payload payload, List<Report> into)
    {
        var reports = new MetricReports(WireId(device), into);
        foreach (var metric in payload.Metrics)
            Say(table, metric, "", 0, TimeOf(payload, metric), reports);
        reports.End();
        return GatewaySign.Reading;
    }

    private void Say(MetricTable table, Metric metric, string folder, int depth, long? time, MetricReports reports)
    {
        var name = folder + metric.Name;
        if (metric.ValueCase == Metric.ValueOneofCase.TemplateValue && metric.HasName)
        {
            Members(metric, name, depth, time, reports, (member, inner) => Say(table, member, inner, depth + 1, time, reports));
            return;
        }
        var known = metric.HasName ? table.Find(name) : metric.HasAlias ? table.Find(metric.Alias) : null;
        if (known is not null)
        {
            Put(metric, known, time, reports);
            return;
        }
        Rebirth.Want();
        reports.Refuse(RejectReason.NoBirth, $"metric {(metric.HasName ? Shown(name) : metric.HasAlias ? $"of alias {metric.Alias}" : "without name and alias")}: not in the birth; node {Group}/{Node} is asked for a rebirth");
    }

    private static void Members(Metric metric, string name, int depth, long? time, MetricReports reports, Action<Metric, string> each)
    {
        // A definition says what instances look like; each of them says it again in its birth.
        if (metric.TemplateValue.IsDefinition)
            return;
        if (depth == MaxTemplateDepth)
        {
            reports.Refuse(RejectReason.Unsupported, $"metric {Shown(name)}: templates nested over {MaxTemplateDepth} deep");
            return;
        }
        foreach (var member in metric.TemplateValue.Metrics)
            each(member, name + "/");
    }

    private static void Put(Metric metric, KnownMetric known, long? time, MetricReports reports)
    {
        if (IsControl(known.Name))
            return;
        var field = MetricReader.Read(metric, known, out var problem);
        if (problem is { } wrong)
            reports.Refuse(wrong.Reason, wrong.What);
        if (field is not { } read)
            return;
        reports.Add(time, read);
        if (!metric.IsHistorical && !metric.IsNull)
            known.Last = read;
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

    private static ulong? SessionOf(Payload payload) => payload.Metrics.FirstOrDefault(metric => metric.Name == DeathSequence) switch
    {
        { ValueCase: Metric.ValueOneofCase.LongValue, LongValue: var number } => number,
        { ValueCase: Metric.ValueOneofCase.IntValue, IntValue: var number } => number,
        _ => null,
    };

    /// <summary>What belongs to the session, and switches that a host may throw: nothing that was measured.</summary>
    private static bool IsControl(string name) =>
        name == DeathSequence || name.StartsWith("Node Control/", StringComparison.Ordinal) || name.StartsWith("Device Control/", StringComparison.Ordinal);

    private static long? TimeOf(Payload payload, Metric metric) => TimeOf(metric.HasTimestamp, metric.Timestamp) ?? TimeOf(payload.HasTimestamp, payload.Timestamp);

    private static long? TimeOf(bool has, ulong milliseconds) => has ? (long)Math.Min(milliseconds, long.MaxValue) : null;

    private static string Shown(string name) => name.Length <= 64 ? name : name[..64] + "…";
}
