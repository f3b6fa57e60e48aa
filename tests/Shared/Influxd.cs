using System.Diagnostics;
using System.Net;
using System.Text.Json;

namespace Telemetry.Tests.Shared;

/// <summary>Debian's InfluxDB 1.6.7 on free ports in a directory of its own; fails where it is not installed.</summary>
internal sealed class Influxd : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly HttpClient _http = new();
    private Process _process = null!;

    private Influxd()
    {
        var port = FreePort.Next();
        Url = new Uri($"http://127.0.0.1:{port}/");
        File.WriteAllText(
            _directory.File("influxd.toml"),
            $"""
            reporting-disabled = true
            bind-address = "127.0.0.1:{FreePort.Next()}"
            [meta]
            dir = "{_directory.File("meta")}"
            [data]
            dir = "{_directory.File("data")}"
            wal-dir = "{_directory.File("wal")}"
            index-version = "tsi1"
            max-series-per-database = 0
            max-values-per-tag = 0
            [monitor]
            store-enabled = false
            [http]
            bind-address = "127.0.0.1:{port}"
            log-enabled = false
            """);
    }

    public Uri Url { get; }

    /// <summary>For what 1.x does not ask for: any token does.</summary>
    public string TokenFile => _directory.File("token");

    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static async Task<Influxd> StartAsync()
    {
        var server = new Influxd();
        File.WriteAllText(server.TokenFile, "any\n");
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>As <c>kill -9</c>.</summary>
    public async Task CrashAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    public async Task StartAgainAsync()
    {
        _process = Process.Start(new ProcessStartInfo("influxd", ["-config", _directory.File("influxd.toml")]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Wait.ForAsync("influxd", PingAsync);
        // Another server at the same port would answer too, and ours would have ended.
        if (_process.HasExited)
            throw new InvalidOperationException($"influxd ended with {_process.ExitCode}; the answer at {Url} is somebody else's");
    }

    public Task CreateDatabaseAsync(string name) => QueryAsync($"CREATE DATABASE \"{name}\"", null);

    public Task DropDatabaseAsync(string name) => QueryAsync($"DROP DATABASE \"{name}\"", null);

    /// <summary>The rows of all series of a query's first statement.</summary>
    public async Task<JsonElement[][]> RowsAsync(string influxql, string database)
    {
        var result = (await QueryAsync(influxql, database)).GetProperty("results")[0];
        return result.TryGetProperty("series", out var series)
            ? [.. series.EnumerateArray().SelectMany(each => each.GetProperty("values").EnumerateArray()).Select(row => row.EnumerateArray().ToArray())]
            : [];
    }

    public async Task<JsonElement> QueryAsync(string influxql, string? database)
    {
        using var form = new FormUrlEncodedContent([new("q", influxql), new("db", database ?? ""), new("epoch", "ns")]);
        using var response = await _http.PostAsync(new Uri(Url, "query"), form);
        var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        if (!response.IsSuccessStatusCode || answer.GetProperty("results").EnumerateArray().Any(result => result.TryGetProperty("error", out _)))
            throw new InvalidOperationException($"{influxql}: {answer}");
        return answer;
    }

    public async ValueTask DisposeAsync()
    {
        await CrashAsync();
        _http.Dispose();
        _directory.Dispose();
    }

    private async Task<bool> PingAsync()
    {
        try
        {
            using var response = await _http.GetAsync(new Uri(Url, "ping"));
            return response.StatusCode == HttpStatusCode.NoContent;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

}

/// <summary>What a 1.x server calls differently from 2.x; for a client in this process.</summary>
internal sealed class InfluxRewrite() : DelegatingHandler(new SocketsHttpHandler())
{
    public static string PathOf(string pathAndQuery) =>
        pathAndQuery.Contains("/api/v2/write", StringComparison.Ordinal)
            // A bucket is database and retention policy: city/alarms.
            ? pathAndQuery.Replace("/api/v2/write", "/write", StringComparison.Ordinal).Replace("bucket=", "db=", StringComparison.Ordinal).Replace("%2F", "&rp=", StringComparison.Ordinal)
            : pathAndQuery;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.RequestUri = new Uri(request.RequestUri!, PathOf(request.RequestUri!.PathAndQuery));
        return base.SendAsync(request, cancellationToken);
    }
}
