namespace Telemetry.Simulators.City;

/// <summary>A public toilet: visits come and go, and the air, the counters and the supplies follow them.</summary>
public sealed class ToiletPhysics(Random random, int stalls) : DevicePhysics
{
    private const double VisitsPerDay = 400;
    private const double WaterPerVisit = 0.006;

    // Hours of the day, as the family file's default: water that runs at night is a leak.
    private const double Opens = 6;
    private const double Closes = 22;

    private readonly double[] _busyFor = new double[stalls];
    private readonly Wander _air = new(random, 22, 1.5, 7200);
    private readonly Wander _humidity = new(random, 62, 5, 7200);
    private readonly Wander _sulfide = new(random, 0.01, 0.003, 900);
    private double _ammonia = 0.1;
    private long _in = random.Next(100_000);
    private double _water = 100 * random.NextDouble();
    private double _soap = 40 + (60 * random.NextDouble());
    private double _paper = 40 + (60 * random.NextDouble());
    private int _sos;
    private double _septic;

    public override TimeSpan Period => TimeSpan.FromSeconds(60);

    public override bool Advance(double seconds, double hour)
    {
        _air.Advance(seconds);
        _humidity.Advance(seconds);
        _sulfide.Advance(seconds);
        var changed = false;
        for (var stall = 0; stall < stalls; stall++)
        {
            if (_busyFor[stall] > 0)
            {
                _busyFor[stall] -= seconds;
                changed |= _busyFor[stall] <= 0;
            }
            else if (hour is >= Opens and < Closes && random.NextDouble() < VisitsPerDay / stalls / 86_400 * seconds * 3 * Busy(hour))
            {
                _busyFor[stall] = 60 + (300 * random.NextDouble());
                Enter();
                changed = true;
            }
        }
        // Each visit adds ammonia; ventilation halves it in ten minutes.
        _ammonia = Math.Max(0.05, _ammonia * Math.Pow(0.5, seconds / 600));
        return changed;
    }

    private void Enter()
    {
        _in++;
        _water += WaterPerVisit;
        _ammonia = Math.Min(0.4, _ammonia + 0.02);
        _soap = _soap < 20 ? 100 : _soap - 0.1;
        _paper = _paper < 20 ? 100 : _paper - 0.2;
    }

    public override void Report(ValueList values)
    {
        values.Add("ammonia", _ammonia, 2);
        values.Add("hydrogen_sulfide", _sulfide.Value + _septic, 3);
        values.Add("air_temperature", _air.Value, 1);
        values.Add("relative_humidity", _humidity.Value, 0);
        for (var stall = 1; stall <= stalls; stall++)
        {
            var occupied = _busyFor[stall - 1] > 0;
            values.Add($"stall_occupied.{stall}", occupied);
            values.Add($"stall_motion.{stall}", occupied);
            values.Add($"sos_active.{stall}", _sos == stall);
        }
        values.Add("people_in", _in, 0);
        values.Add("people_out", _in - _busyFor.Count(left => left > 0), 0);
        values.Add("water_volume", _water, 3);
        values.Add("soap_level", _soap, 0);
        values.Add("paper_level", _paper, 0);
    }

    public override void Happen(Incident incident, int number)
    {
        switch (incident)
        {
            case Incident.SosPressed when number >= 1 && number <= stalls:
                if (_busyFor[number - 1] <= 0)
                    Enter();
                _busyFor[number - 1] = 900;
                _sos = number;
                break;
            case Incident.SepticGas:
                _septic = 9.5;
                break;
            case Incident.Restored:
                if (_sos > 0)
                    _busyFor[_sos - 1] = 0;
                (_sos, _septic) = (0, 0);
                break;
            default:
                throw Unknown(incident);
        }
    }
}
