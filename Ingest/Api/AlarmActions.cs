using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Api;

/// <summary>What an operator does to an alarm: an entry of the log, answered once the rules have processed it.</summary>
public static class AlarmActions
{
    /// <param name="By">Who acts. With users it is the user: left out, or the same name. Without: default <c>operator</c>.</param>
    /// <param name="Until">RFC 3339 or Unix ms, for actions that end by themselves.</param>
    public sealed record ActionBody(string? By, string? Comment, string? Reason, object? Until);

    private const int MaxText = 2000;
    private static readonly string[] Later =
        ["shelve", "unshelve", "suppress", "out-of-service", "return-to-service", "assign", "accept", "on-site", "done", "false-alarm"];

    public static void Map(IEndpointRouteBuilder routes)
    {
        Map(routes, "acknowledge", "An operator has seen it. Repeating it changes nothing.");
        Map(routes, "reset", "Ends a latched alarm that is acknowledged and whose condition is over.");
        Map(routes, "comment", "Adds a comment; `comment` is required.");
        foreach (var action in Later)
        {
            routes.MapPost($"/alarms/{{id}}/{action}", IResult () => throw new ApiException(StatusCodes.Status501NotImplemented, "not_yet", $"{action} comes with a later version"))
                .Needs(Role.Operator).Takes().ExcludeFromDescription();
        }
    }

    private static void Map(IEndpointRouteBuilder routes, string action, string summary) =>
        routes.MapPost($"/alarms/{{id}}/{action}", (string id, HttpContext context, AlarmBook book, FamilyCatalog families, LogWriting log) =>
                ActAsync(action, id, context, book, families, log))
            .Needs(Role.Operator).Takes().WithSummary(summary).Accepts<ActionBody>("application/json").Produces<AlarmRoutes.AlarmShape>();

    private static async Task ActAsync(string action, string id, HttpContext context, AlarmBook book, FamilyCatalog families, LogWriting log)
    {
        var body = Checked(await ApiJson.ReadAsync<ActionBody>(context), action);
        var by = Operator.Of(context, body.By);
        if (Ruling(action, AlarmRoutes.Find(book, id).State) == Verdict.Write)
        {
            var entry = new ActionEntry { Action = action, Alarm = id, By = by, Comment = body.Comment, Reason = body.Reason };
            await log.WriteAsync([entry], LogWriting.Patience, context.RequestAborted);
        }
        var alarm = AlarmRoutes.Find(book, id);
        // The rules had the last word: between the check and the entry the condition may have come back.
        if (action == "reset" && alarm.State != AlarmState.Normal)
            throw ApiException.Conflict("condition_active", "the alarm was not reset: its condition holds again");
        await AlarmRoutes.WriteAsync(context, alarm, families);
    }

    private enum Verdict
    {
        Write,
        AlreadyDone,
    }

    /// <summary>Whether the action changes anything in this state.</summary>
    /// <exception cref="ApiException">409: it is not possible in this state.</exception>
    private static Verdict Ruling(string action, AlarmState state) => (action, state) switch
    {
        ("comment", _) => Verdict.Write,
        ("acknowledge", AlarmState.ActiveUnacknowledged or AlarmState.ClearedUnacknowledged or AlarmState.LatchedUnacknowledged) => Verdict.Write,
        ("acknowledge", AlarmState.ActiveAcknowledged or AlarmState.LatchedAcknowledged or AlarmState.Normal) => Verdict.AlreadyDone,
        ("reset", AlarmState.LatchedAcknowledged) => Verdict.Write,
        ("reset", AlarmState.Normal) => Verdict.AlreadyDone,
        ("reset", AlarmState.LatchedUnacknowledged) => throw ApiException.Conflict("not_acknowledged", "acknowledge the alarm before resetting it"),
        ("reset", AlarmState.ActiveUnacknowledged or AlarmState.ActiveAcknowledged) =>
            throw ApiException.Conflict("condition_active", "the condition still holds; an alarm is reset once it is over"),
        ("reset", AlarmState.ClearedUnacknowledged) => throw ApiException.Conflict("not_latched", "the alarm is not latched: acknowledging it ends it"),
        _ => throw ApiException.Conflict("illegal_transition", $"{action} is not possible in state {AlarmJson.Name(state)}"),
    };

    private static ActionBody Checked(ActionBody body, string action)
    {
        if ((body.Comment?.Length ?? 0) > MaxText || (body.Reason?.Length ?? 0) > MaxText)
            throw ApiException.BadRequest("bad_body", $"comment and reason: at most {MaxText} characters each");
        if (action == "comment" && string.IsNullOrWhiteSpace(body.Comment))
            throw ApiException.BadRequest("bad_body", "comment: must not be empty here");
        if (body.Until is not null)
            throw ApiException.BadRequest("bad_body", $"until: {action} does not end by itself; leave it out");
        return body;
    }
}
