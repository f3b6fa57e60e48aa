using System.Globalization;
using Telemetry.Ingest.Decoding.Reports;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Decoding.Hj212;

/// <summary>The data area of an upload: <c>DataTime=…;w00000-Rtd=181.682,w00000-Flag=N;…</c>, one report for each time in it.</summary>
internal sealed class Hj212Data
{
    // The sentinel that data loggers write for a value that they don't have.
    private const double NoValue = -999;

    // Local time, without a zone, in all of China.
    private static readonly TimeSpan LocalTime = TimeSpan.FromHours(8);

    private readonly string _station;
    private readonly string _span;
    private readonly List<(string Factor, string Kind, string Text)> _items = [];
    private readonly Dictionary<string, string> _flags = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _sampled = new(StringComparer.Ordinal);
    private string? _dataTime;

    private Hj212Data(string station, string span) => (_station, _span) = (station, span);

    /// <param name="span">Begins the fields' names: hourly and daily means have the same names as those of minutes.</param>
    public static void Read(Hj212Frame frame, string station, string span, List<Report> into)
    {
        var data = new Hj212Data(station, span);
        foreach (var item in frame.Data.Split([';', ',']))
            data.Take(item);
        if (data._dataTime is null && frame.Packet is { } packet)
            throw new MalformedMessageException(RejectReason.BadTime, $"packet {packet} of several without DataTime; each must say whose time its values have");
        data.Report(into);
    }

    private void Take(string item)
    {
        var equals = item.IndexOf('=');
        if (equals <= 0)
            return;
        var (name, text) = (item[..equals], item[(equals + 1)..]);
        var dash = name.LastIndexOf('-');
        var (factor, kind) = dash > 0 ? (name[..dash], name[(dash + 1)..]) : ("", name);
        switch (kind)
        {
            case "DataTime":
                _dataTime = text;
                break;
            case "Flag" when dash > 0:
                _flags[factor] = text;
                break;
            case "SampleTime" when dash > 0:
                _sampled[factor] = text;
                break;
            default:
                // An empty value is none.
                if (dash > 0 && text.Length > 0)
                    _items.Add((factor, kind, text));
                break;
        }
    }

    private void Report(List<Report> into)
    {
        var first = into.Count;
        foreach (var (factor, kind, text) in _items)
        {
            // When the sample was taken, where the analyser says so: its result comes later.
            var time = _sampled.GetValueOrDefault(factor) ?? _dataTime;
            var report = ReportOf(time, into, first);
            var name = $"{_span}{factor}-{kind}";
            if (time is not null && report.Time is null)
                report.Refused.Add((RejectReason.BadTime, $"field {name}: {(_sampled.ContainsKey(factor) ? "SampleTime" : "DataTime")} \"{WireId.Shown(time)}\": expected yyyyMMddHHmmss, local time"));
            else if (report.Fields.Count == NativeDecoder.MaxValues)
                report.Refused.Add((RejectReason.TooManyValues, $"field {name}: more than {NativeDecoder.MaxValues} values of one time"));
            else if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
                report.Fields.Add(Field.Of(name, text));
            else if (!double.IsFinite(number))
                report.Refused.Add((RejectReason.WrongType, $"field {name}, value {WireId.Shown(text)}: expected a finite number"));
            else
                report.Fields.Add(Value(name, number, _flags.GetValueOrDefault(factor)));
        }
    }

    private Report ReportOf(string? time, List<Report> into, int first)
    {
        var milliseconds = time is not null && TextTime.TryParseDigits(time, LocalTime, out var parsed) ? parsed : (long?)null;
        for (var i = first; i < into.Count; i++)
        {
            if (into[i].Time == milliseconds)
                return into[i];
        }
        var report = new Report { WireId = _station, Time = milliseconds };
        into.Add(report);
        return report;
    }

    private static Field Value(string name, double number, string? flag)
    {
        var (quality, why) = number == NoValue ? (Quality.Bad, "-999, no value") : QualityOf(flag);
        return new(name, FieldKind.Number, number, Quality: quality, Why: why);
    }

    /// <summary>HJ 212-2017, table of data marks; beside them those of HJ/T 212-2005 (P, and 0 to 3 of air stations).</summary>
    private static (Quality Quality, string? Why) QualityOf(string? flag) => flag switch
    {
        null or "" or "N" or "n" or "1" or "3" => (Quality.Good, null),
        "T" => (Quality.Uncertain, "flag T, over the range"),
        "S" => (Quality.Uncertain, "flag S, entered by hand"),
        "F" => (Quality.Bad, "flag F, out of operation"),
        "M" => (Quality.Bad, "flag M, maintenance"),
        "D" => (Quality.Bad, "flag D, fault"),
        "C" or "0" => (Quality.Bad, $"flag {flag}, calibration"),
        "B" => (Quality.Bad, "flag B, no contact with the instrument"),
        "P" => (Quality.Bad, "flag P, no power"),
        "2" => (Quality.Bad, "flag 2, abnormal"),
        _ => (Quality.Uncertain, $"flag {WireId.Shown(flag)}, unknown"),
    };
}
