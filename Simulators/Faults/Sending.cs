using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Faults;

/// <summary>Something on its way from a gateway to the service.</summary>
/// <param name="Due">When it leaves, Unix ms.</param>
public readonly record struct Sending(long Due, CityEvent What);
