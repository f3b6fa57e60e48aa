using System.Security.Claims;

namespace Telemetry.Ingest.OperatorPage.Session;

/// <summary>Carries a session's id from the request that opens the live connection to the components behind it.</summary>
internal static class PagePrincipal
{
    private const string SessionClaim = "session";

    public static ClaimsPrincipal Of(string session) => new(new ClaimsIdentity([new Claim(SessionClaim, session)], "session"));

    public static string? SessionOf(ClaimsPrincipal user) => user.FindFirst(SessionClaim)?.Value;
}
