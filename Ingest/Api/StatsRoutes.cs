using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.State;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Api;

/// <summary>Counts in readings since the start of the process; positions are those of the last entry processed.</summary>
/// <param name="Time">When this was read, RFC 3339.</param>
/// <param name="Rejected">By reason: messages, readings or values refused.</param>
/// <param name="LogPosition">Last committed entry. Read it once, then wait until the other two are at least as far.</param>
/// <param name="StorePosition">Of the slowest store.</param>
/// <param name="DeadLetters">Those kept.</param>
/// <param name="LogUnwritable">Why the log takes no readings; null while it does.</param>
/// <param name="Demo">A simulated city feeds the service.</param>
/// <param name="Speed">How many times faster than life the service's clock goes; above 1 in a demo alone.</param>
public sealed record StatsAnswer(
    string Time,
    long Received,
    long Accepted,
    long Duplicates,
    IReadOnlyDictionary<string, long> Rejected,
    long Late,
    long LogPosition,
    long RulesPosition,
    long StorePosition,
    long DeadLetters,
    string? LogUnwritable,
    bool Demo,
    int Speed);

/// <summary>Reads the counters in one place, for /api/v1/stats and the live events.</summary>
public sealed class StatsReader(Stats stats, DurableLog log, ILogAppend append, Progress progress, StateDatabase database, ServiceOptions options, TimeProvider time)
{
    public StatsAnswer Read() => new(
        Iso.Time(time.GetUtcNow().ToUnixTimeMilliseconds()),
        stats.Received,
        stats.Accepted,
        stats.Duplicates,
        new SortedDictionary<string, long>(stats.Rejected.ToDictionary(), StringComparer.Ordinal),
        stats.Late,
        log.Committed,
        progress.Rules,
        progress.Store,
        database.DeadLetterCount(),
        append.Unwritable,
        options.Demo,
        options.DemoSpeed);
}

/// <summary>Counters and positions.</summary>
public static class StatsRoutes
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/stats", (StatsReader reader) => reader.Read())
            .Needs(Role.Viewer).Keeps(ScopeRule.OfNoDevice)
            .Takes().WithSummary("Counts of readings and positions in the log.");
}
