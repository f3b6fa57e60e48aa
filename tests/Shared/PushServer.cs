using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Telemetry.Tests.Shared;

/// <summary>A message as a push service got it.</summary>
internal sealed record Pushed(string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body);

/// <summary>A push service (RFC 8030) on a free port; answers as it is told.</summary>
internal sealed class PushServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Pushed> _all = new();

    private PushServer(Action<HttpContext> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            _all.Enqueue(new Pushed(context.Request.Path, context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), body.ToArray()));
            answer(context);
        });
    }

    public Uri Url => new(_app.Urls.Single());

    public IReadOnlyList<Pushed> All => [.. _all];

    /// <param name="answer">Default 201.</param>
    public static async Task<PushServer> StartAsync(Action<HttpContext>? answer = null)
    {
        var server = new PushServer(answer ?? (context => context.Response.StatusCode = StatusCodes.Status201Created));
        await server._app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
