using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Rules.Alarms;

/// <summary>Which alarms their causes explain. A cause names rules, never devices, and explains as long as its condition holds.</summary>
internal sealed class Suppression(OpenAlarms open, Fleet fleet)
{
    /// <summary>Who explains this (device, rule, step): the id of an alarm or event that stands; null for nobody. The one place that decides it.</summary>
    public string? Explains(Alarm alarm) => Causes(alarm) ?? Gathers(alarm);

    private string? Causes(Alarm alarm)
    {
        if (fleet.Plan(alarm.Family)?.Family is not { } family || open.RuleOf(alarm) is not { } rule || rule.HasUpTo(alarm.Step, Vocabulary.NeverSuppressed.Contains))
            return null;
        var instance = AlarmSlot.Of(alarm).Instance;
        foreach (var cause in family.Rules)
        {
            // What one pump explains is that pump's, or the whole station's.
            if (Names(cause, rule, alarm.Step) && open.Standing(alarm.Device, cause, alarm.Mode, own => own == 0 || rule.Each is null || (rule.Each == cause.Each && own == instance)) is { } id)
                return id;
        }
        return null;
    }

    /// <summary>
    /// Causes before their effects, so that one entry that brings both annunciates the cause alone: an area's before those beneath it. What escalates comes
    /// after what it lifts.
    /// </summary>
    public static IEnumerable<ConditionChange> CausesFirst(List<ConditionChange> changes, Fleet fleet) =>
        changes.Count < 2 || changes.TrueForAll(change => change.Rule is { Suppresses.Count: 0, Escalates: null } && change.Subject.Family != Fleet.AreaFamily)
            ? changes
            : changes.OrderBy(change => change.Subject.Family == Fleet.AreaFamily ? -1 : change.Rule.Escalates is not null ? int.MaxValue : Depth(change.Rule, fleet.Plan(change.Subject.Family)?.Family));

    /// <summary>The alarm of an area has changed: those that it may gather are looked at again with this entry.</summary>
    public void TouchGathered()
    {
        var gathered = open.All.Where(alarm => alarm.Family != Fleet.AreaFamily && (alarm.SuppressedBy is not null || Gathers(alarm) is not null));
        foreach (var device in gathered.Select(alarm => alarm.Device).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            open.Touch(device);
    }

    /// <summary>The standing alarm of an area beneath which this one belongs; null for none.</summary>
    private string? Gathers(Alarm alarm)
    {
        if (alarm.Family == GatewayOutages.GatewayFamily)
            return fleet.GatewayOutages.StandingAt(fleet, alarm.Device) is { } lost && fleet.RuleOf(Fleet.AreaFamily, GatewayOutages.RuleName) is { } outage ? open.Standing(lost, outage, alarm.Mode, own => own == 0) : null;
        if (fleet.Find(alarm.Device) is not { } device || device.Device.Family != alarm.Family || open.RuleOf(alarm)?.HasUpTo(alarm.Step, Vocabulary.NeverSuppressed.Contains) != false)
            return null;
        foreach (var (place, area) in fleet.Gathering(device, alarm.Rule))
        {
            // What is graver than the area's alarm has people at risk, and is not told by it.
            if (open.Standing(place, area, alarm.Mode, own => own == 0) is { } id && !(open.Find(id)?.Severity < alarm.Severity))
                return id;
        }
        return null;
    }

    /// <summary>Alarms of this device come under their causes or out from beneath them.</summary>
    public void Reconsider(LogEntry entry, string device)
    {
        foreach (var alarm in open.At(device))
        {
            // What was over before its cause came has nothing to be explained; what ended beneath it waits there for the latch.
            if (!alarm.Holds && alarm.SuppressedBy is null)
                continue;
            // What is over beneath an area's alarm is reset one by one: the area counts it until then.
            var by = Causes(alarm) ?? (alarm.Holds ? Gathers(alarm) : null);
            if (by == alarm.SuppressedBy)
                continue;
            var after = alarm with { SuppressedBy = by };
            if (alarm.Overlay is not null || (by is not null && alarm.SuppressedBy is not null))
                open.Replace(after.Settled(alarm.Underlying));
            else if (by is not null)
                open.Change(alarm, after.Settled(alarm.Underlying), entry.Time, "suppressed");
            else
                open.Change(alarm, after.Settled(AlarmMachine.On(alarm.Underlying, AlarmEvent.Leave).To!.Value).Announced(entry.Time), entry.Time, "cause_over");
        }
    }

    private static bool Names(Rule cause, Rule rule, int step) => cause.Suppresses.Any(name => name == rule.Name || name == rule.Steps[Math.Min(step, rule.Steps.Count - 1)].Name);

    /// <summary>0 for what nothing explains. A family in which causes go round in a circle is refused when it is read.</summary>
    private static int Depth(Rule rule, Family? family) =>
        family is null ? 0 : family.Rules.Where(cause => rule.Steps.Select(step => step.Name).Append(rule.Name).Any(cause.Suppresses.Contains)).Select(cause => Depth(cause, family) + 1).DefaultIfEmpty(0).Max();
}
