namespace Telemetry.Ingest.Api;

/// <summary>What every answer tells a browser, errors too; an answer that needs another policy has set it by then.</summary>
internal static class SecurityHeaders
{
    private const string Nothing = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    // Pages that stand alone, such as a backtest's: their own styles, and nothing from anywhere.
    private const string Alone = Nothing + "; style-src 'unsafe-inline'; img-src data:";

    // Seconds; browsers that have come by TLS once come by nothing else for a year.
    private const string Strict = "max-age=31536000";

    public static Task AddAsync(HttpContext context, RequestDelegate next)
    {
        context.Response.OnStarting(() =>
        {
            var headers = context.Response.Headers;
            headers.XContentTypeOptions = "nosniff";
            headers.XFrameOptions = "DENY";
            headers["Referrer-Policy"] = "no-referrer";
            headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers["Cross-Origin-Resource-Policy"] = "same-origin";
            if (headers.ContentSecurityPolicy.Count == 0)
                headers.ContentSecurityPolicy = context.Response.ContentType?.StartsWith("text/html", StringComparison.Ordinal) == true ? Alone : Nothing;
            if (context.Request.IsHttps)
                headers.StrictTransportSecurity = Strict;
            return Task.CompletedTask;
        });
        return next(context);
    }
}
