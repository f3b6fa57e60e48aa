namespace Telemetry.Ingest.Api;

/// <summary>The page's live connection lasts as long as its session: one that was logged out or revoked gets nothing more, whatever its browser does.</summary>
internal static class SocketWatch
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public static RequestDelegate Around(RequestDelegate next, Caller caller, TimeProvider time) => async context =>
    {
        using var timer = time.CreateTimer(
            _ =>
            {
                if (!caller.IsStillAllowed())
                    context.Abort();
            },
            null, Interval, Interval);
        await next(context);
    };
}
