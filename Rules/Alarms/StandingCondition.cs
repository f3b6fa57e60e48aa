using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Operators;

namespace Telemetry.Rules.Alarms;

/// <summary>Whether the condition of an alarm that is over is really false now: before a reset it must be known to be.</summary>
internal sealed class StandingCondition(Fleet fleet)
{
    private readonly DeviceInputs _inputs = new(fleet);

    /// <summary><c>condition_active</c> or <c>condition_unknown</c>; null where it is good and false, or the service itself raised the alarm.</summary>
    public string? WhyNotOver(Alarm alarm, Rule rule, long now)
    {
        if (rule.Trigger != RuleTrigger.Condition || fleet.Find(alarm.Device) is not { } device)
            return null;
        var block = rule.Each is null ? device.Main : device.FindInstance(rule.Each, AlarmSlot.Of(alarm).Instance);
        if (block is null)
            return "condition_unknown";
        // In the device's own time: one whose clock is behind has not lost its values.
        _inputs.Point(device, block, Math.Min(now, device.Seen + (now - device.LastContact)));
        var truths = rule.Steps.Select(step => step.Condition!.Evaluate(_inputs)).ToList();
        return truths.Contains(Truth.True) ? "condition_active" : truths[0] == Truth.False ? null : "condition_unknown";
    }
}
