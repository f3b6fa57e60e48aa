using Telemetry.Ingest.OperatorPage.Session;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Api;

/// <summary>
/// With users: every call but the open ones needs a token (programs) or a session's cookie (the page), and the role of its route. What a
/// browser sends by itself, the cookie, changes something only from our own page.
/// </summary>
public static class AccessGuard
{
    /// <exception cref="ApiException">401 <c>unauthenticated</c>, 403 <c>role</c>, <c>scope</c>, <c>password_change</c> or <c>foreign_origin</c>, 415.</exception>
    public static async Task<Caller> CheckAsync(HttpContext context, SecurityParts security, LoginFailures failures, AcceptsFile? file, AcceptsForm? form = null)
    {
        var request = context.Request;
        // Between a proxy and a browser nothing of what one user saw may be kept for another.
        if (request.Path.StartsWithSegments("/api"))
            context.Response.Headers.CacheControl = "no-store";
        if (NeededRole(context) is not { } role)
        {
            CheckChange(request, fromBrowser: form is null, file, form);
            return new Caller(null, Role.Viewer, Scope.Nothing, () => true);
        }
        // No browser keeps another site's page from opening a socket here.
        if (context.WebSockets.IsWebSocketRequest && IsForeign(request))
            throw new ApiException(StatusCodes.Status403Forbidden, "foreign_origin", "a page of another origin may open no connection here");
        var (user, byCookie, isStillAllowed) = await UserAsync(context, security, failures);
        if (user.MustChangePassword && context.GetEndpoint()?.Metadata.GetMetadata<OneTimeToo>() is null)
            throw new ApiException(StatusCodes.Status403Forbidden, "password_change", "this password was for one time: set your own first, at the page or by PUT /api/v1/account/password");
        if (user.Role < role)
        {
            throw new ApiException(StatusCodes.Status403Forbidden, "role", $"{request.Method} {request.Path} needs the role {role.Name()}; '{user.Name}' is {user.Role.Name()}")
                .With("needed", role.Name());
        }
        if (!user.Scope.IsCity && IsOfTheCity(context))
            throw OutOfScope($"{request.Method} {request.Path} is of the whole city; '{user.Name}' sees {user.Scope}");
        CheckChange(request, byCookie, file, form);
        return new Caller(user.Name, user.Role, user.Scope, () => isStillAllowed() is { } now && now.Role >= role && now.Scope.Covers(user.Scope), user);
    }

    /// <summary>403 <c>scope</c>: a change that reaches beyond what the caller sees.</summary>
    public static ApiException OutOfScope(string detail) => new(StatusCodes.Status403Forbidden, "scope", detail);

    // What nobody has thought about shows nothing to those who may not see everything.
    private static bool IsOfTheCity(HttpContext context) =>
        context.GetEndpoint() is RouteEndpoint endpoint && endpoint.Metadata.GetMetadata<ScopeMark>() is not { Rule: ScopeRule.Within or ScopeRule.OfNoDevice };

    private static Role? NeededRole(HttpContext context)
    {
        if (context.GetEndpoint() is { } endpoint && endpoint.Metadata.GetMetadata<AccessRule>() is { } rule)
            return rule.Role;
        // What does not exist, or not by this method, is told to anyone who may look.
        return context.GetEndpoint() is RouteEndpoint ? Role.Administrator : Role.Viewer;
    }

    private static async Task<(User User, bool ByCookie, Func<User?> IsStillAllowed)> UserAsync(HttpContext context, SecurityParts security, LoginFailures failures)
    {
        if (BearerToken(context.Request) is { } token)
        {
            var user = await UserOfAsync(token, context, security, failures);
            return (user, false, () => security.Users!.Still(user.Key));
        }
        if (SessionCookie.Read(context.Request) is { } id && await security.Sessions!.FindAsync(id) is { } known)
        {
            context.User = PagePrincipal.Of(id);
            return (known, true, () => security.Sessions.Find(id));
        }
        throw Unauthenticated(context, "send Authorization: Bearer tlm_…, or log in at the page");
    }

    /// <summary>Whose token it is; one that is nobody's is counted, and answered slowly.</summary>
    /// <exception cref="ApiException">401.</exception>
    public static async Task<User> UserOfAsync(string token, HttpContext context, SecurityParts security, LoginFailures failures)
    {
        var (user, refusal) = security.Users!.Find(token);
        if (user is not null)
            return user;
        var address = context.Connection.RemoteIpAddress;
        await failures.SlowDownAsync(address, context.RequestAborted);
        failures.Refused("http", address, null, refusal);
        throw Unauthenticated(context, refusal == LoginRefusal.ExpiredToken ? "this token has expired; ask for a new one" : "this token is unknown or was revoked");
    }

    private static ApiException Unauthenticated(HttpContext context, string detail)
    {
        // Kept through the error's answer, which clears what was there before.
        context.Response.OnStarting(() =>
        {
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"Telemetry\"";
            return Task.CompletedTask;
        });
        return new ApiException(StatusCodes.Status401Unauthorized, "unauthenticated", detail);
    }

    private static string? BearerToken(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        const string Scheme = "Bearer ";
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : null;
    }

    private static void CheckChange(HttpRequest request, bool fromBrowser, AcceptsFile? file, AcceptsForm? form)
    {
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method))
            return;
        if (fromBrowser && IsForeign(request))
            throw new ApiException(StatusCodes.Status403Forbidden, "foreign_origin", "a page of another origin may change nothing here");
        if (OpenModeGuard.CheckContentType(request, file, form) is { } refused)
            throw refused;
    }

    // The scheme is left to Sec-Fetch-Site: behind a proxy that ends TLS we don't know our own.
    private static bool IsForeign(HttpRequest request)
    {
        foreach (var origin in request.Headers.Origin)
        {
            if (!Uri.TryCreate(origin, UriKind.Absolute, out var page) || !string.Equals(page.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return request.Headers["Sec-Fetch-Site"] is { Count: > 0 } site && site.ToString() is not ("same-origin" or "none");
    }
}
