using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Api;

/// <summary>The cookie that carries a session's id: no script can read it, and no other site's page makes the browser send it.</summary>
public static class SessionCookie
{
    private const string Name = "telemetry_session";

    public static string? Read(HttpRequest request) => request.Cookies[Name];

    public static void Write(HttpContext context, string id) => context.Response.Cookies.Append(Name, id, Options(context.Request, Sessions.Lifetime));

    public static void Delete(HttpContext context) => context.Response.Cookies.Delete(Name, Options(context.Request, null));

    private static CookieOptions Options(HttpRequest request, TimeSpan? maxAge) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        // A proxy in front that ends TLS says so; if somebody else says so, the cookie is only the more careful.
        Secure = request.IsHttps || request.Headers["X-Forwarded-Proto"] == "https",
        Path = "/",
        MaxAge = maxAge,
    };
}
