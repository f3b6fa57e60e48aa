using System.Net;
using Telemetry.Ingest.Notify.Channels;

namespace Telemetry.Ingest.Watchdog;

/// <summary>Takes signed heartbeats at <c>POST /heartbeat</c>; anything else is refused before it costs something.</summary>
internal sealed class HeartbeatListener : IAsyncDisposable
{
    private readonly WebApplication _app;

    private HeartbeatListener(WebApplication app) => _app = app;

    public Uri Url => new(new Uri(_app.Urls.Single()), "heartbeat");

    /// <param name="hear">Returns why it does not count; null where it does.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<HeartbeatListener> StartAsync(IPEndPoint at, SecretFile key, Func<Heartbeat, string?> hear, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = Heartbeat.MaxBody;
            kestrel.Limits.MaxConcurrentConnections = 20;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
            kestrel.AddServerHeader = false;
            kestrel.Listen(at);
        });
        var app = builder.Build();
        app.MapPost("/heartbeat", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
            if (Heartbeat.Read(key.Bytes(), body.ToArray(), request.Headers[Heartbeat.SignatureHeader]) is not { } heartbeat)
                return Results.Text("the signature is not ours\n", statusCode: StatusCodes.Status401Unauthorized);
            return hear(heartbeat) is { } refused ? Results.Text(refused + "\n", statusCode: StatusCodes.Status409Conflict) : Results.NoContent();
        });
        app.MapGet("/health/live", () => Results.NoContent());
        await app.StartAsync(cancellationToken);
        return new HeartbeatListener(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
