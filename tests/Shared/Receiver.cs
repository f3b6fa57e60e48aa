using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Telemetry.Tests.Shared;

/// <summary>One request, as it came.</summary>
internal sealed record Received(string Path, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string Key => Headers.GetValueOrDefault("Idempotency-Key", "");

    /// <summary>Who called.</summary>
    public required IPAddress From { get; init; }
}

/// <summary>How a request is answered.</summary>
internal enum Answer
{
    Yes,

    /// <summary>Never, until the caller leaves.</summary>
    TimeOut,

    /// <summary>429 with Retry-After: 1.</summary>
    TooMany,

    Error500,
    Reset,

    /// <summary>A byte now and then, without an end.</summary>
    Drip,

    /// <summary>200 with a page in place of an answer.</summary>
    Wrong,

    /// <summary>400: not this message.</summary>
    Refuse,
}

/// <summary>A provider on a free port: remembers what it said yes to, and fails as it is told.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Received> _all = new();
    private readonly ConcurrentQueue<Received> _taken = new();
    private readonly Func<Received, Answer> _answer;
    private readonly string _yes;

    private Receiver(Func<Received, Answer> answer, string yes, X509Certificate2? certificate, IPAddress address, int port)
    {
        (_answer, _yes) = (answer, yes);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(address, port, listen =>
        {
            if (certificate is not null)
                listen.UseHttps(certificate);
        }));
        _app = builder.Build();
        _app.Run(TakeAsync);
    }

    public Uri Url => new(_app.Urls.Single());

    /// <summary>What it has said yes to, in order.</summary>
    public IReadOnlyList<Received> Taken => [.. _taken];

    /// <summary>What a yes waits for, once that was done which was asked; nothing where nothing is said.</summary>
    public Func<Task> BeforeYes { get; set; } = () => Task.CompletedTask;

    /// <summary>Every request.</summary>
    public IReadOnlyList<Received> All => [.. _all];

    /// <param name="address">Null for loopback.</param>
    public static async Task<Receiver> StartAsync(
        Func<Received, Answer>? answer = null, string yes = """{"code":0,"errcode":0}""", X509Certificate2? certificate = null, IPAddress? address = null, int port = 0)
    {
        var receiver = new Receiver(answer ?? (_ => Answer.Yes), yes, certificate, address ?? IPAddress.Loopback, port);
        await receiver._app.StartAsync();
        return receiver;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var received = new Received(
            context.Request.Path + context.Request.QueryString, context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), await reader.ReadToEndAsync())
        {
            From = context.Connection.RemoteIpAddress!,
        };
        _all.Enqueue(received);
        try
        {
            switch (_answer(received))
            {
                case Answer.Yes:
                    _taken.Enqueue(received);
                    await BeforeYes().WaitAsync(context.RequestAborted);
                    await context.Response.WriteAsync(_yes);
                    break;
                case Answer.TimeOut:
                    await Task.Delay(Timeout.Infinite, context.RequestAborted);
                    break;
                case Answer.TooMany:
                    context.Response.StatusCode = 429;
                    context.Response.Headers.RetryAfter = "1";
                    break;
                case Answer.Error500:
                    context.Response.StatusCode = 500;
                    break;
                case Answer.Reset:
                    context.Abort();
                    break;
                case Answer.Drip:
                    while (true)
                    {
                        await context.Response.WriteAsync(" ", context.RequestAborted);
                        await context.Response.Body.FlushAsync(context.RequestAborted);
                        await Task.Delay(50, context.RequestAborted);
                    }
                case Answer.Wrong:
                    await context.Response.WriteAsync("<html>It works!</html>");
                    break;
                default:
                    context.Response.StatusCode = 400;
                    break;
            }
        }
        catch (OperationCanceledException)
        {
            // The caller has left.
        }
    }
}
