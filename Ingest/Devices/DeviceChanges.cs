using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Devices;

/// <param name="Name">As in the CSV header.</param>
/// <param name="Before">Null for none, as is <paramref name="After"/>.</param>
public sealed record FieldChange(string Name, object? Before, object? After);

/// <summary>What a list of devices would change in the register.</summary>
/// <param name="Written">New and changed ones; the others are left alone.</param>
/// <param name="Fields">How many devices get another value, by field.</param>
public sealed record DeviceChanges(IReadOnlyList<Device> Written, int Added, int Changed, int Unchanged, IReadOnlyDictionary<string, int> Fields)
{
    public static DeviceChanges Of(IReadOnlyList<Device> devices, DeviceDirectory directory)
    {
        var written = new List<Device>(devices.Count);
        var fields = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var added = 0;
        foreach (var device in devices)
        {
            var before = written.Count;
            if (directory.Find(device.Id) is not { } known)
            {
                added++;
                written.Add(device);
                continue;
            }
            foreach (var field in Between(known, device))
            {
                fields[field.Name] = fields.GetValueOrDefault(field.Name) + 1;
                if (written.Count == before)
                    written.Add(device);
            }
        }
        return new DeviceChanges(written, added, written.Count - added, devices.Count - written.Count, fields);
    }

    /// <summary>Fields that differ between two entries of a device.</summary>
    public static IEnumerable<FieldChange> Between(Device one, Device other)
    {
        FieldChange[] fields =
        [
            new("model", one.Model, other.Model), new("gateway", one.Gateway, other.Gateway), new("district", one.District, other.District), new("street", one.Street, other.Street),
            new("latitude", one.Latitude, other.Latitude), new("longitude", one.Longitude, other.Longitude), new("address", one.Address, other.Address), new("parent", one.Parent, other.Parent),
            new("heartbeat", one.Heartbeat, other.Heartbeat), new("state", one.State, other.State), new("stateUntil", one.StateUntil, other.StateUntil), new("stateReason", one.StateReason, other.StateReason), new("exercise", one.Exercise, other.Exercise),
        ];
        return fields.Where(field => !Equals(field.Before, field.After))
            .Concat(Between("settings.", one.Settings, other.Settings))
            .Concat(Between("links.", one.Links, other.Links))
            .Concat(Between("sensors.", one.Sensors, other.Sensors).Any() ? [new FieldChange("sensors", Sensor.WriteList(one.Sensors), Sensor.WriteList(other.Sensors))] : []);
    }

    private static IEnumerable<FieldChange> Between(string group, IReadOnlyDictionary<string, string> one, IReadOnlyDictionary<string, string> other) =>
        one.Keys.Union(other.Keys, StringComparer.Ordinal).Select(name => new FieldChange(group + name, one.GetValueOrDefault(name), other.GetValueOrDefault(name))).Where(field => !Equals(field.Before, field.After));
}
