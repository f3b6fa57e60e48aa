using System.Collections.Concurrent;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Devices;

/// <summary>The register in memory, for decoding and the API: a projection of the log, as far as the rules have come.</summary>
public sealed class DeviceDirectory
{
    private readonly ConcurrentDictionary<string, Device> _devices = new();

    public Device? Find(string id) => _devices.GetValueOrDefault(id);

    public ICollection<Device> All => _devices.Values;

    public int Count => _devices.Count;

    public void Set(Device device) => _devices[device.Id] = device;
}
