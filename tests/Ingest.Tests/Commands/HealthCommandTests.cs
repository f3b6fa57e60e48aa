using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Telemetry.Ingest.Commands;

namespace Telemetry.Ingest.Tests.Commands;

/// <summary>The exit code is all that a supervisor looks at.</summary>
public sealed class HealthCommandTests
{
    [Theory]
    [InlineData(200, 0)]
    [InlineData(204, 0)]
    [InlineData(302, 1)]
    [InlineData(404, 1)]
    [InlineData(503, 1)]
    public async Task It_is_well_where_the_answer_says_so(int status, int exitCode)
    {
        await using var server = await ServerAsync(context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "/elsewhere";
            return status == 204 ? Task.CompletedTask : context.Response.WriteAsync("""{"missing":{"store_failing":"duckdb"}}""");
        });
        var (code, output, error) = await RunAsync("--url", $"{server.Urls.Single()}/health/ready");

        Assert.Equal(exitCode, code);
        Assert.StartsWith($"{status} ", exitCode == 0 ? output : error, StringComparison.Ordinal);
        if (status == 503)
            Assert.Contains("store_failing", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nobody_listens_it_is_not_well()
    {
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var port = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();

        var (code, output, error) = await RunAsync("--url", $"http://127.0.0.1:{port}/health/live");

        Assert.Equal((1, ""), (code, output));
        Assert.Contains("no answer", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_that_takes_the_connection_and_says_nothing_is_not_well()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var error = new StringWriter();

        var code = await HealthCommand.RunAsync($"http://{silent.LocalEndpoint}/health/live", TimeSpan.FromMilliseconds(200), TextWriter.Null, error, TestContext.Current.CancellationToken);

        Assert.Equal(1, code);
        Assert.Contains("within 0.2 s", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1:8080")]
    [InlineData("/health/live")]
    [InlineData("ftp://127.0.0.1/")]
    public async Task What_is_no_address_is_named(string url)
    {
        var (code, output, error) = await RunAsync("--url", url);

        Assert.Equal((2, ""), (code, output));
        Assert.Contains("http://127.0.0.1:8080/health/ready", error, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = await new RootCommand { HealthCommand.Create() }.Parse(["health", .. arguments]).InvokeAsync(new InvocationConfiguration { Output = output, Error = error });
        return (exitCode, output.ToString(), error.ToString());
    }

    private static async Task<WebApplication> ServerAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.Run(answer);
        await app.StartAsync();
        return app;
    }
}
