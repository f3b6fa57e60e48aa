using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Api;

/// <summary>How the page logs in: a token becomes a cookie, so that no script has to keep the token and the event stream can use it.</summary>
public static class SessionRoutes
{
    public sealed record LoginBody(string? Token);

    /// <param name="Users">False in open mode: everybody is administrator, and there is nothing to log in to.</param>
    /// <param name="Name">Null in open mode.</param>
    /// <param name="Districts">What the caller sees; null for all.</param>
    /// <param name="Families">Likewise.</param>
    /// <param name="Role">viewer, operator, engineer, administrator.</param>
    public sealed record SessionAnswer(bool Users, string? Name, string Role, IReadOnlyList<string>? Districts, IReadOnlyList<string>? Families);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/session", (HttpContext context) => Answer(Caller.Of(context)))
            .Needs(Role.Viewer).Keeps(ScopeRule.OfNoDevice).Takes().WithSummary("Who the caller is.");
        routes.MapPost("/session", LogInAsync)
            .IsOpen().Keeps(ScopeRule.OfNoDevice).Takes().WithSummary("Logs a browser in: the token becomes a cookie of 12 hours.").Accepts<LoginBody>("application/json").Produces<SessionAnswer>();
        routes.MapDelete("/session", LogOut)
            .IsOpen().Keeps(ScopeRule.OfNoDevice).Takes().WithSummary("Logs the browser out.").Produces(StatusCodes.Status204NoContent);
    }

    private static SessionAnswer Answer(Caller caller) => new(caller.Name is not null, caller.Name, caller.Role.Name(), caller.Scope.Districts, caller.Scope.Families);

    private static async Task<SessionAnswer> LogInAsync(HttpContext context, SecurityParts security, LoginFailures failures)
    {
        if (security.Sessions is not { } sessions)
            throw ApiException.Conflict("open_mode", "no users are configured, so there is nothing to log in to");
        var body = await ApiJson.ReadAsync<LoginBody>(context);
        var user = await AccessGuard.UserOfAsync((body.Token ?? "").Trim(), context, security, failures);
        SessionCookie.Write(context, sessions.Begin(user));
        return new SessionAnswer(true, user.Name, user.Role.Name(), user.Scope.Districts, user.Scope.Families);
    }

    private static IResult LogOut(HttpContext context, SecurityParts security)
    {
        if (SessionCookie.Read(context.Request) is { } id)
            security.Sessions?.End(id);
        SessionCookie.Delete(context);
        return Results.NoContent();
    }
}
