using Telemetry.Ingest.Decoding.Reports;

namespace Telemetry.Ingest.Decoding.Senml;

/// <summary>Resolves the records of a message in their order, and gathers those of one device at one time into one report.</summary>
/// <param name="device">From the topic; null where it names none.</param>
/// <param name="received">Unix ms: what relative times count from.</param>
internal sealed class SenmlPack(string? device, long received, List<Report> into)
{
    /// <summary>Ends the name of a field that is the sum over time of another; no name of SenML has the character.</summary>
    public const string SumSuffix = "#sum";

    private const int OurVersion = 10;

    // A time below it is relative (RFC 8428, section 4.5.3).
    private const double Absolute = 1 << 28;

    // The year 10000: what lies beyond it was sent in milliseconds.
    private const double MaxSeconds = 253_402_300_800;

    private readonly Dictionary<(string Device, long? Time), Report> _reports = [];
    private string _baseName = "";
    private string? _baseUnit;
    private double? _baseTime;
    private double _baseValue, _baseSum;
    private double? _version;
    private int _refused;

    /// <summary>Records so far.</summary>
    public int Count { get; private set; }

    /// <exception cref="MalformedMessageException"/>
    public void Add(SenmlRecord record)
    {
        TakeBase(record);
        var isOnlyBase = record is { Name: null, Problem: null, Value: null, Text: null, Flag: null, Data: null, Sum: null };
        if (!isOnlyBase)
            Resolve(record);
        Count++;
    }

    /// <exception cref="MalformedMessageException">There was no record.</exception>
    public void End()
    {
        if (Count == 0)
            throw new MalformedMessageException(RejectReason.NoValues, "an empty pack; expected at least one record");
        if (into.Count == 0)
            throw new MalformedMessageException(RejectReason.NoValues, "base fields alone; expected at least one value");
    }

    private void TakeBase(SenmlRecord record)
    {
        if (record.Version is { } version && (version != Math.Floor(version) || version is < 1 or > OurVersion))
            throw new MalformedMessageException(RejectReason.Unsupported, $"bver {version}: versions 1 to {OurVersion} are read");
        if (_version is not null && record.Version is not null && record.Version != _version)
            throw new MalformedMessageException(RejectReason.Malformed, $"bver {record.Version} after {_version}: all records of a pack have one version");
        _version ??= record.Version;
        _baseName = record.BaseName ?? _baseName;
        _baseUnit = record.BaseUnit ?? _baseUnit;
        _baseTime = record.BaseTime ?? _baseTime;
        _baseValue = record.BaseValue ?? _baseValue;
        _baseSum = record.BaseSum ?? _baseSum;
    }

    private void Resolve(SenmlRecord record)
    {
        var (wireId, field) = SenmlName.Of(device, _baseName, record.Name ?? "");
        if (record.Problem is { } wrong)
        {
            Refuse(wireId, field, RejectReason.Malformed, wrong);
            return;
        }
        if (!TryTime(record.Time, out var time))
        {
            Refuse(wireId, field, RejectReason.BadTime, $"bt + t is {(_baseTime ?? 0) + (record.Time ?? 0)} s: expected Unix seconds, or below 2^28 seconds from now");
            return;
        }
        var unit = record.Unit ?? _baseUnit;
        // Three values of one name in RFC 8428's own example: a position is known by its units.
        if (field == SenmlName.Unnamed && unit is "lat" or "lon")
            field = unit!;
        var number = record.Value is { } value ? value + _baseValue : (double?)null;
        var values = (number is null ? 0 : 1) + (record.Text is null ? 0 : 1) + (record.Flag is null ? 0 : 1) + (record.Data is null ? 0 : 1);
        if (values == 0 && record.Sum is null && _baseValue != 0)
            (number, values) = (_baseValue, 1);
        if (values > 1 || (values == 0 && record.Sum is null))
        {
            Refuse(wireId, field, values > 1 ? RejectReason.Malformed : RejectReason.NoValues, $"{(values > 1 ? "more than one" : "none")} of v, vs, vb, vd: expected one{(values > 1 ? "" : ", or s")}");
            return;
        }
        // A device's own bytes are read by its model, and nothing else can stand in their report.
        if (record.Data is { } data)
            Limited(new Report { WireId = wireId, Time = time, Frame = data });
        if (number is { } measured)
            Put(wireId, time, Number(field, SenmlUnit.Ucum(measured, unit)));
        else if (record.Text is { } text)
            Put(wireId, time, Field.Of(field, text));
        else if (record.Flag is { } flag)
            Put(wireId, time, Field.Of(field, flag));
        if (record.Sum is { } sum)
            Put(wireId, time, Number(field + SumSuffix, SenmlUnit.UcumOfSum(sum + _baseSum, unit)));
    }

    private static Field Number(string name, (double Number, string? Unit) value) => Field.Of(name, value.Number, value.Unit);

    private bool TryTime(double? own, out long? milliseconds)
    {
        milliseconds = null;
        var seconds = (_baseTime ?? 0) + (own ?? 0);
        // Zero is "roughly now", as no time is.
        if (seconds == 0)
            return true;
        if (!(Math.Abs(seconds) < MaxSeconds))
            return false;
        var whole = (long)Math.Round(seconds * 1000);
        milliseconds = seconds < Absolute ? received + whole : whole;
        return true;
    }

    private void Put(string wireId, long? time, in Field field)
    {
        var report = ReportOf(wireId, time);
        foreach (var other in report.Fields)
        {
            if (other.Name != field.Name)
                continue;
            Refuse(report, field.Name, RejectReason.Malformed, "a second value of the same moment; the first one stands");
            return;
        }
        if (report.Fields.Count == NativeDecoder.MaxValues)
            Refuse(report, field.Name, RejectReason.TooManyValues, $"over {NativeDecoder.MaxValues} values of one moment");
        else
            report.Fields.Add(field);
    }

    private void Refuse(string wireId, string field, string reason, string what) => Refuse(ReportOf(wireId, null), field, reason, what);

    // A record takes three bytes, its refusal a hundred.
    private void Refuse(Report report, string field, string reason, string what)
    {
        if (++_refused > NativeDecoder.MaxElements)
            throw new MalformedMessageException(RejectReason.TooManyElements, $"more than {NativeDecoder.MaxElements} refused values in one pack; record {Count}, {field}: {what}");
        report.Refused.Add((reason, $"record {Count}, {field}: {what}"));
    }

    private Report ReportOf(string wireId, long? time)
    {
        if (!_reports.TryGetValue((wireId, time), out var report))
        {
            report = Limited(new Report { WireId = wireId, Time = time });
            _reports.Add((wireId, time), report);
        }
        return report;
    }

    private Report Limited(Report report)
    {
        if (into.Count == NativeDecoder.MaxElements)
            throw new MalformedMessageException(RejectReason.TooManyElements, $"more than {NativeDecoder.MaxElements} devices and times in one pack: split it");
        into.Add(report);
        return report;
    }
}
