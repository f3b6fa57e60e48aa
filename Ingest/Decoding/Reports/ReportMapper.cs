using Telemetry.Ingest.Decoding.Routes;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Decoding.Reports;

/// <summary>A report to readings: the register says whose it is, the device's model what its fields mean in the family's channels and units. One instance for one decoder.</summary>
internal sealed class ReportMapper(DecodingTables tables)
{
    private readonly List<ChannelValue> _values = [];

    /// <returns>How many readings came of it.</returns>
    public int Map(Report report, TopicRoute route, string gateway, long received, ReadOnlySpan<byte> payload, ref Refusals refusals)
    {
        refusals.Elements++;
        var refused = report.Refused;
        var reading = Read(report, gateway, received, refused);
        if (reading is not null)
            refusals.Into.Add(new ReadingEntry(reading));
        if (refused.Count > 0)
            refusals.Part(refused, $"{report.WireId} ({route.Format.Name}): ", payload);
        return reading is null ? 0 : 1;
    }

    private Reading? Read(Report report, string gateway, long received, List<(string Reason, string What)> refused)
    {
        if (tables.Devices.FindByWireId(report.WireId) is not { Device: var device })
        {
            refused.Add((RejectReason.UnknownDevice, "nothing in the register reports under that name; adopt it, and what it sent is decoded then"));
            return null;
        }
        if (tables.FindFamily(device.Family) is not { } family)
        {
            refused.Add((RejectReason.UnknownFamily, $"family {device.Family} of device {device.Id}: no family file has that name"));
            return null;
        }
        if (report.Frame is not null)
        {
            refused.Add((RejectReason.NoCodec, $"model {device.Model ?? "(none)"} of device {device.Id}: no model of that name reads bytes"));
            return null;
        }
        _values.Clear();
        foreach (var field in report.Fields)
            Add(field, family, refused);
        if (_values.Count == 0)
        {
            if (refused.Count == 0)
                refused.Add((RejectReason.NoValues, "no values in it"));
            return null;
        }
        var time = ReadingTime.Of(report.Time, received, NativeDecoder.ClockAheadOf(device));
        return new Reading
        {
            Gateway = gateway,
            Family = family.Name,
            Device = device.Id,
            SentTime = time.Sent,
            Sequence = report.Sequence,
            EventTime = time.Event,
            Marks = time.Marks,
            Values = [.. _values],
        };
    }

    private void Add(in Field field, Family family, List<(string Reason, string What)> refused)
    {
        if (family.Find(field.Name) is not { Channel: var channel })
        {
            refused.Add((RejectReason.UnknownChannel, $"field {field.Name}: not a channel of family {family.Name}; the device's model says what its fields are"));
            return;
        }
        if (Value(field, channel, out var value, out var problem))
            _values.Add(value);
        else
            refused.Add(problem);
    }

    private static bool Value(in Field field, Channel channel, out ChannelValue value, out (string Reason, string What) problem)
    {
        (value, problem) = (default, default);
        var number = field.Number;
        switch (field.Kind, channel.Type)
        {
            case (FieldKind.Boolean, ChannelType.Boolean):
                value = new(field.Name, ValueKind.Boolean, number, null, field.Quality);
                return true;
            case (FieldKind.Text, ChannelType.State) when channel.States.Contains(field.Text!):
                value = new(field.Name, ValueKind.State, 0, field.Text, field.Quality);
                return true;
            case (FieldKind.Number, ChannelType.Number or ChannelType.Integer or ChannelType.Counter) when double.IsFinite(number):
                if (field.Unit is not null && Units.Convert(number, field.Unit, channel.Unit!) is not { } converted)
                {
                    problem = (RejectReason.UnitMismatch, $"field {field.Name} in {field.Unit}: expected {channel.Unit} or what can be converted to it");
                    return false;
                }
                number = field.Unit is null ? number : Units.Convert(number, field.Unit, channel.Unit!)!.Value;
                if (!ValueReader.IsOfType(number, channel))
                    break;
                var quality = ValueReader.QualityOf(number, channel);
                value = new(field.Name, ValueKind.Number, number, null, field.Quality > quality ? field.Quality : quality);
                return true;
        }
        problem = (RejectReason.WrongType, $"field {field.Name}, value {(field.Kind == FieldKind.Text ? $"\"{field.Text}\"" : field.Number)}: expected {ValueReader.Expected(channel)}");
        return false;
    }
}
