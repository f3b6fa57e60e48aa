namespace Telemetry.Simulators.City;

/// <summary>What one device measures, moved on by time and by incidents. One subclass, and one file, per family.</summary>
public abstract class DevicePhysics
{
    /// <summary>Between two reports when nothing happens. Families that report daily are sped up, so that a demonstration moves.</summary>
    public abstract TimeSpan Period { get; }

    /// <param name="seconds">Since the last call, at most <see cref="SimulatedDevice.Step"/>.</param>
    /// <param name="hour">Of the local day, 0 up to 24.</param>
    /// <returns>True where something changed that the device reports at once.</returns>
    public abstract bool Advance(double seconds, double hour);

    public abstract void Report(ValueList values);

    /// <exception cref="ArgumentException">The incident is not one of this family's.</exception>
    public abstract void Happen(Incident incident, int number);

    protected ArgumentException Unknown(Incident incident) =>
        new($"{incident} cannot happen to {GetType().Name}; IncidentKind.All lists what can", nameof(incident));

    /// <summary>How busy the streets are, 0 to 1: two rush hours over a quiet night.</summary>
    protected static double Busy(double hour) =>
        0.1 + (0.3 * Math.Exp(-Math.Pow((hour - 13.5) / 4.5, 2))) + (0.55 * Math.Exp(-Math.Pow((hour - 8) / 1.5, 2))) + (0.55 * Math.Exp(-Math.Pow((hour - 18) / 1.7, 2)));
}
