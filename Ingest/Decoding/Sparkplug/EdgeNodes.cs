using Org.Eclipse.Tahu.Protobuf;
using Telemetry.Ingest.Decoding.Reports;

namespace Telemetry.Ingest.Decoding.Sparkplug;

/// <summary>All edge nodes of a route. In memory alone, bounded. Any thread.</summary>
/// <param name="maxMetrics">Of all nodes together. A metric takes some 200 bytes; with name, unit and text of full length, less than 2 kB.</param>
internal sealed class EdgeNodes(int maxMetrics = 1_000_000)
{
    public const int MaxNodes = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Group, string Node), EdgeNode> _nodes = [];
    private int _metrics;

    /// <exception cref="MalformedMessageException"/>
    public GatewaySign Take(SparkplugTopic topic, Payload payload, long now, List<Report> into)
    {
        lock (_gate)
        {
            var node = NodeOf(topic.Group, topic.Node);
            if (topic.Kind is SparkplugKind.NodeBirth or SparkplugKind.DeviceBirth && _metrics >= maxMetrics)
                throw new MalformedMessageException(RejectReason.TooManyElements, $"{_metrics} metrics of edge nodes are remembered; no more are");
            var before = node.Count;
            var sign = node.Take(topic, payload, now, into);
            _metrics += node.Count - before;
            return sign;
        }
    }

    /// <summary>What an old message says by what is known now. Changes nothing.</summary>
    /// <exception cref="MalformedMessageException"/>
    public void TakeAgain(SparkplugTopic topic, Payload payload, List<Report> into)
    {
        lock (_gate)
            (_nodes.GetValueOrDefault((topic.Group, topic.Node)) ?? new EdgeNode(topic.Group, topic.Node)).TakeAgain(topic, payload, into);
    }

    /// <summary>Those that are to be asked for a rebirth now, each at most once in <see cref="RebirthNeed.Interval"/>.</summary>
    /// <param name="now">Unix ms, of the same clock as the messages' received time.</param>
    /// <param name="reorderTimeout">Milliseconds that a missing message has to come.</param>
    public IReadOnlyList<RebirthRequest> TakeDue(long now, long reorderTimeout)
    {
        lock (_gate)
            return [.. _nodes.Values.Where(node => node.IsDue(now, reorderTimeout)).Select(node => new RebirthRequest(node.Group, node.Node, now))];
    }

    private EdgeNode NodeOf(string group, string node)
    {
        if (_nodes.TryGetValue((group, node), out var known))
            return known;
        if (_nodes.Count == MaxNodes)
            MakeRoom();
        return _nodes[(group, node)] = new EdgeNode(group, node);
    }

    private void MakeRoom()
    {
        var oldest = _nodes.Values.Where(node => !node.IsBorn).MinBy(node => node.HeardAt)
            ?? throw new MalformedMessageException(RejectReason.TooManyElements, $"{MaxNodes} edge nodes are alive; no more are remembered");
        _nodes.Remove((oldest.Group, oldest.Node));
    }
}
