using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Physics.Models;

/// <summary>A public toilet: visits come and go, and the air, the counters and the supplies follow them.</summary>
public sealed class ToiletModel : Model
{
    private const int MostStalls = 20;

    private readonly Random _random;
    private readonly double[] _busyFor;
    private readonly Input _opens;
    private readonly Input _closes;
    private readonly Input _visits;
    private readonly Input _shortest;
    private readonly Input _longest;
    private readonly Input _waterPerVisit;
    private readonly Input _ammoniaPerVisit;
    private readonly Input _ammoniaMost;
    private readonly Input _ammoniaLeast;
    private readonly Input _halved;
    private readonly Input _cleaning;
    private readonly Input _soapPerVisit;
    private readonly Input _paperPerVisit;
    private readonly Input _refillAt;
    private readonly Input _leak;
    private readonly Input _sos;
    private readonly Input _motionless;
    private double _cleaningBefore;
    private double _ammonia;
    private double _water;
    private double _soap;
    private double _paper;

    public ToiletModel(Inputs inputs, Random random)
    {
        _random = random;
        _busyFor = new double[inputs.Count("stalls", MostStalls)];
        _opens = inputs.Number("opens", "h");
        _closes = inputs.Number("closes", "h");
        _visits = inputs.Number("visits", "/d");
        _shortest = inputs.Number("shortest_visit", "s");
        _longest = inputs.Number("longest_visit", "s");
        _waterPerVisit = inputs.Number("water_per_visit", "m3");
        _ammoniaPerVisit = inputs.Number("ammonia_per_visit", "[ppm]");
        _ammoniaMost = inputs.Number("ammonia_most", "[ppm]");
        _ammoniaLeast = inputs.Number("ammonia_least", "[ppm]");
        _halved = inputs.Number("air_halves_in", "s");
        _cleaning = inputs.Number("cleaning", "[ppm]");
        _soapPerVisit = inputs.Number("soap_per_visit", "%");
        _paperPerVisit = inputs.Number("paper_per_visit", "%");
        _refillAt = inputs.Number("refill_at", "%");
        _leak = inputs.Number("leak", "m3/h");
        _sos = inputs.Number("sos_stall");
        _motionless = inputs.Number("motionless_stall");
        _ammonia = 2 * _ammoniaLeast;
        In = (long)inputs.Number("people_before");
        _water = inputs.Number("water_before", "m3");
        _soap = inputs.Number("soap_before", "%");
        _paper = inputs.Number("paper_before", "%");
    }

    /// <summary>People who have come in, as the counter at the door says.</summary>
    public long In { get; private set; }

    public int Occupied => _busyFor.Count(left => left > 0);

    public override bool Advance(double seconds, Surroundings around)
    {
        var hour = around.Hour;
        var open = hour >= _opens && hour < _closes;
        var chance = open ? _visits / _busyFor.Length / 86_400 * seconds * 3 * around.Busy : 0;
        var changed = false;
        for (var stall = 0; stall < _busyFor.Length; stall++)
        {
            if (stall + 1 == _sos || stall + 1 == _motionless)
            {
                changed |= _busyFor[stall] <= 0;
                Enter(stall);
            }
            else if (double.IsPositiveInfinity(_busyFor[stall]))
            {
                // Whoever was in need has been helped out.
                _busyFor[stall] = 0;
                changed = true;
            }
            else if (_busyFor[stall] > 0)
            {
                _busyFor[stall] -= seconds;
                changed |= _busyFor[stall] <= 0;
            }
            else if (open && _random.NextDouble() < chance)
            {
                Enter(stall);
                _busyFor[stall] = _shortest + ((_longest - _shortest) * _random.NextDouble());
                changed = true;
            }
        }
        _water += _leak * seconds / 3600;
        _ammonia = Math.Max(_ammoniaLeast, _ammonia * Math.Pow(0.5, seconds / _halved));
        if (_cleaning > 0 && _cleaningBefore == 0)
            _ammonia += _cleaning;
        _cleaningBefore = _cleaning;
        return changed;
    }

    /// <summary>Until it is said for how long.</summary>
    private void Enter(int stall)
    {
        if (_busyFor[stall] <= 0)
        {
            In++;
            _water += _waterPerVisit;
            // Nobody's visit takes away what the cleaning has left.
            _ammonia = Math.Max(_ammonia, Math.Min(_ammoniaMost, _ammonia + _ammoniaPerVisit));
            _soap = _soap < _refillAt ? 100 : _soap - _soapPerVisit;
            _paper = _paper < _refillAt ? 100 : _paper - _paperPerVisit;
        }
        _busyFor[stall] = double.PositiveInfinity;
    }

    public override void Report(ValueList values)
    {
        values.Add("ammonia", _ammonia, 2);
        for (var stall = 1; stall <= _busyFor.Length; stall++)
        {
            var occupied = _busyFor[stall - 1] > 0;
            values.Add($"stall_occupied.{stall}", occupied);
            values.Add($"stall_motion.{stall}", occupied && stall != _motionless);
            values.Add($"sos_active.{stall}", stall == _sos);
        }
        values.Add("people_in", In, 0);
        values.Add("people_out", In - Occupied, 0);
        values.Add("water_volume", _water, 3);
        values.Add("soap_level", _soap, 0);
        values.Add("paper_level", _paper, 0);
    }
}
