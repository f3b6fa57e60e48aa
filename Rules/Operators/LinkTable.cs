using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>By linked device: the devices that link it (a gauge: its stations), in the register's order.</summary>
internal sealed class LinkTable
{
    public static readonly List<DeviceState> Nobody = [];
    private readonly Dictionary<string, List<DeviceState>> _linking = new(StringComparer.Ordinal);

    /// <summary>The register says something new of a device; what it said before still stands in <paramref name="state"/>.</summary>
    public void Set(DeviceState state, Device device)
    {
        foreach (var id in state.Device.Links.Values)
        {
            if (_linking.TryGetValue(id, out var before) && before.Remove(state) && before.Count == 0)
                _linking.Remove(id);
        }
        foreach (var id in device.Links.Values.Distinct(StringComparer.Ordinal))
        {
            if (!_linking.TryGetValue(id, out var linking))
                _linking[id] = linking = [];
            if (linking.Contains(state))
                continue;
            linking.Add(state);
            linking.Sort((a, b) => a.Index.CompareTo(b.Index));
        }
    }

    public List<DeviceState> LinkingTo(string id) => _linking.GetValueOrDefault(id, Nobody);
}
