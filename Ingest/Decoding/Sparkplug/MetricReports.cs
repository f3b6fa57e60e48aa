using Telemetry.Ingest.Decoding.Reports;

namespace Telemetry.Ingest.Decoding.Sparkplug;

/// <summary>Gathers the values of one message of one node or device: those of one time in one report.</summary>
/// <param name="isNews">False for an old message that is read again: its values are nobody's last ones.</param>
internal sealed class MetricReports(string wireId, List<Report> into, bool isNews = true)
{
    private readonly Dictionary<long, Report> _open = [];
    private readonly Dictionary<(long Time, string Name), (Report Report, int Index)> _places = [];
    private readonly List<(string Reason, string What)> _refused = [];
    private Report? _first;

    public bool IsNews => isNews;

    /// <param name="time">Unix ms; null where the message has none.</param>
    public void Add(long? time, in Field field)
    {
        var key = time ?? long.MinValue;
        // Values come in the order of the node: of two of one moment the later one is newer.
        if (_places.TryGetValue((key, field.Name), out var place))
        {
            place.Report.Fields[place.Index] = field;
            return;
        }
        if (!_open.TryGetValue(key, out var report) || report.Fields.Count == NativeDecoder.MaxValues)
            _open[key] = report = Begin(time);
        _places.Add((key, field.Name), (report, report.Fields.Count));
        report.Fields.Add(field);
    }

    public void Refuse(string reason, string what) => _refused.Add((reason, what));

    /// <summary>What was refused stands in the first of the reports.</summary>
    public void End()
    {
        if (_refused.Count > 0)
            (_first ?? Begin(null)).Refused.AddRange(_refused);
    }

    private Report Begin(long? time)
    {
        if (into.Count == NativeDecoder.MaxElements)
            throw new MalformedMessageException(RejectReason.TooManyElements, $"metrics of more than {NativeDecoder.MaxElements} times in one message");
        var report = new Report { WireId = wireId, Time = time };
        into.Add(report);
        _first ??= report;
        return report;
    }
}
