using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Tests.Api;

/// <summary>Kestrel with the service's limits, the ten seconds of its headers shortened to four.</summary>
public sealed class HttpLimitTests : IAsyncLifetime
{
    private readonly ConnectionGate _gate = new(new GatewayLimits { Total = -998, StrangersPerAddress = int.MaxValue }, TimeProvider.System, NullLogger.Instance);
    private WebApplication _host = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            HttpLimits.Apply(kestrel, TimeSpan.FromSeconds(4));
            kestrel.Listen(IPAddress.Loopback, 0, _gate.Use);
        });
        _host = builder.Build();
        _host.MapGet("/", () => Results.Ok());
        await _host.StartAsync();
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    /// <summary>What is answered until the connection is closed.</summary>
    private async Task<string> SayAsync(string text)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, new Uri(_host.Urls.Single()).Port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(Wait.Longest, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Slowloris_on_HTTP_headers_that_never_end_are_answered_408_and_closed() => Assert.StartsWith("HTTP/1.1 408", await SayAsync("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "), StringComparison.Ordinal);

    [Fact]
    public async Task Headers_beyond_16_KiB_are_answered_431() => Assert.StartsWith("HTTP/1.1 431", await SayAsync($"GET / HTTP/1.1\r\nHost: x\r\nX-Long: {new string('x', 20_000)}\r\n\r\n"), StringComparison.Ordinal);

    [Fact]
    public async Task A_flood_of_HTTP_connections_is_closed_beyond_the_limit()
    {
        var port = new Uri(_host.Urls.Single()).Port;
        var flood = new List<TcpClient>();
        for (var i = 0; i < 5; i++)
        {
            flood.Add(new TcpClient());
            try
            {
                await flood[^1].ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
            }
            catch (SocketException)
            {
                // Closed so soon that connecting fails.
            }
        }
        await Wait.ForAsync("the refusals", () => _gate.Refused.GetValueOrDefault("total") == 3);
        Assert.Equal(2, _gate.Open);
        flood.ForEach(client => client.Dispose());
    }
}
