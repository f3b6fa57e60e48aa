using Org.Eclipse.Tahu.Protobuf;
using Metric = Org.Eclipse.Tahu.Protobuf.Payload.Types.Metric;

namespace Telemetry.Ingest.Decoding.Sparkplug;

/// <summary>Goes through the metrics of a message; the members of a template's instance are metrics in a folder of its name.</summary>
/// <param name="sender">For a person.</param>
internal sealed class MetricWalk(string sender, MetricTable table, MetricReports reports)
{
    private const int MaxTemplateDepth = 8;

    /// <summary>Some metric was in no birth.</summary>
    public bool MissesBirth { get; private set; }

    /// <summary>Enters each metric of a birth in the table.</summary>
    /// <param name="most">Metrics that there is room for.</param>
    /// <exception cref="MalformedMessageException">There are more.</exception>
    public void Born(Payload payload, int most)
    {
        foreach (var metric in payload.Metrics)
            Born(metric, "", 0, TimeOf(payload, metric), most);
        reports.End();
    }

    /// <summary>Reads each metric of a data message by the table.</summary>
    public void Said(Payload payload)
    {
        foreach (var metric in payload.Metrics)
            Said(metric, "", 0, TimeOf(payload, metric));
        reports.End();
    }

    /// <summary>Unix ms; null where there is none.</summary>
    public static long? TimeOf(bool has, ulong milliseconds) => has ? (long)Math.Min(milliseconds, long.MaxValue) : null;

    private static long? TimeOf(Payload payload, Metric metric) => TimeOf(metric.HasTimestamp, metric.Timestamp) ?? TimeOf(payload.HasTimestamp, payload.Timestamp);

    private void Born(Metric metric, string folder, int depth, long? time, int most)
    {
        var name = folder + metric.Name;
        if (!metric.HasName || name.Length > KnownMetric.MaxText)
            reports.Refuse(RejectReason.Malformed, $"metric {Shown(name)}: a birth gives each a name of 1 to {KnownMetric.MaxText} characters");
        else if (metric.ValueCase == Metric.ValueOneofCase.TemplateValue && !metric.HasAlias)
            Members(metric, name, depth, member => Born(member, name + "/", depth + 1, time, most));
        else if (table.Count >= most)
            throw new MalformedMessageException(RejectReason.TooManyElements, $"{sender} makes more than {EdgeNode.MaxMetrics} metrics of its node and its devices");
        else if (metric.ValueCase == Metric.ValueOneofCase.TemplateValue)
        {
            table.AddTemplate(name, metric.Alias);
            Members(metric, name, depth, member => Born(member, name + "/", depth + 1, time, most));
        }
        else if (table.Add(name, metric.HasAlias ? metric.Alias : null, metric.Datatype) is { } known)
            Put(metric, known, time);
        else
            reports.Refuse(RejectReason.Malformed, $"metric {name}: twice in one birth; the first one stands");
    }

    private void Said(Metric metric, string folder, int depth, long? time)
    {
        var name = folder + metric.Name;
        if (metric.ValueCase == Metric.ValueOneofCase.TemplateValue && (metric.HasName ? name : metric.HasAlias ? table.FindTemplate(metric.Alias) : null) is { } template)
        {
            Members(metric, template, depth, member => Said(member, template + "/", depth + 1, time));
            return;
        }
        if ((metric.HasName ? table.Find(name) : metric.HasAlias ? table.Find(metric.Alias) : null) is { } known)
        {
            Put(metric, known, time);
            return;
        }
        MissesBirth = true;
        reports.Refuse(RejectReason.NoBirth, $"metric {(metric.HasName ? Shown(name) : metric.HasAlias ? $"of alias {metric.Alias}" : "without name and alias")}: not in the birth of {sender}; its node is asked for a rebirth");
    }

    private void Members(Metric metric, string name, int depth, Action<Metric> each)
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
            each(member);
    }

    private void Put(Metric metric, KnownMetric known, long? time)
    {
        if (IsControl(known.Name))
            return;
        var field = MetricReader.Read(metric, known, out var problem);
        if (problem is { } wrong)
            reports.Refuse(wrong.Reason, wrong.What);
        if (field is not { } read)
            return;
        reports.Add(time, read);
        if (reports.IsNews && !metric.IsHistorical && !metric.IsNull)
            known.Last = read;
    }

    /// <summary>What belongs to the session, and switches that a host may throw: nothing that was measured.</summary>
    private static bool IsControl(string name) =>
        name == EdgeNode.SessionMetric || name.StartsWith("Node Control/", StringComparison.Ordinal) || name.StartsWith("Device Control/", StringComparison.Ordinal);

    private static string Shown(string name) => name.Length <= 64 ? name : name[..64] + "…";
}
