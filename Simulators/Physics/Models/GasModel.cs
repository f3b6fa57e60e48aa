using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Physics.Models;

/// <summary>
/// A kitchen with a detector and a shutoff valve. Gas at concentration C in a room of volume V, leak q, ventilation Q:
/// dC/dt = (q − Q·C) / V, so C(t) = (q/Q)(1 − e^(−Qt/V)) from a clean start.
/// </summary>
public sealed class GasModel(Inputs inputs) : Model
{
    // The lower explosive limit of methane is 5 % by volume: 1 %LEL = 0.0005.
    private const double VolumePerPercentLel = 0.0005;

    private readonly Input _room = inputs.Number("room", "m3");
    private readonly Input _airChanges = inputs.Number("air_changes", "/h");
    private readonly Input _leak = inputs.Number("leak", "m3/h");
    private readonly Input _fumes = inputs.Number("fumes", "%{LEL}");
    private readonly Input _background = inputs.Number("background");
    private readonly Input _lowAlarm = inputs.Number("low_alarm", "%{LEL}");
    private readonly Input _highAlarm = inputs.Number("high_alarm", "%{LEL}");
    private readonly Input _alarmEnds = inputs.Number("alarm_ends", "%{LEL}");
    private readonly Input _jammed = inputs.Number("jammed");
    private readonly Input _openedAfter = inputs.Number("opened_after", "s");
    private double _fumesBefore;
    private double _cleanFor;
    private string _alarm = "normal";
    private string _valve = "open";

    /// <summary>What the leak and the fumes have left in the room's air, %LEL.</summary>
    public double Gas { get; private set; }

    public override bool Advance(double seconds, Surroundings around)
    {
        // Fumes come at once, and go with the air like any gas.
        if (_fumes > 0 && _fumesBefore == 0)
            Gas = Math.Max(Gas, _fumes);
        _fumesBefore = _fumes;
        // It is opened by hand, on site, once the leak is mended and the air has been clean for a while.
        _cleanFor = _alarm == "normal" && _leak == 0 ? _cleanFor + seconds : 0;
        if (_cleanFor >= _openedAfter)
            _valve = "open";

        var leak = _valve == "closed" ? 0 : _leak.Value;
        var ceiling = leak / (_airChanges * _room) / VolumePerPercentLel;
        Gas = ceiling + ((Gas - ceiling) * Math.Exp(-_airChanges * seconds / 3600));
        return Detect();
    }

    /// <summary>The detector's own alarm, which holds until the air is well below its limit, and closes the valve when high.</summary>
    private bool Detect()
    {
        var (alarm, valve) = (_alarm, _valve);
        var lel = _background + Gas;
        _alarm =
            lel >= _highAlarm ? "high" :
            lel >= _lowAlarm && _alarm == "normal" ? "low" :
            lel < _alarmEnds ? "normal" : _alarm;
        if (_alarm == "high")
            _valve = _jammed > 0 ? "fault" : "closed";
        return _alarm != alarm || _valve != valve;
    }

    public override void Report(ValueList values)
    {
        values.Add("methane_lel", Math.Min(100, _background + Gas), 1);
        values.Add("valve_position", _valve);
        values.Add("gas_alarm_state", _alarm);
    }
}
