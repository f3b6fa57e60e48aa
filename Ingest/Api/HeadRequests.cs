namespace Telemetry.Ingest.Api;

/// <summary>HEAD is answered as GET without the body, by every route that takes GET. Stands before the routes are looked at, so that roles and scopes hold as for GET.</summary>
internal static class HeadRequests
{
    public static Task AsGetAsync(HttpContext context, RequestDelegate next)
    {
        if (HttpMethods.IsHead(context.Request.Method))
        {
            context.Features.Set(new Head());
            // The server keeps to what it was asked and sends no body, whatever is written.
            context.Request.Method = HttpMethods.Get;
        }
        return next(context);
    }

    /// <summary>Nobody reads the body: what never ends need not begin.</summary>
    public static bool WasAsked(HttpContext context) => context.Features.Get<Head>() is not null;

    private sealed record Head;
}
