using Telemetry.Ingest.Decoding.Models;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Decoding.Reports;

/// <summary>One field on its way to a channel.</summary>
/// <param name="At">Which of the report's fields.</param>
internal readonly record struct MappedField(int At, Channel? Channel, Mapped Mapped);

/// <summary>A report's fields to values of a family's channels. Reused from one report to the next.</summary>
internal sealed class FieldMapper
{
    private readonly List<MappedField> _mapped = [];

    /// <param name="mapping">Of the device's model; null without one: then fields have the names and units of channels.</param>
    /// <param name="instance">Which of several the sensor is, 1 to 999.</param>
    /// <returns>Until the next call; fields that the model doesn't mention are not among them.</returns>
    public IReadOnlyList<MappedField> Map(Report report, Family family, FamilyMapping? mapping, Device device, int instance)
    {
        _mapped.Clear();
        if (mapping is null)
            TakeAll(report, family, device);
        else
            Pick(report, family, mapping, device, instance);
        return _mapped;
    }

    private void TakeAll(Report report, Family family, Device device)
    {
        for (var i = 0; i < report.Fields.Count; i++)
        {
            var field = report.Fields[i];
            var channel = family.Find(field.Name)?.Channel;
            _mapped.Add(new(i, channel, channel is null
                ? new(null, RejectReason.UnknownChannel, $"field {field.Name}: not a channel of family {family.Name}; the device's model says what its fields are")
                : FieldValue.Of(field, field.Name, channel, null, device)));
        }
    }

    private void Pick(Report report, Family family, FamilyMapping mapping, Device device, int instance)
    {
        foreach (var channel in mapping.Channels)
        {
            foreach (var source in channel.Sources)
            {
                var at = LastOf(report.Fields, source.From);
                if (at < 0)
                    continue;
                var name = channel.NameFor(instance);
                var known = family.Find(name)?.Channel;
                var mapped = known is null
                    ? new(null, RejectReason.UnknownChannel, $"field {source.From}: the device's model makes channel {name} of it, which family {family.Name} doesn't have")
                    : FieldValue.Of(report.Fields[at], name, known, source, device);
                _mapped.Add(new(at, known, mapped));
                // The next source speaks where this one has nothing to say.
                if (mapped.Value is not null || mapped.Reason is not null)
                    break;
            }
        }
    }

    // Of fields with one name the last counts.
    private static int LastOf(List<Field> fields, string name)
    {
        for (var i = fields.Count - 1; i >= 0; i--)
        {
            if (fields[i].Name == name)
                return i;
        }
        return -1;
    }
}
