using System.Text;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Decoding.Models;
using Telemetry.Ingest.Decoding.Models.Mapping;
using Telemetry.Ingest.Decoding.Reports;
using Telemetry.Ingest.Decoding.Routes;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Hosting;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Commands;

/// <summary>One value that a message would become.</summary>
/// <param name="Value">Number, truth, text, or null for what is no number.</param>
/// <param name="Why">Of a quality below good, where something says it.</param>
/// <param name="NotStored">Of a field that becomes no channel: why, and what would help. Null for a channel, and where no family is known.</param>
internal sealed record PreviewLine(string Device, string Channel, object? Value, string? Unit, Quality Quality, long EventTime, string? Why, string? NotStored = null);

/// <summary>What one message would become, by the same parts as in the service, for devices that no register knows.</summary>
/// <param name="settings">Of each device in it.</param>
internal sealed class DecodePreview(FamilySet families, IReadOnlyDictionary<string, string> settings)
{
    public List<PreviewLine> Lines { get; } = [];

    /// <summary>Reason (<see cref="RejectReason"/>) and, for a person, what and what would be right.</summary>
    public List<(string Reason, string Detail)> Refused { get; } = [];

    public void Native(Family family, string? topic, string device, byte[] payload, long received)
    {
        var entries = new List<LogEntry>();
        topic ??= $"telemetry/v1/gateway/{family.Name}/{device}";
        new NativeDecoder(Tables(ModelSet.None, new DeviceDirectory())).Decode(Encoding.UTF8.GetBytes(topic), payload, received, entries);
        Take(entries);
    }

    /// <param name="model">Null for none: fields have the names of channels.</param>
    /// <param name="family">Of the devices; the model must say something of it. Null, then without a model, where nobody knows: fields keep their names.</param>
    /// <param name="port">LoRaWAN's, where the message doesn't say it.</param>
    public void Foreign(IPayloadFormat format, SensorModel? model, Family? family, in ForeignMessage message, int? port)
    {
        var reports = new List<Report>();
        if (!format.TryRead(message, reports, out _, out var problem))
            Refused.Add(problem);
        foreach (var report in reports)
        {
            report.Port ??= port;
            var isUnread = model is null && report.Frame is not null && report.Fields.Count == 0;
            if (isUnread)
                report.Refused.Add((RejectReason.NoCodec, "a device's own bytes; --model says which model's codec reads them"));
            if (family is not null && !isUnread)
                Map(report, format, model, family, message);
            else
                AsSent(report, message.Received);
        }
    }

    private void Map(Report report, IPayloadFormat format, SensorModel? model, Family family, in ForeignMessage message)
    {
        var devices = new DeviceDirectory();
        devices.Set(new Device { Id = report.WireId, Family = family.Name, Model = model?.Name, Settings = settings });
        var stats = new Stats();
        var entries = new List<LogEntry>();
        var refusals = new Refusals(Encoding.UTF8.GetBytes(message.Topic), message.Received, entries, stats);
        var mapper = new ReportMapper(Tables(model is null ? ModelSet.None : ModelSet.Of(Measurable(model)), devices));
        mapper.Map(report, new TopicRoute("decode", TopicPattern.Parse("decode", out _)!, format, message.Gateway), message.Gateway, message.Received, ref refusals);
        refusals.AddGathered(message.Payload);
        var received = message.Received;
        var unmapped = model is null ? [] : mapper.Past.Where(past => ReadingTime.Of(past.Time, received, 0).Marks == TimeMarks.None).Append(report)
            .SelectMany(each => Fields(each, received)).Select(line => (Line: line, Note: NotStored(line.Channel, model.MappingFor(family.Name)!)))
            .Where(each => each.Note is not null).Select(each => each.Line with { NotStored = each.Note }).ToList();
        // A field that keeps its name has been told, though the service would have nothing to store.
        Take(entries.Where(entry => !(unmapped.Count > 0 && entry is DeadLetterEntry { Reason: RejectReason.NoValues })));
        Lines.AddRange(unmapped);
    }

    private void AsSent(Report report, long received)
    {
        Lines.AddRange(Fields(report, received));
        Refused.AddRange(report.Refused);
    }

    /// <summary>Null for a field of which a channel comes, or that the model knows to say nothing.</summary>
    private string? NotStored(string field, FamilyMapping mapping)
    {
        var fed = mapping.Channels.Where(channel => channel.Sources.Any(source => source.From == field)).ToList();
        if (fed.Count == 0)
            return $"no channel of {mapping.Family} comes of it; the service leaves it out";
        var waiting = fed.Select(channel => (channel.Written, Missing: channel.Sources.Where(source => source.From == field).Select(MissingSetting).ToList())).ToList();
        if (waiting.Any(channel => channel.Missing.Contains(null)))
            return null;
        var (name, missing) = waiting[0];
        var unit = families.Find(mapping.Family)?.Settings.FirstOrDefault(setting => setting.Name == missing[0])?.Unit;
        return $"{name} needs {missing[0]}; --set {missing[0]}=3.2{unit}";
    }

    private static IEnumerable<PreviewLine> Fields(Report report, long received)
    {
        var time = ReadingTime.Of(report.Time, received, 0).Event;
        foreach (var field in report.Fields)
        {
            object? value = field.Kind switch
            {
                FieldKind.Boolean => field.Number != 0,
                FieldKind.Text => field.Text,
                _ => double.IsFinite(field.Number) ? field.Number : null,
            };
            yield return new PreviewLine(report.WireId, field.Name, value, field.Unit, field.Quality, time, field.Why);
        }
    }

    private void Take(IEnumerable<LogEntry> entries)
    {
        foreach (var entry in entries)
        {
            if (entry is DeadLetterEntry letter)
                Refused.Add((letter.Reason, letter.Detail));
            else if (entry is ReadingEntry { Reading: var reading })
                Lines.AddRange(reading.Values.Select(value => Line(reading, value)));
        }
    }

    private PreviewLine Line(Reading reading, in ChannelValue value)
    {
        object shown = value.Kind switch
        {
            ValueKind.Boolean => value.Number != 0,
            ValueKind.State => value.State!,
            _ => value.Number,
        };
        var unit = families.Find(reading.Family)?.Find(value.Channel)?.Channel.Unit;
        return new PreviewLine(reading.Device, value.Channel, shown, unit, value.Quality, reading.EventTime, value.Why);
    }

    /// <summary>The model without what is measured from a setting that nobody has said: that field keeps its name.</summary>
    private SensorModel Measurable(SensorModel model) => model with
    {
        Families = [.. model.Families.Select(family => family with
        {
            Channels = [.. family.Channels.Select(channel => channel with { Sources = [.. channel.Sources.Where(source => MissingSetting(source) is null)] })],
        })],
    };

    /// <summary>Null where the source needs none, or has it.</summary>
    private string? MissingSetting(ChannelSource source) => source.Below?.Setting is { } setting && !settings.ContainsKey(setting) ? setting : null;

    private DecodingTables Tables(ModelSet models, DeviceDirectory devices) => new(families.Find, devices, new Stats()) { Models = models };
}
