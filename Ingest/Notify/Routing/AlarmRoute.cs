using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Notify.Routing;

/// <summary>What of the calendar is in force at an alarm's device.</summary>
[Flags]
public enum CalendarKinds : byte
{
    None = 0,
    WorkOrder = 1,
    RainForecast = 2,
    Holiday = 4,
}

/// <summary>What a route looks at in an alarm.</summary>
/// <param name="Calendar">In force at its device when it was announced.</param>
public sealed record RouteQuery(AlarmKind Kind, string Family, string Rule, Severity Severity, string? District, string? Street, CalendarKinds Calendar);

/// <summary>One step of an escalation.</summary>
/// <param name="After">Milliseconds since the alarm was announced.</param>
/// <param name="To">Whom.</param>
/// <param name="By">Null for the severity's channels.</param>
public sealed record RouteStep(long After, StepTarget To, IReadOnlyList<MessageChannel>? By = null);

/// <summary>Whom a step asks: <see cref="OnCall"/>, <see cref="Next"/>, <see cref="Leader"/>, or a person by id.</summary>
public readonly record struct StepTarget(string Word)
{
    /// <summary>Who is on call for the route's team at that moment.</summary>
    public static readonly StepTarget OnCall = new("on_call");

    /// <summary>The team's next one who has not been told yet.</summary>
    public static readonly StepTarget Next = new("next");

    /// <summary>The team's leader at that moment.</summary>
    public static readonly StepTarget Leader = new("leader");

    public static readonly IReadOnlyList<string> Words = [OnCall.Word, Next.Word, Leader.Word];
}

/// <summary>Hours of the day in China's time; may run over midnight.</summary>
public readonly record struct Hours(TimeOnly From, TimeOnly To)
{
    public bool Contains(TimeOnly time) => time.IsBetween(From, To);
}

/// <summary>Which alarms go to whom. An empty list, or null, fits everything.</summary>
internal sealed record AlarmRoute
{
    /// <summary>1 for the file's first.</summary>
    public required int Number { get; init; }

    public IReadOnlyList<string> Families { get; init; } = [];

    public IReadOnlyList<string> Rules { get; init; } = [];

    public IReadOnlyList<Severity> Severities { get; init; } = [];

    public IReadOnlyList<AlarmKind> Kinds { get; init; } = [];

    public IReadOnlyList<string> Districts { get; init; } = [];

    public IReadOnlyList<string> Streets { get; init; } = [];

    public Hours? Hours { get; init; }

    /// <summary>One of these is in force.</summary>
    public CalendarKinds Calendar { get; init; }

    public required string Team { get; init; }

    /// <summary>The operator position that owns the alarm; null for the one whose districts it is in.</summary>
    public string? Position { get; init; }

    /// <summary>As the file says; null for those of the severity.</summary>
    public IReadOnlyList<RouteStep>? Steps { get; init; }

    /// <summary>Robots that get a copy.</summary>
    public IReadOnlyList<string> Copies { get; init; } = [];

    public bool FitsAll => Families.Count + Rules.Count + Severities.Count + Kinds.Count + Districts.Count + Streets.Count == 0 && Hours is null && Calendar == CalendarKinds.None;

    public bool Fits(RouteQuery query, long at) =>
        Fits(Families, query.Family) && Fits(Rules, query.Rule) && Fits(Severities, query.Severity) && Fits(Kinds, query.Kind) && Fits(Districts, query.District) && Fits(Streets, query.Street)
        && Hours?.Contains(TimeOnly.FromDateTime(LocalTime.At(at))) != false
        && (Calendar == CalendarKinds.None || (Calendar & query.Calendar) != CalendarKinds.None);

    private static bool Fits<T>(IReadOnlyList<T> wanted, T? value) => wanted.Count == 0 || (value is not null && wanted.Contains(value));
}
