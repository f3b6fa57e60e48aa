namespace Telemetry.Simulators.City;

/// <summary>
/// A drainage station: a sump that the catchment fills and pumps empty, dV/dt = C·i·A/360 − ΣQ with the rain i in mm/h,
/// the catchment A in ha and flows in m³/s. Pumps start one after another by level, the first in turn, and stop together.
/// </summary>
public sealed class PumpPhysics(Random random, PumpPhysics.Station station) : DevicePhysics
{
    /// <summary>What differs from station to station; flows in m³/h, current in A.</summary>
    /// <param name="DryFlow">What comes in without rain, m³/s on average.</param>
    public sealed record Station(int Pumps, double RatedFlow, double RatedCurrent, double DryFlow = 0.28);

    // Setpoints in metres above the sump's floor, as the family file's defaults.
    private const double Stop = 0.6;
    private const double HighFloat = 2.6;
    private const double Road = 3.2;
    private static readonly double[] Start = [1.2, 1.5, 1.8];

    private const double SumpSquareMetres = 200;
    private const double CatchmentHectares = 20;
    private const double Runoff = 0.8;
    private const int StormMillimetresPerHour = 140;

    private readonly bool[] _command = new bool[station.Pumps];
    private readonly bool[] _run = new bool[station.Pumps];
    private readonly double[] _hours = [.. Enumerable.Range(0, station.Pumps).Select(_ => random.Next(200, 9000) + random.NextDouble())];
    private readonly long[] _starts = [.. Enumerable.Range(0, station.Pumps).Select(_ => (long)random.Next(500, 20_000))];
    private readonly Wander _sewage = new(random, station.DryFlow, station.DryFlow * 0.18, 600);
    private readonly Wander _load = new(random, 1, 0.025, 60);
    private double _level = 0.65 + (0.5 * random.NextDouble());
    private double _road;
    private double _rain;
    private double _intensity;
    private int _first;
    private int _jammed;
    private int _tripped;
    private string _supply = "mains";

    public override TimeSpan Period => TimeSpan.FromSeconds(10);

    public override bool Advance(double seconds, double hour)
    {
        _load.Advance(seconds);
        _rain += _intensity * seconds / 3600;
        Control();
        var pumped = 0.0;
        for (var pump = 0; pump < station.Pumps; pump++)
        {
            if (!_run[pump])
                continue;
            pumped += station.RatedFlow / 3600;
            _hours[pump] += seconds / 3600;
        }
        var inflow = _sewage.Advance(seconds) + (Runoff * _intensity * CatchmentHectares / 360);
        _level = Math.Clamp(_level + ((inflow - pumped) * seconds / SumpSquareMetres), 0.3, 4);
        // What the sump cannot hold stands on the road, which is far wider than the sump.
        _road = Math.Max(0, (_level - Road) / 2);
        return false;
    }

    private void Control()
    {
        var running = _command.Count(on => on);
        if (_level <= Stop && running > 0)
        {
            Array.Clear(_command);
            _first = (_first + 1) % station.Pumps;
            if (_jammed > 0)
                _command[_jammed - 1] = true;
        }
        for (var step = running; step < Math.Min(station.Pumps, Start.Length) && _level > Start[step]; step++)
            _command[(_first + step) % station.Pumps] = true;
        for (var pump = 0; pump < station.Pumps; pump++)
        {
            var runs = _command[pump] && _supply != "lost" && _jammed != pump + 1 && _tripped != pump + 1;
            if (runs && !_run[pump])
                _starts[pump]++;
            _run[pump] = runs;
        }
    }

    public override void Report(ValueList values)
    {
        values.Add("sump_level", _level, 3);
        values.Add("high_float", _level > HighFloat);
        values.Add("road_water_depth", _road, 2);
        values.Add("power_supply", _supply);
        for (var pump = 1; pump <= station.Pumps; pump++)
        {
            var runs = _run[pump - 1];
            values.Add($"pump_command.{pump}", _command[pump - 1]);
            values.Add($"pump_run.{pump}", runs);
            values.Add($"control_mode.{pump}", "auto");
            values.Add($"pump_fault.{pump}", _tripped == pump ? "overload" : "ok");
            values.Add($"motor_current.{pump}", runs ? station.RatedCurrent * 0.92 * _load.Value : 0, 1);
            values.Add($"discharge_flow.{pump}", runs ? station.RatedFlow * _load.Value : 0, 0);
            values.Add($"run_hours.{pump}", _hours[pump - 1], 2);
            values.Add($"start_count.{pump}", _starts[pump - 1], 0);
        }
        values.Add("rainfall", Math.Floor(_rain / 0.2) * 0.2, 1);
        values.Add("rainfall_intensity", _intensity, 1);
    }

    public override void Happen(Incident incident, int number)
    {
        switch (incident)
        {
            case Incident.StormHits:
                _intensity = number > 0 ? number : StormMillimetresPerHour;
                break;
            case Incident.PumpJams when number >= 1 && number <= station.Pumps:
                // A jam shows when the pump is called: an operator calls it now, and keeps trying.
                (_jammed, _command[number - 1], _run[number - 1]) = (number, true, false);
                break;
            case Incident.PumpTrips when number >= 1 && number <= station.Pumps:
                (_tripped, _run[number - 1]) = (number, false);
                break;
            case Incident.StationMainsFail:
                _supply = "lost";
                Array.Clear(_run);
                break;
            case Incident.Restored:
                (_intensity, _jammed, _tripped, _supply) = (0, 0, 0, "mains");
                break;
            default:
                throw Unknown(incident);
        }
    }
}
