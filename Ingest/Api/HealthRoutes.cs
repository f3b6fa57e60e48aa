using Telemetry.Ingest.Hosting;

namespace Telemetry.Ingest.Api;

/// <summary>Whether the process lives, and whether it does its whole job.</summary>
public static class HealthRoutes
{
    /// <param name="Missing">Why not, by name: starting, rules_behind, log_unwritable, store_failing.</param>
    public sealed record ReadyAnswer(bool Ready, IReadOnlyDictionary<string, string> Missing);

    public sealed record LiveAnswer(bool Live);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => new LiveAnswer(true))
            .IsOpen().Keeps(ScopeRule.OfNoDevice).Takes().WithSummary("200 while the process answers.");
        routes.MapGet("/health/ready", (Readiness readiness) =>
            {
                var missing = readiness.Missing();
                return Results.Json(new ReadyAnswer(missing.Count == 0, missing), ApiJson.Options, statusCode: missing.Count == 0 ? 200 : 503);
            })
            .IsOpen().Keeps(ScopeRule.OfNoDevice).Takes().WithSummary("200 when everything is in order, else 503 with what is not, by name.")
            .Produces<ReadyAnswer>().Produces<ReadyAnswer>(StatusCodes.Status503ServiceUnavailable);
    }
}
