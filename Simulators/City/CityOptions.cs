using Telemetry.Simulators.Faults;

namespace Telemetry.Simulators.City;

/// <summary>Where a simulated city sends its readings, and which city it is.</summary>
public sealed record CityOptions
{
    public string MqttHost { get; init; } = "127.0.0.1";

    public int MqttPort { get; init; } = 1883;

    /// <summary>The service's HTTP address, for the register. Default http://127.0.0.1:8080.</summary>
    public Uri HttpUrl { get; init; } = new("http://127.0.0.1:8080");

    /// <summary>At least <see cref="CityBuilder.Fewest"/>. Default 2000: some 110 readings a second.</summary>
    public int Devices { get; init; } = 2000;

    /// <summary>The same seed gives the same city with the same course.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>False: nothing ever happens, the readings stay normal.</summary>
    public bool Story { get; init; } = true;

    /// <summary>What goes wrong between the devices and the service. Default nothing.</summary>
    public FaultPlan Faults { get; init; } = FaultPlan.None;

    /// <summary>Takes a line for everything that a fault makes different.</summary>
    public Action<Injection> Ledger { get; init; } = _ => { };

    /// <summary>Readings sent and acknowledged so far; several times a second, for whoever shows progress.</summary>
    public IProgress<long>? Progress { get; init; }
}
