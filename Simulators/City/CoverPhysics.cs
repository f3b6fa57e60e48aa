namespace Telemetry.Simulators.City;

/// <summary>A manhole cover with tilt, displacement, sewer level and gas.</summary>
/// <param name="installedTilt">Degrees, from commissioning: steep streets are not level.</param>
/// <param name="groundLevel">Metres above the invert.</param>
public sealed class CoverPhysics(Random random, double installedTilt, double groundLevel) : DevicePhysics
{
    // Sewers fill and empty within minutes when it matters.
    private const double FillSeconds = 40;

    private readonly Wander _tilt = new(random, installedTilt, 0.25, 3600);
    private readonly Wander _displacement = new(random, 2.5, 0.6, 3600);
    private readonly Wander _flow = new(random, 0.3, 0.08, 900);
    private readonly Wander _methane = new(random, 0.9, 0.25, 1800);
    private readonly Wander _sulfide = new(random, 0.9, 0.25, 1800);
    private readonly Wander _signal = new(random, -92, 5, 3600);
    private double _battery = 60 + (40 * random.NextDouble());
    private double _level = 0.3;
    private string _state = "normal";
    private double _lift;
    private double _shift;
    private double? _flooding;
    private double _gas;

    public override TimeSpan Period => TimeSpan.FromSeconds(20);

    public override bool Advance(double seconds, double hour)
    {
        _tilt.Advance(seconds);
        _displacement.Advance(seconds);
        _methane.Advance(seconds);
        _sulfide.Advance(seconds);
        _signal.Advance(seconds);
        _battery = Math.Max(20, _battery - (seconds * 1e-5));
        var target = _flooding ?? _flow.Advance(seconds);
        _level += (target - _level) * (1 - Math.Exp(-seconds / FillSeconds));
        return false;
    }

    public override void Report(ValueList values)
    {
        values.Add("tilt_angle", Math.Abs(_tilt.Value + _lift), 1);
        values.Add("displacement", _displacement.Value + _shift, 0);
        values.Add("cover_state", _state);
        values.Add("vibration_alarm", _state != "normal");
        values.Add("well_water_level", _level, 2);
        values.Add("methane_lel", _methane.Value + _gas, 1);
        values.Add("hydrogen_sulfide", _sulfide.Value, 1);
        values.Add("battery_level", _battery, 0);
        values.Add("rsrp", _signal.Value, 0);
    }

    public override void Happen(Incident incident, int number)
    {
        switch (incident)
        {
            case Incident.CoverLifted:
                (_state, _lift, _shift) = ("open", 62, 340);
                break;
            case Incident.CoverRattles:
                (_state, _lift, _shift) = ("loose", 7.5, 12);
                break;
            case Incident.SewerSurcharges:
                _flooding = groundLevel + 0.1;
                break;
            case Incident.GasInWell:
                _gas = 13;
                break;
            case Incident.Restored:
                (_state, _lift, _shift, _flooding, _gas) = ("normal", 0, 0, null, 0);
                break;
            default:
                throw Unknown(incident);
        }
    }
}
