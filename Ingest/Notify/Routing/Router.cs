using Telemetry.Ingest.Notify.Rota;
using Telemetry.Rules.Families;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Notify.Routing;

/// <summary>What becomes of one alarm: whose it is and in which steps they are asked.</summary>
/// <param name="Steps">Empty where it waits for the digest.</param>
internal sealed record Routed(AlarmRoute Route, Team Team, IReadOnlyList<RouteStep> Steps)
{
    public bool IsDigest => Steps.Count == 0;
}

/// <summary>Which route an alarm takes. Pure.</summary>
internal sealed class Router(NotifyFile file)
{
    private const long Minute = LocalTime.Minute;

    // A critical alarm that nobody accepts within 3 min goes on to the next person, after 6 min to the leader by voice.
    private static readonly IReadOnlyList<RouteStep> Critical =
    [
        new(0, StepTarget.OnCall), new(3 * Minute, StepTarget.Next), new(6 * Minute, StepTarget.Leader, [MessageChannel.Voice, MessageChannel.Sms]),
    ];

    private static readonly IReadOnlyList<RouteStep> High = [new(0, StepTarget.OnCall)];

    // Nobody at the desk has signed: the leader is who it concerns.
    private static readonly IReadOnlyList<RouteStep> Unsigned = [new(0, StepTarget.Leader)];

    /// <summary>Where a route says none: empty for what waits for the digest.</summary>
    public static IReadOnlyList<RouteStep> StepsOf(Severity severity) => severity switch
    {
        Severity.Critical => Critical,
        Severity.High => High,
        _ => [],
    };

    /// <param name="at">When it was announced, Unix ms.</param>
    public Routed Of(RouteQuery query, long at)
    {
        var route = file.Routes.First(route => route.Fits(query, at));
        // A ticket is a line of a list, whatever its route says.
        return new Routed(route, file.Team(route.Team)!, query.Kind == AlarmKind.Ticket ? [] : route.Steps ?? (query is { Family: "system", Rule: WatchPositions.HandoverUnsigned } ? Unsigned : StepsOf(query.Severity)));
    }
}
