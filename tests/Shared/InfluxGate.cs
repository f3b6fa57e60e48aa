using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Telemetry.Tests.Shared;

/// <summary>
/// Stands before an <see cref="Influxd"/>: rewrites what 2.x calls differently, and can be told to fail in the ways that a server, a proxy
/// or a network does.
/// </summary>
internal sealed class InfluxGate : IAsyncDisposable
{
    private readonly Uri _server;
    private readonly WebApplication _app;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private readonly ConcurrentQueue<string> _tokens = new();
    private readonly CancellationTokenSource _stopping = new();
    private volatile InfluxFault? _fault;
    private volatile string? _right;
    private long _requests;

    private InfluxGate(Uri server, int port)
    {
        _server = server;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public Uri Url => new(_app.Urls.Single());

    /// <summary>Null forwards everything.</summary>
    public InfluxFault? Fault { get => _fault; set => _fault = value; }

    /// <summary>The only token that is taken; null takes any.</summary>
    public string? Token { get => _right; set => _right = value; }

    /// <summary>Requests seen, refused ones included.</summary>
    public long Requests => Interlocked.Read(ref _requests);

    /// <summary>Every value of the Authorization header, in order.</summary>
    public IReadOnlyCollection<string> Tokens => _tokens;

    /// <param name="port">0 takes a free one.</param>
    public static async Task<InfluxGate> StartAsync(Uri server, int port = 0)
    {
        var gate = new InfluxGate(server, port);
        await gate._app.StartAsync();
        return gate;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _http.Dispose();
        _stopping.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _requests);
        var token = context.Request.Headers.Authorization.ToString();
        _tokens.Enqueue(token);
        var fault = Fault;
        if (Token is { } right && token != $"Token {right}")
            fault = InfluxFault.Unauthorized;
        if (fault?.When is { } when && !when(context.Request))
            fault = null;
        if (fault is { After: false })
            await FailAsync(context, fault);
        else
            await ForwardAsync(context, fault);
    }

    private async Task FailAsync(HttpContext context, InfluxFault fault)
    {
        if (fault.Hangs)
        {
            var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var left = context.RequestAborted.Register(() => over.TrySetResult());
            await using var stopped = _stopping.Token.Register(() => over.TrySetResult());
            await over.Task;
        }
        if (fault.Hangs || fault.Cuts)
        {
            context.Abort();
            return;
        }
        context.Response.StatusCode = (int)fault.Status;
        if (fault.RetryAfter is { } retryAfter)
            context.Response.Headers.RetryAfter = retryAfter;
        await context.Response.WriteAsync(fault.Body);
    }

    private async Task ForwardAsync(HttpContext context, InfluxFault? fault)
    {
        var path = InfluxRewrite.PathOf(context.Request.Path + context.Request.QueryString);
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(_server, path)) { Content = new StreamContent(context.Request.Body) };
        foreach (var name in new[] { "Content-Type", "Content-Encoding" })
        {
            if (context.Request.Headers[name] is [{ } value])
                request.Content.Headers.TryAddWithoutValidation(name, value);
        }
        try
        {
            using var response = await _http.SendAsync(request, context.RequestAborted);
            if (fault is not null)
            {
                await FailAsync(context, fault);
                return;
            }
            context.Response.StatusCode = (int)response.StatusCode;
            context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
            if (response.StatusCode != HttpStatusCode.NoContent)
                await response.Content.CopyToAsync(context.Response.Body);
        }
        catch (HttpRequestException)
        {
            context.Abort();
        }
    }
}

/// <summary>A way to fail.</summary>
/// <param name="When">Only for such requests; null for all.</param>
/// <param name="After">The request has reached the server; only its answer is lost.</param>
internal sealed record InfluxFault(HttpStatusCode Status, string Body = "", string? RetryAfter = null, bool Hangs = false, bool Cuts = false, bool After = false,
    Func<HttpRequest, bool>? When = null)
{
    public static readonly InfluxFault Unauthorized = new(HttpStatusCode.Unauthorized, """{"code":"unauthorized","message":"unauthorized access"}""");
    public static readonly InfluxFault Hang = new(0, Hangs: true);
    public static readonly InfluxFault Cut = new(0, Cuts: true);
    public static readonly InfluxFault CutAfterStoring = new(0, Cuts: true, After: true);
    public static readonly InfluxFault BadRequest = new(HttpStatusCode.BadRequest, """{"code":"invalid","message":"nothing is right today"}""");
    public static readonly InfluxFault TooLarge = new(HttpStatusCode.RequestEntityTooLarge);
    public static readonly InfluxFault ServerError = new(HttpStatusCode.InternalServerError, "panic");
    public static readonly InfluxFault BucketMissing = new(HttpStatusCode.NotFound, """{"code":"not found","message":"bucket \"city\" not found"}""");

    public static InfluxFault Busy(string? retryAfter = null) => new(HttpStatusCode.TooManyRequests, """{"code":"too many requests","message":"rate limit"}""", retryAfter);

    public static InfluxFault Unavailable(string? retryAfter = null) => new(HttpStatusCode.ServiceUnavailable, """{"error":"timeout"}""", retryAfter);
}
