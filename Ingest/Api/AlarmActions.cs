using Telemetry.Ingest.Security;

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
            routes.MapPost($"/alarms/{{id}}/{action}", (string id, HttpContext context, Acting acting, FamilyCatalog families) => ActAsync(action, id, context, acting, families))
                .Needs(Role.Operator).Keeps(ScopeRule.Within).Takes().WithSummary(summary).Accepts<ActionBody>("application/json").Produces<AlarmRoutes.AlarmShape>();
        }
    }

    private static async Task ActAsync(string action, string id, HttpContext context, Acting acting, FamilyCatalog families)
    {
        var body = await ApiJson.ReadAsync<ActionBody>(context);
        var caller = Caller.Of(context);
        // Whoever resets on site has a name; "operator" is none.
        var isNameless = action == "reset" && families.RuleOf(acting.Find(id, caller.Scope)) is { ResetOnSite: true } && body.By is null && caller.Name is null;
        var alarm = await acting.ActAsync(action, id, body, isNameless ? "" : Operator.Of(context, body.By), caller.Scope, context.RequestAborted);
        await AlarmRoutes.WriteAsync(context, alarm, families);
    }
}
