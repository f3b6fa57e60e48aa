using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Devices;

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
            foreach (var field in Differing(known, device))
            {
                fields[field] = fields.GetValueOrDefault(field) + 1;
                if (written.Count == before)
                    written.Add(device);
            }
        }
        return new DeviceChanges(written, added, written.Count - added, devices.Count - written.Count, fields);
    }

    private static IEnumerable<string> Differing(Device one, Device other)
    {
        (string Name, object? One, object? Other)[] fields =
        [
            ("model", one.Model, other.Model), ("gateway", one.Gateway, other.Gateway), ("district", one.District, other.District), ("street", one.Street, other.Street),
            ("latitude", one.Latitude, other.Latitude), ("longitude", one.Longitude, other.Longitude), ("address", one.Address, other.Address), ("parent", one.Parent, other.Parent),
            ("heartbeat", one.Heartbeat, other.Heartbeat), ("state", one.State, other.State), ("stateUntil", one.StateUntil, other.StateUntil), ("stateReason", one.StateReason, other.StateReason),
        ];
        return fields.Where(field => !Equals(field.One, field.Other)).Select(field => field.Name)
            .Concat(Differing("settings.", one.Settings, other.Settings))
            .Concat(Differing("links.", one.Links, other.Links))
            .Concat(Differing("sensors.", one.Sensors, other.Sensors).Take(1).Select(_ => "sensors"));
    }

    private static IEnumerable<string> Differing(string group, IReadOnlyDictionary<string, string> one, IReadOnlyDictionary<string, string> other) =>
        one.Keys.Union(other.Keys, StringComparer.Ordinal).Where(name => one.GetValueOrDefault(name) != other.GetValueOrDefault(name)).Select(name => group + name);
}
