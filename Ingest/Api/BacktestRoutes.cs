using System.Text.Json;
using Telemetry.Ingest.Backtest;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Api;

/// <summary>Backtests that the service runs over its own log.</summary>
public static class BacktestRoutes
{
    /// <summary>Bytes: all shipped files have a sixth of it.</summary>
    private const long MaxBody = 2 << 20;

    /// <param name="From">Of alarms' raisedAt, inclusive: RFC 3339 with a zone, or Unix ms.</param>
    /// <param name="To">Exclusive.</param>
    /// <param name="WarmUp">How much before it is played; default 8d.</param>
    /// <param name="Rules">The rules to try: text of family files, by the family's name. Families that are left out stay as recorded.</param>
    /// <param name="Against">What to compare with; left out, the rules as they were recorded.</param>
    public sealed record BacktestBody(JsonElement? From, JsonElement? To, string? WarmUp, IReadOnlyDictionary<string, string>? Rules, IReadOnlyDictionary<string, string>? Against);

    /// <param name="State">running, done, failed, cancelled.</param>
    /// <param name="Progress">0 to 1.</param>
    /// <param name="Error">Why it failed; while it runs, why what it found can't be stored.</param>
    /// <param name="Totals">Once it is done: as the last line of the command's --json.</param>
    public sealed record BacktestAnswer(string Id, string State, double Progress, string From, string To, string? Error, JsonElement? Totals);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/backtests", StartAsync)
            .Needs(Role.Engineer).Keeps(ScopeRule.OfTheCity).Takes().WithMetadata(new AcceptsFile(MaxBody))
            .WithSummary("Plays the recorded log through other rules; one at a time, behind everything else. 202: ask for it by its id.")
            .Accepts<BacktestBody>("application/json").Produces<BacktestAnswer>(StatusCodes.Status202Accepted);
        routes.MapGet("/backtests", async (BacktestJobs jobs) =>
            {
                await jobs.RefreshAsync();
                return jobs.All.Select(Answer);
            })
            .Needs(Role.Viewer).Keeps(ScopeRule.OfTheCity).Takes().WithSummary("The last five since the service started, newest first; in a cluster with PostgreSQL the last five of all nodes.").Produces<BacktestAnswer[]>();
        routes.MapGet("/backtests/{id}", async (string id, BacktestJobs jobs) => Answer(await FindAsync(id, jobs)))
            .Needs(Role.Viewer).Keeps(ScopeRule.OfTheCity).Takes().WithSummary("How far it is, and once it is done its totals.").Produces<BacktestAnswer>();
        routes.MapGet("/backtests/{id}/differences", async (string id, BacktestJobs jobs, CancellationToken cancellationToken) =>
            {
                await NeedDoneAsync(id, jobs);
                return Results.Text(await jobs.DifferencesAsync(id, cancellationToken) ?? throw Unknown(id, jobs), "application/x-ndjson");
            })
            .Needs(Role.Viewer).Keeps(ScopeRule.OfTheCity).Takes().WithSummary("JSON lines: one a difference, one with the totals, as the command's --json.").Produces<string>(contentType: "application/x-ndjson");
        routes.MapGet("/backtests/{id}/page", async (string id, BacktestJobs jobs, CancellationToken cancellationToken) =>
            {
                await NeedDoneAsync(id, jobs);
                return Results.Text(await jobs.PageAsync(id, cancellationToken) ?? throw Unknown(id, jobs), "text/html; charset=utf-8");
            })
            .Needs(Role.Viewer).Keeps(ScopeRule.OfTheCity).Takes().WithSummary("One page with charts and the readings of the first changes, that needs nothing else.").Produces<string>(contentType: "text/html");
        routes.MapDelete("/backtests/{id}", async (string id, BacktestJobs jobs, CancellationToken cancellationToken) => Answer(await jobs.CancelAsync(id, cancellationToken) ?? throw Unknown(id, jobs)))
            .Needs(Role.Engineer).Keeps(ScopeRule.OfTheCity).Takes().WithSummary("Ends it, if it runs: cancelled, in a moment.").Produces<BacktestAnswer>();
    }

    private static async Task<IResult> StartAsync(HttpContext context, BacktestJobs jobs, ServiceOptions options)
    {
        var body = await ApiJson.ReadAsync<BacktestBody>(context);
        var (from, to) = (TimeOf("from", body.From), TimeOf("to", body.To));
        if (from >= to)
            throw ApiException.BadRequest("bad_body", "from must be before to");
        var warmUp = body.WarmUp is null ? BacktestSpan.DefaultWarmUp : Quantity.Duration(body.WarmUp) ?? throw ApiException.BadRequest("bad_body", $"warmUp \"{body.WarmUp}\" is no duration; \"8d\" would be one");
        var rules = Families("rules", body.Rules) ?? throw ApiException.BadRequest("bad_body", "rules is missing: {\"drainage_pump\": \"family: drainage_pump\\n…\"}");
        var request = BacktestRequest.For(
            options, new BacktestSpan(from, to, warmUp), Families("against", body.Against), body.Against is null ? BacktestRequest.AsRecorded : string.Join(", ", body.Against.Keys), rules, string.Join(", ", body.Rules!.Keys));
        var job = await jobs.StartAsync(request, context.RequestAborted) ?? throw ApiException.Conflict("backtest_running", "another backtest runs; wait for it, or end it with DELETE /api/v1/backtests/ID");
        return Results.Json(Answer(job.Status), ApiJson.Options, statusCode: StatusCodes.Status202Accepted);
    }

    private static FamilySet? Families(string member, IReadOnlyDictionary<string, string>? texts)
    {
        if (texts is null)
            return null;
        var (families, errors) = FamilySet.Load(texts.OrderBy(text => text.Key, StringComparer.Ordinal).Select(text => ($"{text.Key}.yaml", text.Value)));
        if (families is not null)
            return families;
        throw ApiException.BadRequest("invalid_rules", $"{member}: {errors.Count} mistakes, the first: {errors[0]}")
            .With("errors", errors.Select(error => new { error.File, error.Line, error.Column, error.Key, error.Message }));
    }

    private static ApiException Unknown(string id, BacktestJobs jobs) => ApiException.NotFound("unknown_backtest", $"there is no backtest '{id}' {jobs.Which}");

    private static async Task<BacktestStatus> FindAsync(string id, BacktestJobs jobs)
    {
        await jobs.RefreshAsync();
        return jobs.Find(id) ?? throw Unknown(id, jobs);
    }

    private static async Task NeedDoneAsync(string id, BacktestJobs jobs)
    {
        var status = await FindAsync(id, jobs);
        if (status.State != BacktestState.Done)
            throw ApiException.Conflict("backtest_not_done", $"it is {Words.Name(status.State)}{(status.Error is null ? "" : ": " + status.Error)}");
    }

    private static BacktestAnswer Answer(BacktestStatus status) => new(
        status.Id, Words.Name(status.State), Math.Round(status.Progress, 3), Iso.Time(status.From), Iso.Time(status.To), status.Error,
        status.Totals is { } totals ? JsonDocument.Parse(totals).RootElement : null);

    private static long TimeOf(string name, JsonElement? value) =>
        Query.ParseTime(value) ?? throw ApiException.BadRequest("bad_body", $"{name}: must be RFC 3339 with a zone (\"2026-07-01T08:00:00Z\") or Unix ms");
}
