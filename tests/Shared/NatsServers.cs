using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Telemetry.Tests.Shared;

/// <summary>Three of Debian's nats-server on free ports, with JetStream, as one cluster; fails where it is not installed.</summary>
internal sealed class NatsServers : IAsyncDisposable
{
    private const int Count = 3;
    private const int MostAttempts = 3;
    private readonly TempDirectory _directory = new();
    private readonly Process?[] _processes = new Process?[Count];
    private readonly int[] _clientPorts = Ports();
    private readonly int[] _monitorPorts = Ports();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };

    private NatsServers()
    {
        var routes = Ports();
        for (var i = 0; i < Count; i++)
        {
            File.WriteAllText(
                _directory.File($"{i}.conf"),
                $$"""
                server_name: n{{i}}
                listen: 127.0.0.1:{{_clientPorts[i]}}
                http: 127.0.0.1:{{_monitorPorts[i]}}
                max_payload: 4MB
                jetstream { store_dir: "{{_directory.File($"js{i}")}}", max_memory_store: 64MB, max_file_store: 4GB }
                cluster {
                  name: telemetry
                  listen: 127.0.0.1:{{routes[i]}}
                  routes: [{{string.Join(", ", routes.Select(port => $"\"nats://127.0.0.1:{port}\""))}}]
                }
                """);
        }
    }

    /// <summary>As <c>Cluster:Servers</c> takes them.</summary>
    public string Urls => string.Join(',', _clientPorts.Select(port => $"nats://127.0.0.1:{port}"));

    /// <summary>Of one server.</summary>
    public string Url(int server) => $"nats://127.0.0.1:{_clientPorts[server]}";

    public static async Task<NatsServers> StartAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            var servers = new NatsServers();
            for (var i = 0; i < Count; i++)
                servers.Launch(i);
            await Wait.ForAsync("nats-servers with a leader", async () => servers.HasOneEnded || (await servers.MetaLeaderAsync()).Length > 0);
            if (!servers.HasOneEnded)
                return servers;
            await servers.DisposeAsync();
            // Between asking for a port that is free and listening there another test may have taken it.
            if (attempt == MostAttempts)
                throw new InvalidOperationException("a nats-server ended by itself at each start");
        }
    }

    /// <summary>As <c>kill -9</c>.</summary>
    public async Task CrashAsync(int server)
    {
        _processes[server]!.Kill();
        await _processes[server]!.WaitForExitAsync();
        _processes[server]!.Dispose();
        _processes[server] = null;
    }

    public void StartAgain(int server) => Launch(server);

    /// <summary>One that does not run loses what it held.</summary>
    public void Empty(int server) => Directory.Delete(_directory.File($"js{server}"), recursive: true);

    /// <summary>It lives, but does nothing, as a machine that hangs.</summary>
    public void Freeze(int server) => Signal("STOP", server);

    public void Thaw(int server) => Signal("CONT", server);

    /// <summary>Which server leads the stream; null while none does.</summary>
    public async Task<int?> LeaderAsync(string stream) => await ClusterOfAsync(stream) is { } cluster ? cluster.GetProperty("leader").GetString()![1] - '0' : null;

    /// <summary>Every replica of the stream holds what its leader holds.</summary>
    public async Task<bool> AreCurrentAsync(string stream) =>
        await ClusterOfAsync(stream) is { } cluster && cluster.TryGetProperty("replicas", out var replicas) && replicas.GetArrayLength() == Count - 1
        && replicas.EnumerateArray().All(replica => replica.GetProperty("current").GetBoolean() && !(replica.TryGetProperty("offline", out var offline) && offline.GetBoolean()));

    /// <summary>As the stream's leader tells it; null while there is none that lives.</summary>
    private async Task<JsonElement?> ClusterOfAsync(string stream)
    {
        for (var i = 0; i < Count; i++)
        {
            if (_processes[i] is null)
                continue;
            try
            {
                using var state = JsonDocument.Parse(await _http.GetStringAsync($"http://127.0.0.1:{_monitorPorts[i]}/jsz?streams=true"));
                if (!state.RootElement.TryGetProperty("account_details", out var accounts))
                    continue;
                foreach (var each in accounts.EnumerateArray().Where(account => account.TryGetProperty("stream_detail", out _)).SelectMany(account => account.GetProperty("stream_detail").EnumerateArray()))
                {
                    if (each.GetProperty("name").GetString() == stream && each.TryGetProperty("cluster", out var cluster) && cluster.TryGetProperty("leader", out var leader) && leader.GetString() == $"n{i}")
                        return cluster.Clone();
                }
            }
            catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
            {
                // Not yet, or no more; another one may know.
            }
        }
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        for (var i = 0; i < Count; i++)
        {
            if (_processes[i] is not null)
                await CrashAsync(i);
        }
        _http.Dispose();
        _directory.Dispose();
    }

    private bool HasOneEnded => _processes.Any(process => process is null or { HasExited: true });

    private async Task<string> MetaLeaderAsync()
    {
        try
        {
            using var state = JsonDocument.Parse(await _http.GetStringAsync($"http://127.0.0.1:{_monitorPorts[0]}/jsz"));
            return state.RootElement.TryGetProperty("meta_cluster", out var meta) && meta.TryGetProperty("leader", out var leader) ? leader.GetString() ?? "" : "";
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            return "";
        }
    }

    private void Launch(int server)
    {
        var process = Process.Start(new ProcessStartInfo("/usr/sbin/nats-server", ["-c", _directory.File($"{server}.conf")]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        // Read, or a full pipe would stop it.
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        _processes[server] = process;
    }

    private void Signal(string name, int server)
    {
        using var kill = Process.Start("kill", [$"-{name}", _processes[server]!.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private static int[] Ports() => [.. Enumerable.Range(0, Count).Select(_ => FreePort.Next())];
}
