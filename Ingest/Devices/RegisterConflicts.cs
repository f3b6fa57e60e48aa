using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Devices;

/// <summary>
/// What stands between devices and the register that they are about to enter together: a wire id belongs to one device of the city, and a device
/// stays in its family. Judged as the register will be then: a device may take over the hardware that another one of the list gives up.
/// </summary>
public sealed class RegisterConflicts(DeviceDirectory directory)
{
    /// <summary>Each conflict, by the device's place in the list.</summary>
    public IEnumerable<(int Index, DeviceError Error)> Check(IReadOnlyList<Device> devices)
    {
        var owners = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var replaced = devices.Select(device => device.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var id in replaced)
            owners.TryAdd(id, id);
        for (var i = 0; i < devices.Count; i++)
        {
            var device = devices[i];
            if (directory.Find(device.Id) is { } known && known.Family != device.Family)
                yield return (i, new DeviceError("family", device.Family, $"{known.Family}, as {device.Id} is registered (another family is another device, with another id),"));
            if (RegisteredOwner(device.Id, replaced) is { IsDeclared: true } claiming)
                yield return (i, new DeviceError("id", device.Id, $"another id, as it is a wire id of device {claiming.Device.Id},"));
            foreach (var (wireId, text) in device.Sensors)
            {
                var owner = owners.TryAdd(wireId, device.Id) ? device.Id : owners[wireId];
                if (owner == device.Id)
                    owner = RegisteredOwner(wireId, replaced)?.Device.Id ?? device.Id;
                if (owner != device.Id)
                    yield return (i, new DeviceError($"sensors.{wireId}", text, $"a wire id of one device, not of both {owner} and {device.Id},"));
            }
        }
    }

    /// <summary>Null for hardware that nobody else holds: what the list replaces claims what it claims there, and a device that nobody has entered claims nothing.</summary>
    private Sensor? RegisteredOwner(string wireId, HashSet<string> replaced) =>
        directory.FindByWireId(wireId) is { } found && !replaced.Contains(found.Device.Id) && (found.IsDeclared || found.Device.State != "provisional") ? found : null;
}
