using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace Telemetry.Tests.Shared;

/// <summary>Debian's alertmanager on a free port, alone, in a directory of its own.</summary>
internal sealed class AlertmanagerServer : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly HttpClient _http;
    private readonly Process _process;

    private AlertmanagerServer()
    {
        var port = FreePort.Next();
        Url = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/"));
        _http = new HttpClient { BaseAddress = Url };
        File.WriteAllText(_directory.File("alertmanager.yml"), "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n");
        var start = new ProcessStartInfo("prometheus-alertmanager") { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])[$"--config.file={_directory.File("alertmanager.yml")}", $"--storage.path={_directory.File("data")}", $"--web.listen-address={Url.Authority}", "--cluster.listen-address="])
            start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public Uri Url { get; }

    public static async Task<AlertmanagerServer> StartAsync()
    {
        var server = new AlertmanagerServer();
        await Wait.ForAsync("the alertmanager", server.IsReadyAsync);
        return server;
    }

    /// <summary>What stands.</summary>
    public async Task<IReadOnlyList<JsonElement>> AlertsAsync() => [.. (await _http.GetFromJsonAsync<JsonElement>("api/v2/alerts")).EnumerateArray()];

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _http.Dispose();
        _directory.Dispose();
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            return (await _http.GetAsync(new Uri("-/ready", UriKind.Relative))).IsSuccessStatusCode;
        }
        catch (HttpRequestException) when (!_process.HasExited)
        {
            return false;
        }
    }
}
