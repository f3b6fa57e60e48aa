namespace Telemetry.Simulators.City;

/// <summary>
/// One measuring station of a road tunnel. Flowing traffic drives the air (the piston effect: velocity ∝ flow × speed), so in
/// congestion the air stands still while each car emits more, and carbon monoxide, nitrogen dioxide and haze climb together.
/// </summary>
/// <param name="place">0 at the entrance up to 1 at the exit, where the air has collected three times as much.</param>
public sealed class TunnelPhysics(Random random, double place, int fans, int lanes) : DevicePhysics
{
    /// <summary>Lux.</summary>
    public const double Illuminance = 900;

    /// <summary>Amperes.</summary>
    public const double RatedFanCurrent = 60;

    private const double FreeSpeed = 52;
    private const double ExchangeMetres = 700;
    private const double SlowPeriod = 60;
    // Heat detectors answer to so many degrees above the tunnel's own.
    private const double DetectorRise = 35;

    private readonly Wander _traffic = new(random, 1, 0.06, 300);
    private readonly Wander _heat = new(random, 24, 1, 3600);
    private readonly Wander _light = new(random, Illuminance, 40, 1800);
    private readonly Wander _meter = new(random, 1, 0.03, 60);
    private double _flow = 600;
    private double _speed = FreeSpeed;
    private double _air = 3;
    private double _monoxide = 8;
    private double _water;
    private double _waterTarget;
    private double _smoke;
    private double _smokeTarget;
    private double _fire;
    private double _fireTarget;
    private bool _callPoint;
    private string _supply = "mains";
    private double _sinceSlow = SlowPeriod;
    private bool _disturbed;

    public override TimeSpan Period => TimeSpan.FromSeconds(10);

    public override bool Advance(double seconds, double hour)
    {
        _meter.Advance(seconds);
        _heat.Advance(seconds);
        _light.Advance(seconds);
        _sinceSlow += seconds;
        _flow = 1500 * Math.Min(1, Busy(hour)) * _traffic.Advance(seconds);
        _speed = FreeSpeed - (24 * Math.Pow(_flow / 1600, 3));
        _air = Follow(_air, 1.6 + (4.2 * _flow * _speed / (1500 * FreeSpeed)), seconds, 60);
        // Emission per kilometre grows as cars slow down; the air that the cars drive carries it away.
        var emitted = _flow / 1500 * (FreeSpeed / _speed) * (1 + (2 * place));
        _monoxide = Follow(_monoxide, 3 + (12 * emitted / _air), seconds, ExchangeMetres / _air);
        _water = Follow(_water, _waterTarget, seconds, 15);
        _smoke = Follow(_smoke, _smokeTarget, seconds, 10);
        _fire = Follow(_fire, _fireTarget, seconds, 90);
        return false;
    }

    private static double Follow(double value, double target, double seconds, double constant) =>
        value + ((target - value) * (1 - Math.Exp(-seconds / constant)));

    public override void Report(ValueList values)
    {
        values.Add("carbon_monoxide", (_monoxide + (_smoke * 900)) * _meter.Value, 1);
        values.Add("nitrogen_dioxide", _monoxide * 0.016 * _meter.Value, 3);
        values.Add("extinction_coefficient", (_monoxide * 0.00012 * _meter.Value) + 0.0004 + _smoke, 4);
        values.Add("air_velocity", _air * _meter.Value, 2);
        values.Add("linear_heat", _heat.Value + _fire, 1);
        values.Add("flood_water_level", _water, 3);
        if (_sinceSlow < SlowPeriod && !_disturbed)
            return;
        _sinceSlow = 0;
        ReportSlow(values);
    }

    private void ReportSlow(ValueList values)
    {
        values.Add("illuminance", _light.Value, 0);
        values.Add("traffic_flow", _flow, 0);
        values.Add("vehicle_speed", _speed, 0);
        values.Add("occupancy", Math.Min(100, _flow / _speed * 0.7), 1);
        values.Add("fire_alarm", _fire > DetectorRise ? "fire" : "normal");
        values.Add("call_point", _callPoint);
        values.Add("stopped_vehicle", false);
        values.Add("power_supply", _supply);
        values.Add("control_mode", "auto");
        for (var fan = 1; fan <= fans; fan++)
        {
            values.Add($"fan_command.{fan}", "forward");
            values.Add($"fan_state.{fan}", "forward");
            values.Add($"fan_current.{fan}", RatedFanCurrent * 0.96 * _meter.Value, 1);
            values.Add($"fan_vibration.{fan}", 2.4 * _meter.Value, 1);
        }
        for (var lane = 1; lane <= lanes; lane++)
        {
            values.Add($"barrier_state.{lane}", "open");
            values.Add($"lane_signal.{lane}", "green");
        }
    }

    public override void Happen(Incident incident, int number)
    {
        _disturbed = incident != Incident.Restored;
        _sinceSlow = SlowPeriod;
        switch (incident)
        {
            case Incident.TunnelFloods:
                _waterTarget = 0.17;
                break;
            case Incident.TunnelSmoke:
                _smokeTarget = 0.016;
                break;
            case Incident.TunnelBurns:
                (_smokeTarget, _fireTarget) = (0.08, 130);
                break;
            case Incident.CallPointPressed:
                _callPoint = true;
                break;
            case Incident.TunnelMainsFail:
                _supply = "backup";
                break;
            case Incident.Restored:
                (_waterTarget, _smokeTarget, _fireTarget, _callPoint, _supply) = (0, 0, 0, false, "mains");
                break;
            default:
                throw Unknown(incident);
        }
    }
}
