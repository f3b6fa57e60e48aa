using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Rules.Explain;

/// <summary>Why was, or was not, the alarm of a rule there at a moment? With everything that an answer may rest on.</summary>
public sealed record Question
{
    /// <summary>As the register has it now.</summary>
    public required Device Device { get; init; }

    /// <summary>In force at the moment.</summary>
    public required Family Family { get; init; }

    /// <summary>A rule of that family, or <c>unknown</c>.</summary>
    public required string Rule { get; init; }

    /// <summary>0 for a rule without instances, or for the instance that was nearest to an alarm.</summary>
    public int Instance { get; init; }

    /// <summary>Unix ms: what the service had received by then is what it knew.</summary>
    public required long At { get; init; }

    /// <summary>Devices that this one links, or that stand beside it.</summary>
    public IReadOnlyList<(Device Device, Family Family)> Others { get; init; } = [];

    public IReadOnlyList<CalendarItem> Calendar { get; init; } = [];

    /// <summary>Transitions of the device's alarms and of its gateways', by position.</summary>
    public required IReadOnlyList<AlarmTransition> Journal { get; init; }

    public required ReadingHistory History { get; init; }

    /// <summary>Milliseconds.</summary>
    public required long DuplicateWindow { get; init; }

    /// <summary>First seen while gateways have credentials, and adopted by nobody.</summary>
    public bool AwaitsAdoption { get; init; }
}
