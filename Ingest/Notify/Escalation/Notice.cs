using Telemetry.Ingest.Notify.Routing;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Notify.Escalation;

/// <summary>How far the telling of one open alarm has come. Immutable; a row of the state. Times are Unix ms.</summary>
internal sealed record Notice
{
    /// <summary>As of its last transition.</summary>
    public required Alarm Alarm { get; init; }

    /// <summary>Id of the transition that announced it last.</summary>
    public required string Transition { get; init; }

    /// <summary>As announced: an alarm that descends is escalated on as what it was.</summary>
    public required Severity Severity { get; init; }

    public required long AnnouncedAt { get; init; }

    /// <summary>In force then.</summary>
    public CalendarKinds Calendar { get; init; }

    /// <summary>Steps taken since.</summary>
    public int Steps { get; init; }

    /// <summary>When the next step is taken; null for none: accepted, over, covered, or all taken.</summary>
    public long? Due { get; init; }

    /// <summary>It waits for the next digest.</summary>
    public bool InDigest { get; init; }

    /// <summary>Persons asked since it was announced.</summary>
    public IReadOnlyList<string> Asked { get; init; } = [];

    /// <summary>Recipients of a message about it, ever: they are told when it is over or amended.</summary>
    public IReadOnlyList<string> Told { get; init; } = [];

    /// <summary>They know that its condition is over.</summary>
    public bool OverTold { get; init; }

    public bool IsDrill => Alarm.Mode == Modes.Drill;

    public RouteQuery Query => new(Alarm.Kind, Alarm.Family, Alarm.Rule, Severity, Alarm.District, Alarm.Street, Calendar);
}
