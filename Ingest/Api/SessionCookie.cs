using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Api;

/// <summary>The cookie that carries a session's id: no script can read it, and no other site's page makes the browser send it.</summary>
public static class SessionCookie
{
    private const string Name = "telemetry_session";

    /// <summary>Over TLS: a browser takes this name from us alone, for all paths, and never from a page over plain HTTP.</summary>
    private const string HostName = "__Host-" + Name;

    public static string? Read(HttpRequest request) => request.Cookies[IsSecure(request) ? HostName : Name];

    public static void Write(HttpContext context, string id) => context.Response.Cookies.Append(IsSecure(context.Request) ? HostName : Name, id, Options(context.Request, Sessions.Lifetime));

    public static void Delete(HttpContext context) => context.Response.Cookies.Delete(IsSecure(context.Request) ? HostName : Name, Options(context.Request, null));

    // A proxy in front that ends TLS says so; if somebody else says so, the cookie is only the more careful.
    private static bool IsSecure(HttpRequest request) => request.IsHttps || request.Headers["X-Forwarded-Proto"] == "https";

    private static CookieOptions Options(HttpRequest request, TimeSpan? maxAge) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = IsSecure(request),
        Path = "/",
        MaxAge = maxAge,
    };
}
