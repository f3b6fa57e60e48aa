using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Simulators.Scenarios.Picture;

/// <summary>How long an alarm stood in one state, as the operator saw it: by log time, Unix ms.</summary>
internal readonly record struct AlarmSpan(long From, long To, AlarmState State, Severity Severity)
{
    /// <summary>Of all the occurrences among these transitions, in order of time; what still stands at the end lasts until then.</summary>
    public static IReadOnlyList<AlarmSpan> Of(IEnumerable<AlarmTransition> transitions, long end)
    {
        var spans = new List<AlarmSpan>();
        foreach (var occurrence in transitions.GroupBy(transition => transition.Alarm.Id))
        {
            var steps = occurrence.ToList();
            for (var i = 0; i < steps.Count; i++)
            {
                var until = i + 1 < steps.Count ? steps[i + 1].ReceivedAt : end;
                if (steps[i].To != AlarmState.Normal && until > steps[i].ReceivedAt)
                    spans.Add(new AlarmSpan(steps[i].ReceivedAt, until, steps[i].To, steps[i].Alarm.Severity));
            }
        }
        return Joined([.. spans.OrderBy(span => span.From)]);
    }

    /// <summary>A transition that changes neither state nor severity begins no new span.</summary>
    private static List<AlarmSpan> Joined(IReadOnlyList<AlarmSpan> spans)
    {
        var joined = new List<AlarmSpan>();
        foreach (var span in spans)
        {
            if (joined.Count > 0 && joined[^1] is var last && (last.To, last.State, last.Severity) == (span.From, span.State, span.Severity))
                joined[^1] = last with { To = span.To };
            else
                joined.Add(span);
        }
        return joined;
    }
}
