using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;

namespace Telemetry.Rules.Explain;

/// <summary>What an answer could not look at, said with it.</summary>
internal static class Limits
{
    /// <summary>It counts among devices that the answer does not read: those of a street, a district, a catchment.</summary>
    public static bool CountsElsewhere(Step step) => step.Condition?.Counts.Any(count => count.Place != "parent") == true;

    public static IReadOnlyList<string> Of(Question question, Rule rule)
    {
        var conditions = rule.Steps.Select(step => step.Condition).OfType<Condition>().ToList();
        var limits = new List<string> { "register: settings, links, place and mode are those of the register now, not those of the moment" };
        if (rule.Steps.Any(CountsElsewhere))
            limits.Add("places: the condition counts devices of a place; those are not read again, and it is said to be unknown");
        if (conditions.Any(condition => condition.Neighbours.Count > 0 || condition.Counts.Any(count => count.Place == "parent")))
            limits.Add("neighbours: devices of the same parent are read again, but not their alarms of before");
        if (conditions.Any(condition => condition.Channels.Any(channel => channel.Link is not null)) && question.Device.Links.Count == 0)
            limits.Add("links: the register names no linked device");
        if (conditions.Any(condition => condition.AsksCalendar))
            limits.Add("calendar: items that ended more than a day ago are forgotten");
        if (conditions.SelectMany(condition => condition.Sources).Any(source => source.Rule is { } name && question.Family.Rules.Any(other => other.Name == name && other.Trigger == RuleTrigger.Silence)))
            limits.Add("silence: the condition asks for the alarm of silence, which readings do not show");
        if (rule.Trigger == RuleTrigger.Silence)
            limits.Add("silence: its clock runs only while the service and the gateway are connected; what is said of it is the earliest moment");
        limits.Add("readings: last values of rarely reported channels are looked for up to 32 days back");
        return limits;
    }
}
