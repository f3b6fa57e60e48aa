using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Physics;

/// <summary>
/// What one device measures, moved on by time, by its surroundings and by incidents. All that it knows stands in one array, by the names of its family's
/// physics file: parameters, the parts that move, and what its model works out beside them.
/// </summary>
public sealed class DevicePhysics
{
    private readonly FamilyPhysics _family;
    private readonly double[] _values;
    private readonly Random _random;
    private readonly double[] _shown;
    private double[]? _undisturbed;
    private double _sinceSlow = double.PositiveInfinity;

    /// <param name="values">As <see cref="FamilyPhysics.Draw"/> gave them.</param>
    /// <param name="around">At its begin.</param>
    public DevicePhysics(FamilyPhysics family, double[] values, Random random, Surroundings around)
    {
        (_family, _values, _random) = (family, values, random);
        LookAround(around);
        foreach (var part in family.Parts)
            part.Begin(values, random);
        Model = family.Model?.Invoke(new Inputs(family.Names, values), random);
        _shown = new double[family.Switches.Count];
        Show();
    }

    /// <summary>Null where the parts say everything.</summary>
    public Model? Model { get; }

    /// <summary>It has no contact, as its surroundings or an incident will have it.</summary>
    public bool IsSilent => _family.Silent is { } silent && silent(_values) != 0;

    /// <param name="seconds">Since the last call, at most <see cref="SimulatedDevice.Step"/>.</param>
    /// <returns>True where something changed that the device reports at once: a switch, a state, what its model says.</returns>
    public bool Advance(double seconds, Surroundings around)
    {
        _sinceSlow += seconds;
        LookAround(around);
        foreach (var part in _family.Parts)
            part.Advance(_values, seconds, _random);
        var changed = Model?.Advance(seconds, around) ?? false;
        return Show() || changed;
    }

    /// <param name="disturbed">Then it reports everything, and not the slower channels in their own time.</param>
    public void Report(ValueList values, bool disturbed)
    {
        Model?.Report(values);
        foreach (var channel in _family.Report)
            channel.Add(_values, values);
        if (_family.SlowReport.Count == 0 || (_sinceSlow < _family.SlowEvery && !disturbed))
            return;
        _sinceSlow = 0;
        foreach (var channel in _family.SlowReport)
            channel.Add(_values, values);
    }

    /// <summary>Sets the parameters that the incident names; <see cref="Incident.Restored"/> gives all of them their own values back.</summary>
    /// <exception cref="ArgumentException">The incident is not one of this family's.</exception>
    public void Happen(string incident, int number, Surroundings around)
    {
        if (incident == Incident.Restored)
            Restore();
        else
            Disturb(_family.Find(incident) ?? throw new ArgumentException($"{incident} cannot happen to {_family.Name}; its physics file lists what can", nameof(incident)), number);
        Advance(0, around);
    }

    private void LookAround(Surroundings around)
    {
        foreach (var (slot, value) in _family.Around)
            _values[slot] = value(around);
    }

    private void Disturb(Incident incident, int number)
    {
        _undisturbed ??= [.. _values];
        if (incident.Takes is { } taken)
            _values[taken.Slot] = number == 0 ? taken.Default ?? taken.Least : number;
        foreach (var (slot, value) in incident.Sets)
            _values[slot] = value(_values);
    }

    private void Restore()
    {
        foreach (var slot in _undisturbed is null ? [] : _family.Disturbable)
            _values[slot] = _undisturbed![slot];
        foreach (var (slot, value) in _family.Restored)
            _values[slot] = value(_values);
    }

    /// <summary>True where a switch or a state is another one than before.</summary>
    private bool Show()
    {
        var changed = false;
        for (var i = 0; i < _shown.Length; i++)
        {
            var now = _family.Switches[i](_values);
            changed |= now != _shown[i];
            _shown[i] = now;
        }
        return changed;
    }
}
