using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.Api;

/// <summary>What an operator does to an alarm: an entry of the log, answered once the rules have processed it.</summary>
public static class AlarmActions
{
    private static readonly (string Action, string Summary)[] Actions =
    [
        ("acknowledge", "An operator has seen it. Repeating it changes nothing, like every action here."),
        ("reset", "Ends a latched alarm that is acknowledged and whose condition is known to be over; rules with `reset: on site` need `by`, `place` and `checkedOnSite: true`."),
        ("comment", "Adds a comment; `comment` is required."),
        ("shelve", "Hides it until `until`, with a `reason`: 8 h at most; what is critical 30 min, with a `second` person."),
        ("unshelve", "Takes it off the shelf; if its condition holds it sounds again."),
        ("suppress", "Suppresses it by design until `until`, with a `reason`; limits as for shelve."),
        ("unsuppress", "Ends that."),
        ("out-of-service", "Takes the rule out of service at this device: `reason`, `permit` number and the substitute `watch`."),
        ("return-to-service", "Ends that; if its condition holds it sounds again."),
        ("assign", "Asks someone (`to`) to go."),
        ("accept", "Whoever calls is going. This stops the escalation and acknowledges nothing."),
        ("decline", "Whoever calls is not going after all."),
        ("on-site", "Whoever accepted has arrived."),
        ("done", "The work is done."),
        ("false-alarm", "It was none; the `reason` counts against its rule."),
    ];

    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var (action, summary) in Actions)
        {
            routes.MapPost($"/alarms/{{id}}/{action}", (string id, HttpContext context, AlarmBook book, FamilyCatalog families, LogWriting log, TimeProvider time) =>
                    ActAsync(action, id, context, book, families, log, time))
                .Needs(Role.Operator).Takes().WithSummary(summary).Accepts<ActionBody>("application/json").Produces<AlarmRoutes.AlarmShape>();
        }
    }

    private static async Task ActAsync(string action, string id, HttpContext context, AlarmBook book, FamilyCatalog families, LogWriting log, TimeProvider time)
    {
        var body = await ApiJson.ReadAsync<ActionBody>(context);
        var alarm = AlarmRoutes.Find(book, id);
        var rule = families.RuleOf(alarm);
        // Whoever resets on site has a name; "operator" is none.
        var isNameless = action == "reset" && rule is { ResetOnSite: true } && body.By is null && Caller.Of(context).Name is null;
        var entry = body.ToEntry(action, id, isNameless ? "" : Operator.Of(context, body.By), time.GetUtcNow().ToUnixTimeMilliseconds());
        var outcome = OperatorActions.Of(alarm, rule, entry);
        Refuse(outcome);
        if (outcome.After is not null)
        {
            var position = await log.WriteAsync([entry], LogWriting.Patience, context.RequestAborted);
            // The rules have the last word: between the question and the entry things may have changed.
            if (book.Refusals.Take(position) is { } refusal)
                Refuse(refusal);
        }
        await AlarmRoutes.WriteAsync(context, AlarmRoutes.Find(book, id), families);
    }

    private static void Refuse(ActionOutcome outcome)
    {
        if (outcome.Refusal is { } reason)
            throw ApiException.Conflict(reason, outcome.Why!);
    }
}
