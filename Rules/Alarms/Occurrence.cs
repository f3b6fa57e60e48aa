using Telemetry.Rules.Families;
using Telemetry.Rules.Operators;

namespace Telemetry.Rules.Alarms;

/// <summary>One occurrence of a rule at a device or instance, as its moves in event time make it; operators' resets end what is latched.</summary>
internal sealed class Occurrence(long raised)
{
    /// <summary>Event time, Unix ms.</summary>
    public long Raised { get; } = raised;

    /// <summary>Event time, Unix ms; null while its condition holds. Equal to <see cref="Raised"/> for an event.</summary>
    public long? Cleared { get; private set; }

    /// <summary>Its condition holds; of an event too, which is over as soon as it is told.</summary>
    public bool Holds { get; private set; }

    /// <summary>Some step that was reached is latched.</summary>
    public bool Latches { get; private set; }

    /// <summary>The step that stands, or stood last.</summary>
    public int Step { get; private set; }

    /// <summary>The rerun's changes that made it, as far as it made them.</summary>
    public List<ConditionChange> Changes { get; } = [];

    /// <summary>Of the alarm that it raises; null where it was raised before the rerun counts.</summary>
    public string? Id => Changes is [{ Step: >= 0 } raising, ..] && raising.At == Raised ? AlarmIds.Alarm(raising.Subject.Id, raising.Rule.Name, raising.Instance, raising.Key) : null;

    /// <param name="moves">Of this rule and instance, by event time; with the change that it stands for where the rerun found it.</param>
    /// <param name="resets">Log times of its resets, ascending.</param>
    public static List<Occurrence> Of(Rule rule, IEnumerable<(RuleMove Move, ConditionChange? Change)> moves, IReadOnlyList<long> resets)
    {
        var found = new List<Occurrence>();
        Occurrence? open = null;
        Occurrence? told = null;
        foreach (var (move, change) in moves)
        {
            if (open is { Cleared: not null } && resets.Any(reset => reset >= open.Raised && reset <= move.At))
                open = null;
            if (move.Step < 0)
            {
                if (told is not null)
                    (told.Holds, told) = (false, null);
                if (open is not { Cleared: null })
                    continue;
                (open.Cleared, open.Holds) = (move.At, false);
                Note(open);
                if (!open.Latches)
                    open = null;
                continue;
            }
            var step = rule.Steps[Math.Min(move.Step, rule.Steps.Count - 1)];
            if (open is null)
                found.Add(open = new Occurrence(move.At));
            (open.Cleared, open.Holds, open.Step) = (null, true, move.Step);
            open.Latches |= step.Latched;
            Note(open);
            if (step.Kind != AlarmKind.Event)
                continue;
            open.Cleared = move.At;
            (told, open) = (open, null);

            void Note(Occurrence occurrence)
            {
                if (change is { } known)
                    occurrence.Changes.Add(known);
            }
        }
        return found;
    }
}
