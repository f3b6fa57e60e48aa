using Telemetry.Rules.Model;
using Telemetry.Simulators.Scenarios;

namespace Telemetry.Simulators.Faults;

/// <summary>Whose readings a fault strikes.</summary>
/// <param name="Device">An id, or its beginning with <c>*</c> behind it.</param>
/// <param name="Gateway">The same.</param>
/// <param name="Family">Null for any.</param>
public sealed record FaultWho(string Device, string Gateway, string? Family)
{
    public bool Fits(Reading reading) => Fits(reading.Device, reading.Family, reading.Gateway);

    public bool Fits(Sender sender) => Fits(sender.Device, sender.Family, sender.Gateway);

    private bool Fits(string device, string family, string gateway) => (Family is null || Family == family) && Pattern.Fits(Device, device) && Pattern.Fits(Gateway, gateway);
}
