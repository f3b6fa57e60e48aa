using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Physics.Models;

/// <summary>
/// A drainage station: a sump that the catchment fills and pumps empty, dV/dt = C·i·A/360 − ΣQ with the rain i in mm/h,
/// the catchment A in ha and flows in m³/s. Pumps start one after another by level, the first in turn, and stop together.
/// </summary>
public sealed class SumpModel : Model
{
    private const int MostPumps = 3;

    private readonly bool[] _command;
    private readonly bool[] _run;
    private readonly double[] _hours;
    private readonly double[] _starts;
    private readonly double[] _flow;
    private readonly Input[] _startLevels;
    private readonly Input _stop;
    private readonly Input _floor;
    private readonly Input _float;
    private readonly Input _road;
    private readonly Input _kerb;
    private readonly Input _area;
    private readonly Input _roadArea;
    private readonly Input _catchment;
    private readonly Input _runoff;
    private readonly Input _sewage;
    private readonly Input _storm;
    private readonly Input _ratedFlow;
    private readonly Input _ratedCurrent;
    private readonly Input _ratedLevel;
    private readonly Input _flowPerLevel;
    private readonly Input _outlet;
    private readonly Input _load;
    private readonly Input _jammed;
    private readonly Input _tripped;
    private readonly StateInput _supply;
    private double _intensity;
    private double _rain;
    private int _first;

    public SumpModel(Inputs inputs, Random random)
    {
        var pumps = inputs.Count("pumps", MostPumps);
        (_command, _run, _flow) = (new bool[pumps], new bool[pumps], new double[pumps]);
        _hours = [.. Enumerable.Range(0, pumps).Select(_ => random.Next(200, 9000) + random.NextDouble())];
        _starts = [.. Enumerable.Range(0, pumps).Select(_ => (double)random.Next(500, 20_000))];
        _startLevels = [.. Enumerable.Range(1, pumps).Select(pump => inputs.Number($"start_{pump}", "m"))];
        _stop = inputs.Number("stop_level", "m");
        _floor = inputs.Number("floor", "m");
        _float = inputs.Number("high_float", "m");
        _road = inputs.Number("road", "m");
        _kerb = inputs.Number("kerb", "m");
        _area = inputs.Number("sump_area", "m2");
        _roadArea = inputs.Number("road_area", "m2");
        _catchment = inputs.Number("catchment", "ha");
        _runoff = inputs.Number("runoff");
        _sewage = inputs.Number("sewage");
        _storm = inputs.Number("storm", "mm/h");
        _ratedFlow = inputs.Number("rated_flow", "m3/h");
        _ratedCurrent = inputs.Number("rated_current", "A");
        _ratedLevel = inputs.Number("rated_level", "m");
        _flowPerLevel = inputs.Number("flow_per_level", "m-1");
        _outlet = inputs.Number("outlet");
        _load = inputs.Number("load");
        _jammed = inputs.Number("jammed_pump");
        _tripped = inputs.Number("tripped_pump");
        _supply = inputs.State("power_supply");
        Stored = _area * inputs.Number("level_before", "m");
    }

    /// <summary>m³ in the sump and on the road.</summary>
    public double Stored { get; private set; }

    /// <summary>m³ that have come in since the begin.</summary>
    public double CameIn { get; private set; }

    /// <summary>m³ that the pumps have lifted since the begin.</summary>
    public double Pumped { get; private set; }

    /// <summary>m³ that have run off over the kerb since the begin.</summary>
    public double Spilled { get; private set; }

    /// <summary>Metres above the sump's floor. What the sump cannot hold stands on the road beside it.</summary>
    public double Level => Stored <= _area * _road ? Stored / _area : _road + ((Stored - (_area * _road)) / (_area + _roadArea));

    private double RoadDepth => Math.Max(0, Level - _road);

    public override bool Advance(double seconds, Surroundings around)
    {
        _intensity = around.Rain + _storm;
        _rain += _intensity * seconds / 3600;
        var before = _run.Count(runs => runs);
        Control();
        Move(seconds);
        return seconds == 0 && _run.Count(runs => runs) != before;
    }

    private void Move(double seconds)
    {
        var comes = (_sewage + (_runoff * _intensity * _catchment / 360)) * seconds;
        var lift = 0.0;
        for (var pump = 0; pump < _run.Length; pump++)
        {
            // The higher the water stands, the less there is to lift it: the pump's curve about the level for which it is rated.
            _flow[pump] = _run[pump] ? _ratedFlow * _outlet * Math.Max(0, 1 + (_flowPerLevel * (Level - _ratedLevel))) : 0;
            lift += _flow[pump] / 3600 * seconds;
            _hours[pump] += _run[pump] ? seconds / 3600 : 0;
        }
        // Below the floor of the intake a pump draws air.
        var pumped = Math.Clamp(Stored + comes - (_area * _floor), 0, lift);
        var most = (_area * _road) + ((_area + _roadArea) * _kerb);
        var spilled = Math.Max(0, Stored + comes - pumped - most);
        Stored += comes - pumped - spilled;
        (CameIn, Pumped, Spilled) = (CameIn + comes, Pumped + pumped, Spilled + spilled);
    }

    private void Control()
    {
        var running = _command.Count(on => on);
        if (Level <= _stop && running > 0)
        {
            Array.Clear(_command);
            _first = (_first + 1) % _command.Length;
        }
        for (var step = running; step < _command.Length && Level > _startLevels[step]; step++)
            _command[(_first + step) % _command.Length] = true;
        // A jam shows when the pump is called: an operator calls it, and keeps trying.
        if (_jammed > 0 && _jammed <= _command.Length)
            _command[(int)_jammed - 1] = true;
        for (var pump = 0; pump < _command.Length; pump++)
        {
            var runs = _command[pump] && _supply.Word != "lost" && _jammed != pump + 1 && _tripped != pump + 1;
            if (runs && !_run[pump])
                _starts[pump]++;
            _run[pump] = runs;
        }
    }

    public override void Report(ValueList values)
    {
        values.Add("sump_level", Level, 3);
        values.Add("high_float", Level > _float);
        values.Add("road_water_depth", RoadDepth, 2);
        for (var pump = 1; pump <= _run.Length; pump++)
        {
            var runs = _run[pump - 1];
            values.Add($"pump_command.{pump}", _command[pump - 1]);
            values.Add($"pump_run.{pump}", runs);
            values.Add($"control_mode.{pump}", "auto");
            values.Add($"pump_fault.{pump}", _tripped == pump ? "overload" : "ok");
            values.Add($"motor_current.{pump}", runs ? _ratedCurrent * 0.92 * _load : 0, 1);
            values.Add($"discharge_flow.{pump}", runs ? _flow[pump - 1] * _load : 0, 0);
            values.Add($"run_hours.{pump}", _hours[pump - 1], 2);
            values.Add($"start_count.{pump}", _starts[pump - 1], 0);
        }
        values.Add("rainfall", Math.Floor(_rain / 0.2) * 0.2, 1);
        values.Add("rainfall_intensity", _intensity, 1);
    }
}
