using System.Text.Json;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Api;

/// <summary>Drill, test or commissioning of a gateway's devices, an area or a list, as one act.</summary>
public static class ExerciseRoutes
{
    /// <param name="Mode">drill, test or commissioning.</param>
    /// <param name="Until">RFC 3339 or Unix ms, 8 h from now at most.</param>
    /// <param name="Street">With district, or alone.</param>
    /// <param name="Devices">Ids, such as a list that was found.</param>
    public sealed record ExerciseBody(string? Name, string? Mode, string? Reason, JsonElement? Until, string? Gateway, string? District, string? Street, IReadOnlyList<string>? Devices, string? By);

    /// <param name="LeftOut">Devices of the area that take no part, since they were not live.</param>
    public sealed record StartedAnswer(Exercise Exercise, int LeftOut);

    public sealed record EndBody(string? By);

    /// <param name="Devices">That are live again.</param>
    public sealed record EndedAnswer(string Name, int Devices);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/exercises", (HttpContext context, Exercises exercises) => exercises.Running(Caller.Of(context).Scope))
            .Needs(Role.Viewer).Keeps(ScopeRule.Within).Takes().WithSummary("Exercises that run, by name.");
        routes.MapPost("/exercises", StartAsync)
            .Needs(Role.Engineer).Keeps(ScopeRule.Within).Takes().WithSummary("Puts the live devices of a gateway, a district or street, or a list into drill, test or commissioning together, until one end.")
            .Accepts<ExerciseBody>("application/json").Produces<StartedAnswer>();
        routes.MapPost("/exercises/{name}/end", EndAsync)
            .Needs(Role.Engineer).Keeps(ScopeRule.Within).Takes().WithSummary("Ends an exercise: its devices are live again, and what stands then is told.")
            .Accepts<EndBody>("application/json").Produces<EndedAnswer>();
    }

    private static async Task<StartedAnswer> StartAsync(HttpContext context, Exercises exercises)
    {
        var body = await ApiJson.ReadAsync<ExerciseBody>(context);
        var (exercise, leftOut) = await exercises.StartAsync(
            body.Name, body.Mode, body.Reason, Query.ParseTime(body.Until), new ExerciseArea(body.Gateway, body.District, body.Street, body.Devices), Operator.Of(context, body.By), Caller.Of(context).Scope, context.RequestAborted);
        return new StartedAnswer(exercise, leftOut);
    }

    private static async Task<EndedAnswer> EndAsync(string name, HttpContext context, Exercises exercises)
    {
        var body = await ApiJson.ReadAsync<EndBody>(context);
        return new EndedAnswer(name, await exercises.EndAsync(name, Operator.Of(context, body.By), Caller.Of(context).Scope, context.RequestAborted));
    }
}
