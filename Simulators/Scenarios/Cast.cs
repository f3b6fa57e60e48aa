using Telemetry.Rules.Model;
using Telemetry.Simulators.City;
using Telemetry.Simulators.Faults;

namespace Telemetry.Simulators.Scenarios;

/// <summary>Who and what a scenario may name: the devices and gateways of its city, and its places.</summary>
internal sealed class Cast(IReadOnlyList<Device> devices, string prefix)
{
    private readonly Dictionary<string, Device> _byId = devices.ToDictionary(device => device.Id, StringComparer.Ordinal);
    private readonly SortedSet<string> _gateways = new(devices.Select(device => device.Gateway!), StringComparer.Ordinal);
    private readonly SortedSet<string> _places = new(
        devices.SelectMany(device => new[] { device.Street, device.District, device.Parent }.OfType<string>().Concat(device.Links.Values)), StringComparer.Ordinal);

    /// <summary>As the service knows it: with the prefix where it is a device's or a gateway's, as it stands where it is a place's; null where there is nothing of that name.</summary>
    public string? Find(string name) =>
        _byId.ContainsKey(prefix + name) || _gateways.Contains(prefix + name) || _places.Contains(prefix + name) ? prefix + name : _places.Contains(name) ? name : null;

    /// <summary>Devices in the order of the register, or gateways in the order of their names.</summary>
    public IReadOnlyList<string> All(string pattern, bool gateways) =>
        [.. (gateways ? _gateways : devices.Select(device => device.Id)).Where(id => Pattern.Fits(prefix + pattern, id))];

    /// <summary>In the order of the register.</summary>
    public IReadOnlyList<string> Fitting(FaultWho who) => [.. Sender.Of(devices).Where(who.Fits).Select(sender => sender.Device)];

    public string FamilyOf(string id) => _byId[id].Family;

    /// <summary>In <see cref="Districts.All"/>; -1 where the register names another, or it is a place.</summary>
    public int DistrictOf(string id) => Districts.IndexOf(_byId.GetValueOrDefault(id)?.District);

    /// <summary>Without the prefix, for the nearest name in an error.</summary>
    public IEnumerable<string> Names => _byId.Keys.Concat(_gateways).Select(id => id[prefix.Length..]).Concat(_places);
}
