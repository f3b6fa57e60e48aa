using Telemetry.Ingest.Decoding.Models;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Decoding.Reports;

/// <summary>A report's fields to values of a family's channels. Reused from one report to the next.</summary>
internal sealed class FieldMapper
{
    private readonly List<Mapped> _mapped = [];

    /// <param name="mapping">Of the device's model; null without one: then fields have the names and units of channels.</param>
    /// <param name="instance">Which of several the sensor is, 1 to 999.</param>
    /// <returns>Until the next call; fields that the model doesn't mention are not among them.</returns>
    public List<Mapped> Map(Report report, Family family, FamilyMapping? mapping, Device device, int instance)
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
        foreach (var field in report.Fields)
        {
            _mapped.Add(family.Find(field.Name) is { Channel: var channel }
                ? FieldValue.Of(field, field.Name, channel, null, device)
                : new(null, RejectReason.UnknownChannel, $"field {field.Name}: not a channel of family {family.Name}; the device's model says what its fields are"));
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
                var mapped = family.Find(name) is { Channel: var known }
                    ? FieldValue.Of(report.Fields[at], name, known, source, device)
                    : new(null, RejectReason.UnknownChannel, $"field {source.From}: the device's model makes channel {name} of it, which family {family.Name} doesn't have");
                _mapped.Add(mapped);
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
