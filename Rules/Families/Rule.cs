using Telemetry.Rules.Conditions;

namespace Telemetry.Rules.Families;

/// <summary>What a rule looks at.</summary>
public enum RuleTrigger : byte
{
    /// <summary>One or more steps, each with a condition.</summary>
    Condition,

    /// <summary>2.5 heartbeats without a sign of life (<c>when: silent</c>).</summary>
    Silence,

    /// <summary>Raised by the service itself (families gateway, area, system; rule unknown).</summary>
    BuiltIn,
}

/// <summary>One rule of a family file, compiled.</summary>
public sealed record Rule
{
    public required string Name { get; init; }

    /// <summary>Position in <see cref="Family.Rules"/>.</summary>
    public required int Index { get; init; }

    public required Title Title { get; init; }

    public required RuleTrigger Trigger { get; init; }

    /// <summary>That of the lowest step: a ticket may climb to an alarm.</summary>
    public required AlarmKind Kind { get; init; }

    /// <summary>One alarm per instance of this group; null for one per device.</summary>
    public string? Each { get; init; }

    /// <summary>
    /// It counts in places of this kind (<c>street</c>, a link's role) and asks nothing of a device itself: one alarm a place, in the family
    /// area, with the place's id as device. Null for a rule of devices.
    /// </summary>
    public string? Place { get; init; }

    /// <summary>
    /// Lowest first; one for a rule without a ladder. For <see cref="RuleTrigger.Silence"/> the first step has no condition; an upper
    /// one holds if its condition does at the moment of silence.
    /// </summary>
    public required IReadOnlyList<Step> Steps { get; init; }

    public UnknownPolicy Unknown { get; init; }

    public string? Consequence { get; init; }

    /// <summary>Milliseconds.</summary>
    public long? RespondIn { get; init; }

    public string? Who { get; init; }

    public Title? Action { get; init; }

    /// <summary>What whoever goes there takes along; null where nothing was written down.</summary>
    public Title? Bring { get; init; }

    public string? Source { get; init; }

    /// <summary>What the alarm adds to its title when it is raised and when it climbs: its detail.</summary>
    public SayTemplate? Say { get; init; }

    /// <summary>A reset needs a name, a place and "checked on site".</summary>
    public bool ResetOnSite { get; init; }

    /// <summary>The rule whose standing alarm this one lifts again, in place of an alarm of its own.</summary>
    public string? Escalates { get; init; }

    /// <summary>Rules whose alarms, at the devices of its place, stand as members beneath this one.</summary>
    public IReadOnlyList<string> Gathers { get; init; } = [];

    /// <summary>Rules (or steps) of the same family that this one explains: at the same device their alarms are suppressed while its condition holds.</summary>
    public IReadOnlyList<string> Suppresses { get; init; } = [];

    /// <summary>This rule or one of its steps up to this one stands on such a list.</summary>
    public bool HasUpTo(int step, Func<string, bool> listed) => listed(Name) || Steps.Take(step + 1).Any(passed => passed.Name is { } name && listed(name));

    /// <summary>Line of the rule in its file.</summary>
    public int Line { get; init; }
}

/// <summary>One rung of a ladder.</summary>
public sealed record Step
{
    /// <summary>E.g. <c>overflow</c>; null for an unnamed rung.</summary>
    public string? Name { get; init; }

    /// <summary>Never below the step beneath it: event, ticket, alarm.</summary>
    public AlarmKind Kind { get; init; }

    public required Severity Severity { get; init; }

    /// <summary>A <c>…_when</c> of the rule: it raises with the first step, or as soon as its own condition holds while that one stands.</summary>
    public bool Qualifies { get; init; }

    /// <summary>Null for silence and built-in rules.</summary>
    public Condition? Condition { get; init; }

    /// <summary>Milliseconds.</summary>
    public long OnDelay { get; init; }

    /// <summary>Milliseconds.</summary>
    public long OffDelay { get; init; }

    /// <summary>Stays until someone resets it.</summary>
    public bool Latched { get; init; }
}
