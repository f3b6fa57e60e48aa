namespace Telemetry.Simulators.City;

/// <summary>
/// A kitchen with a detector and a shutoff valve. Gas at concentration C in a room of volume V, leak q, ventilation Q:
/// dC/dt = (q − Q·C) / V, so C(t) = (q/Q)(1 − e^(−Qt/V)) from a clean start.
/// </summary>
public sealed class GasPhysics(Random random) : DevicePhysics
{
    private const double RoomCubicMetres = 25;
    private const double ClosedWindowsPerHour = 0.3;
    private const double OpenWindowsPerHour = 90;
    // The lower explosive limit of methane is 5 % by volume: 1 %LEL = 0.0005.
    private const double VolumePerPercentLel = 0.0005;
    private const double LowAlarm = 10;
    private const double HighAlarm = 20;

    private readonly Wander _background = new(random, 0.8, 0.2, 1800);
    private readonly Wander _monoxide = new(random, 3, 0.9, 1200);
    private readonly Wander _pressure = new(random, 2.2, 0.15, 1800);
    private readonly Wander _signal = new(random, -95, 5, 3600);
    private double _battery = 55 + (45 * random.NextDouble());
    private readonly double _daysLeft = 200 + random.Next(1500);
    private double _gas;
    private double _leakPerHour;
    private double _changesPerHour = ClosedWindowsPerHour;
    private string _alarm = "normal";
    private string _valve = "open";
    private bool _lowPressure;
    private bool _jammed;

    public override TimeSpan Period => TimeSpan.FromSeconds(20);

    public override bool Advance(double seconds, double hour)
    {
        _background.Advance(seconds);
        _monoxide.Advance(seconds);
        _pressure.Advance(seconds);
        _signal.Advance(seconds);
        _battery = Math.Max(20, _battery - (seconds * 1e-5));

        var leak = _valve == "closed" ? 0 : _leakPerHour;
        var ventilation = _changesPerHour * RoomCubicMetres;
        var ceiling = leak / ventilation / VolumePerPercentLel;
        _gas = ceiling + ((_gas - ceiling) * Math.Exp(-ventilation * seconds / 3600 / RoomCubicMetres));
        return Detect();
    }

    /// <summary>The detector's own alarm, which holds until the air is well below its limit, and closes the valve when high.</summary>
    private bool Detect()
    {
        var before = _alarm;
        var lel = _background.Value + _gas;
        _alarm = lel switch
        {
            >= HighAlarm => "high",
            >= LowAlarm when _alarm == "normal" => "low",
            < 0.6 * LowAlarm => "normal",
            _ => _alarm,
        };
        if (_alarm == "high")
            _valve = _jammed ? "fault" : "closed";
        return _alarm != before;
    }

    public override void Report(ValueList values)
    {
        values.Add("methane_lel", Math.Min(100, _background.Value + _gas), 1);
        values.Add("carbon_monoxide", _monoxide.Value, 0);
        values.Add("valve_position", _valve);
        values.Add("gas_alarm_state", _alarm);
        values.Add("gas_pressure", _lowPressure ? 0.4 : _pressure.Value, 2);
        values.Add("battery_level", _battery, 0);
        values.Add("rsrp", _signal.Value, 0);
        values.Add("life_remaining", _daysLeft, 0);
    }

    public override void Happen(Incident incident, int number)
    {
        switch (incident)
        {
            case Incident.CookingFumes:
                // Alcohol in a hot pan reads as gas: at once, and gone once the window is open.
                _gas = LowAlarm + 3;
                break;
            case Incident.HoseBursts:
                _leakPerHour = 20;
                break;
            case Incident.ValveJams:
                _jammed = true;
                break;
            case Incident.PressureDrops:
                _lowPressure = true;
                break;
            case Incident.Restored:
                // The valve is opened by hand, on site, once the leak is mended.
                (_leakPerHour, _changesPerHour, _valve, _lowPressure, _jammed) = (0, OpenWindowsPerHour, "open", false, false);
                break;
            default:
                throw Unknown(incident);
        }
        Detect();
    }
}
