using Microsoft.AspNetCore.Components.Authorization;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.OperatorPage.Session;

/// <summary>Who sits before this page. Asked anew for each action: a token that was revoked acts no more.</summary>
public sealed class PageUser(SecurityParts security, AuthenticationStateProvider authentication)
{
    /// <summary>The session before this page, and whose it is now; null in open mode, and once it has ended.</summary>
    // Known before any component is: it has been there since the request that opened the page.
    public (string Id, User User)? Session => security.Sessions is { } sessions && authentication.GetAuthenticationStateAsync() is { IsCompletedSuccessfully: true } known
        && PagePrincipal.SessionOf(known.GetAwaiter().GetResult().User) is { } id && sessions.Find(id) is { } user ? (id, user) : null;

    /// <summary>What there is for this person now; nothing once the session has ended.</summary>
    public Scope Scope => security.Sessions is null ? Scope.City : Session?.User.Scope ?? Scope.Nothing;

    /// <summary>Null once the session has ended.</summary>
    public async Task<Caller?> CurrentAsync()
    {
        if (security.Sessions is not { } sessions)
            return Caller.Open;
        var state = await authentication.GetAuthenticationStateAsync();
        return PagePrincipal.SessionOf(state.User) is { } id && sessions.Find(id) is { } user ? new Caller(user.Name, user.Role, user.Scope, () => sessions.Find(id) is not null, user) : null;
    }

    /// <exception cref="ApiException">401, 403: said as the API says it.</exception>
    public async Task<Caller> NeedAsync(Role role)
    {
        var caller = await CurrentAsync() ?? throw new ApiException(StatusCodes.Status401Unauthorized, "unauthenticated", "your session has ended; log in again");
        return caller.Role >= role
            ? caller
            : throw new ApiException(StatusCodes.Status403Forbidden, "role", $"this needs the role {role.Name()}; '{caller.Name}' is {caller.Role.Name()}");
    }
}
