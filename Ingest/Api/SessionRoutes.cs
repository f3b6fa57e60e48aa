using System.Globalization;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Api;

/// <summary>How the page logs in: a password or a token becomes a cookie, so that no script has to keep it and the event stream can use it.</summary>
public static class SessionRoutes
{
    /// <param name="Name">With a password.</param>
    /// <param name="Token">Instead of both.</param>
    public sealed record LoginBody(string? Name, string? Password, string? Token);

    /// <param name="Current">The one-time password, or the one of before.</param>
    /// <param name="Next">12 to 128 characters.</param>
    public sealed record PasswordBody(string? Current, string? Next);

    /// <param name="Users">False in open mode: everybody is administrator, and there is nothing to log in to.</param>
    /// <param name="Name">Null in open mode.</param>
    /// <param name="Role">viewer, operator, engineer, administrator.</param>
    /// <param name="Districts">What the caller sees; null for all.</param>
    /// <param name="Families">Likewise.</param>
    /// <param name="MustChangePassword">Nothing else is answered until then.</param>
    public sealed record SessionAnswer(bool Users, string? Name, string Role, IReadOnlyList<string>? Districts, IReadOnlyList<string>? Families, bool MustChangePassword);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/session", (HttpContext context) => Caller.Of(context) is { User: { } user } ? Answer(user) : new SessionAnswer(false, null, Role.Administrator.Name(), null, null, false))
            .Needs(Role.Viewer).Keeps(ScopeRule.OfNoDevice).AlsoWithOneTimePassword().Takes().WithSummary("Who the caller is.");
        routes.MapPost("/session", LogInAsync)
            .IsOpen().Keeps(ScopeRule.OfNoDevice).Takes().WithSummary("Logs a browser in: name and password, or a token, become a cookie of 12 hours, 2 without use.").Accepts<LoginBody>("application/json").Produces<SessionAnswer>();
        routes.MapDelete("/session", LogOutAsync)
            .IsOpen().Keeps(ScopeRule.OfNoDevice).Takes().WithSummary("Logs the browser out.").Produces(StatusCodes.Status204NoContent);
        routes.MapDelete("/session/others", EndOthersAsync)
            .Needs(Role.Viewer).Keeps(ScopeRule.OfNoDevice).Takes().WithSummary("Logs the caller out of every other browser.").Produces(StatusCodes.Status204NoContent);
        routes.MapPut("/account/password", SetPasswordAsync)
            .Needs(Role.Viewer).Keeps(ScopeRule.OfNoDevice).AlsoWithOneTimePassword().Takes().WithSummary("Sets the caller's own password. Every other session of that person ends.")
            .Accepts<PasswordBody>("application/json").Produces<SessionAnswer>();
    }

    private static SessionAnswer Answer(User user) => new(true, user.Name, user.Role.Name(), user.Scope.Districts, user.Scope.Families, user.MustChangePassword);

    private static async Task<SessionAnswer> LogInAsync(HttpContext context, SecurityParts security, LoginFailures failures)
    {
        if (security.Sessions is null)
            throw ApiException.Conflict("open_mode", "no users are configured, so there is nothing to log in to");
        var body = await ApiJson.ReadAsync<LoginBody>(context);
        if (body.Token is not null && (body.Name is not null || body.Password is not null))
            throw ApiException.BadRequest("bad_body", "name and password, or token: not both");
        var user = body.Name is null && body.Password is null
            ? await AccessGuard.UserOfAsync((body.Token ?? "").Trim(), context, security, failures)
            : await ByPasswordAsync(body.Name ?? "", body.Password ?? "", context, security);
        await BeginAsync(user, context, security);
        return Answer(user);
    }

    /// <summary>A new id each time: one that somebody else has put into this browser before is worth nothing.</summary>
    internal static async Task BeginAsync(User user, HttpContext context, SecurityParts security, bool isForeign = false)
    {
        if (SessionCookie.Read(context.Request) is { } before)
            await security.Sessions!.EndAsync(before);
        SessionCookie.Write(context, await security.Sessions!.BeginAsync(user, isForeign));
    }

    /// <exception cref="ApiException">401 whatever is wrong, 429 with how long to wait, 503.</exception>
    private static async Task<User> ByPasswordAsync(string name, string password, HttpContext context, SecurityParts security)
    {
        var (user, refusal, wait) = await security.Passwords!.TryAsync(name, password, context.Connection.RemoteIpAddress, context.RequestAborted);
        if (user is not null)
            return user;
        if (refusal == LoginRefusal.Busy)
            throw new ApiException(StatusCodes.Status503ServiceUnavailable, "busy", "too many passwords wait to be checked; try again");
        if (refusal != LoginRefusal.TooManyTries)
            throw new ApiException(StatusCodes.Status401Unauthorized, "unauthenticated", "name or password is wrong");
        var seconds = (int)Math.Ceiling(wait.TotalSeconds);
        context.Response.OnStarting(() =>
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            return Task.CompletedTask;
        });
        throw new ApiException(StatusCodes.Status429TooManyRequests, "too_many_tries", $"too many tries; the next one in {seconds} s");
    }

    private static async Task<SessionAnswer> SetPasswordAsync(HttpContext context, SecurityParts security, AccountChanges changes)
    {
        var body = await ApiJson.ReadAsync<PasswordBody>(context);
        var name = Caller.Of(context).User?.Name ?? throw ApiException.Conflict("open_mode", "no users are configured, so nobody has a password");
        changes.NeedOwn(name);
        await ByPasswordAsync(name, body.Current ?? "", context, security);
        if (body.Next == body.Current)
            throw ApiException.BadRequest("weak_password", "next: the same as before");
        var user = await changes.SetPasswordAsync(name, body.Next ?? "", context.RequestAborted);
        await BeginAsync(user, context, security);
        return Answer(user);
    }

    private static async Task<IResult> EndOthersAsync(HttpContext context, SecurityParts security)
    {
        if (SessionCookie.Read(context.Request) is not { } id || security.Sessions is not { } sessions)
            throw ApiException.Conflict("no_session", "only a browser that has logged in has others beside it");
        await sessions.EndOthersAsync(id);
        return Results.NoContent();
    }

    private static async Task<IResult> LogOutAsync(HttpContext context, SecurityParts security)
    {
        if (SessionCookie.Read(context.Request) is { } id && security.Sessions is { } sessions)
            await sessions.EndAsync(id);
        SessionCookie.Delete(context);
        return Results.NoContent();
    }
}
