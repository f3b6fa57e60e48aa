using Telemetry.Ingest.Decoding.Models;
using Telemetry.Ingest.Decoding.Models.Codecs;
using Telemetry.Ingest.Decoding.Routes;
using Telemetry.Ingest.Devices;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Decoding.Reports;

/// <summary>A report to readings: the register says whose it is, the device's model what its fields mean in the family's channels and units. One instance for one decoder.</summary>
internal sealed class ReportMapper(DecodingTables tables)
{
    /// <summary>Bytes: LoRaWAN carries 242, NB-IoT a datagram.</summary>
    private const int MaxFrame = 4096;

    // What a network server says of its own between the frames of a codec.
    private static readonly string[] Servers = ["batteryLevel"];

    private readonly FieldMapper _mapper = new();
    private readonly List<ChannelValue> _values = [];
    private readonly List<Report> _past = [];

    /// <summary>The other moments that the last report's frame told of.</summary>
    public IReadOnlyList<Report> Past => _past;

    /// <returns>How many readings came of it. What was refused is gathered.</returns>
    public int Map(Report report, TopicRoute route, string gateway, long received, ref Refusals refusals)
    {
        refusals.Elements++;
        var readings = 0;
        if (TargetOf(report, gateway, received) is { } target)
        {
            foreach (var past in _past)
            {
                refusals.Elements++;
                if (Read(past, target, report.Refused, isPast: true) is { } then)
                    Add(then, ref readings, ref refusals);
            }
            if (Read(report, target, report.Refused, isPast: false) is { } now)
                Add(now, ref readings, ref refusals);
        }
        if (report.Refused.Count > 0)
            refusals.Gather(report.Refused, $"{report.WireId} ({route.Format.Name}): ");
        return readings;
    }

    private static void Add(Reading reading, ref int readings, ref Refusals refusals)
    {
        refusals.Into.Add(new ReadingEntry(reading));
        readings++;
    }

    /// <summary>Whose report it is, with the fields of its frame read; null where it is refused.</summary>
    private Target? TargetOf(Report report, string gateway, long received)
    {
        _past.Clear();
        if (tables.Devices.FindByWireId(report.WireId) is not { Device: var device } sensor)
            return Refuse(report, RejectReason.UnknownDevice, "nothing in the register reports under that name; adopt it, and what it sent is decoded then");
        if (tables.Foreign(device, gateway) is { } foreign)
            return Refuse(report, RejectReason.ForeignDevice, foreign);
        if (tables.FindFamily(device.Family) is not { } family)
            return Refuse(report, RejectReason.UnknownFamily, $"family {device.Family} of device {device.Id}: no family file has that name");
        var model = tables.Models.Find(sensor.Model);
        if (report.Frame is { } frame && !ReadFrame(frame, report, sensor, model?.Codec))
            return null;
        var mapping = model?.MappingFor(family.Name);
        if (model is not null && mapping is null)
            return Refuse(report, RejectReason.UnknownChannel, $"model {model.Name} of device {device.Id}: its file says nothing of family {family.Name}; add it under channels");
        return new Target(device, family, model, mapping, sensor.Instance ?? 1, gateway, received, SentTime.AheadOf(device));
    }

    /// <summary>The model's own codec wins over fields that a network server has made of the same bytes.</summary>
    private bool ReadFrame(byte[] frame, Report report, in Sensor sensor, IFrameCodec? codec)
    {
        if (codec is null)
        {
            if (report.Fields.Count == 0)
                report.Refused.Add((RejectReason.NoCodec, $"model {sensor.Model ?? "(none)"} of device {sensor.Device.Id}: no model of that name reads bytes{NearestName.Hint(sensor.Model ?? "", tables.Models.All.Where(model => model.Codec is not null).Select(model => model.Name))}"));
            return report.Fields.Count > 0;
        }
        report.Fields.RemoveAll(field => codec.Fields.ContainsKey(field.Name));
        if (frame.Length > MaxFrame)
            report.Refused.Add((RejectReason.BadFrame, $"{frame.Length} bytes; a device's frame has at most {MaxFrame}"));
        else
            codec.Read(frame, report, _past);
        return frame.Length <= MaxFrame;
    }

    private static Target? Refuse(Report report, string reason, string what)
    {
        report.Refused.Add((reason, what));
        return null;
    }

    private Reading? Read(Report report, Target target, List<(string Reason, string What)> refused, bool isPast)
    {
        var before = refused.Count;
        _values.Clear();
        foreach (var mapped in _mapper.Map(report, target.Family, target.Mapping, target.Device, target.Instance))
        {
            if (mapped.Reason is { } reason)
                refused.Add((reason, mapped.What));
            if (mapped.Value is { } value)
                _values.Add(value);
        }
        if (_values.Count == 0)
        {
            if (refused.Count == before && !isPast && SaysNothing(report, target) is { } what)
                refused.Add((RejectReason.NoValues, what));
            return null;
        }
        var time = ReadingTime.Of(report.Time, target.Received, target.ClockAhead);
        if (isPast && time.IsDoubtful)
        {
            refused.Add((RejectReason.BadTime, $"values of the past, of {report.Time} (Unix ms) by the device's clock, which {(time.Marks.HasFlag(TimeMarks.ClockAhead) ? "runs ahead" : "was never set")}: they can't pose as values of now"));
            return null;
        }
        var values = _values.ToArray();
        time.Judge(values);
        return new Reading
        {
            Gateway = target.Gateway,
            Family = target.Family.Name,
            Device = target.Device.Id,
            SentTime = time.Sent,
            Sequence = report.Sequence,
            EventTime = time.Event,
            Marks = time.Marks,
            Values = values,
        };
    }

    // What a model's codec skips says nothing, and that is no mistake.
    private static string? SaysNothing(Report report, Target target)
    {
        var isFrame = report.Frame is not null;
        if (report.Fields.Count == 0)
            return isFrame ? null : "no values in it";
        return target.Model is { } model && !report.Fields.All(field => Servers.Contains(field.Name))
            ? $"no channel comes of its fields ({string.Join(", ", report.Fields.Take(10).Select(field => field.Name))}) by model {model.Name}"
            : null;
    }

    /// <summary>Where a report's values belong.</summary>
    /// <param name="Mapping">Null without a model.</param>
    /// <param name="Instance">Which of several the sensor is, 1 to 999.</param>
    /// <param name="ClockAhead">Milliseconds by which the register declares the device's clock to run ahead.</param>
    private sealed record Target(Device Device, Family Family, SensorModel? Model, FamilyMapping? Mapping, int Instance, string Gateway, long Received, long ClockAhead);
}
