using Telemetry.Ingest.Notify.Second;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Api;

/// <summary>What an operator does to an alarm: an entry of the log, answered once the rules have processed it.</summary>
public static class AlarmActions
{
    private static readonly (string Action, string Summary)[] Actions =
    [
        ("acknowledge", "An operator has seen it. Repeating it changes nothing, like every action here."),
        ("reset", "Ends a latched alarm that is acknowledged and whose condition is known to be over; rules with `reset: on site` need `by`, `place` and `checkedOnSite: true`."),
        ("comment", "Adds a comment; `comment` is required."),
        ("shelve", "Hides it until `until`, with a `reason`: 8 h at most; what is critical 30 min, with a `second` person: their `code`, or their `secondToken`."),
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

    /// <param name="Person">Id in Notify:File; left out, the leader of the team that the alarm goes to.</param>
    public sealed record SecondBody(string? By, string? Person);

    /// <param name="Channels">By which the code goes; the next where one fails.</param>
    public sealed record SecondAnswer(string Person, string Name, IReadOnlyList<string> Channels, string Until);

    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var (action, summary) in Actions)
        {
            routes.MapPost($"/alarms/{{id}}/{action}", (string id, HttpContext context, Acting acting, FamilyCatalog families) => ActAsync(action, id, context, acting, families))
                .Needs(Role.Operator).Keeps(ScopeRule.Within).Takes().WithSummary(summary).Accepts<ActionBody>("application/json").Produces<AlarmRoutes.AlarmShape>();
        }
        routes.MapPost("/alarms/{id}/second-person", AskAsync)
            .Needs(Role.Operator).Keeps(ScopeRule.Within).Takes().WithSummary("Sends a second person a code of six digits, good for five minutes and one shelve or suppress of this critical alarm by the caller.")
            .Accepts<SecondBody>("application/json").Produces<SecondAnswer>();
    }

    private static async Task ActAsync(string action, string id, HttpContext context, Acting acting, FamilyCatalog families)
    {
        var body = await ApiJson.ReadAsync<ActionBody>(context);
        var caller = Caller.Of(context);
        // Whoever resets on site has a name; "operator" is none.
        var isNameless = action == "reset" && families.RuleOf(acting.Find(id, caller.Scope)) is { ResetOnSite: true } && body.By is null && caller.Name is null;
        var alarm = await acting.ActAsync(action, id, body, isNameless ? "" : Operator.Of(context, body.By), caller.Scope, context.RequestAborted, await AgreedAsync(id, body, caller, acting, context));
        await AlarmRoutes.WriteAsync(context, alarm, families);
    }

    private static async Task<SecondAnswer> AskAsync(string id, HttpContext context, Acting acting, SecondPersons second)
    {
        var body = await ApiJson.ReadAsync<SecondBody>(context);
        var asked = await second.AskAsync(acting.Find(id, Caller.Of(context).Scope), Operator.Of(context, body.By), body.Person, context.RequestAborted);
        return new SecondAnswer(asked.Person, asked.Name, asked.Channels, Iso.Time(asked.Until));
    }

    /// <summary>Whose token the second person has shown; null where none is.</summary>
    /// <exception cref="ApiException">400: nobody has tokens here; 401; 403: they may not act on this alarm either; 404: the alarm.</exception>
    private static async Task<string?> AgreedAsync(string id, ActionBody body, Caller caller, Acting acting, HttpContext context)
    {
        if (body.SecondToken is not { } token)
            return null;
        var security = context.RequestServices.GetRequiredService<SecurityParts>();
        if (security.Users is null)
            throw ApiException.BadRequest("bad_body", "secondToken: without users nobody has a token; leave it out");
        var user = await AccessGuard.UserOfAsync(token.Trim(), context, security, context.RequestServices.GetRequiredService<LoginFailures>());
        if (user.Role < Role.Operator)
            throw new ApiException(StatusCodes.Status403Forbidden, "role", $"secondToken: '{user.Name}' is {user.Role.Name()}; whoever agrees is operator at least");
        // Whoever can't see what is hidden can't answer for it.
        return user.Scope.Sees(acting.Find(id, caller.Scope)) ? user.Name : throw AccessGuard.OutOfScope($"secondToken: '{user.Name}' sees {user.Scope}, and not this alarm");
    }
}
