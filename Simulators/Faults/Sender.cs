using Telemetry.Rules.Model;

namespace Telemetry.Simulators.Faults;

/// <summary>A device whose readings pass by, so that a fault file which names nobody is refused.</summary>
public sealed record Sender(string Device, string Family, string Gateway)
{
    public static IReadOnlyList<Sender> Of(IEnumerable<Device> register) => [.. register.Select(device => new Sender(device.Id, device.Family, device.Gateway!))];
}
