using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Telemetry.Dashboards.Tests.Deploy;

/// <summary>docs/deploy/nats.conf and what make-secrets makes, in three real nats-servers, with nodes that reach them by TLS and password as in the sets. Ports, folders and host names alone are this machine's.</summary>
public sealed class NatsTests(SecretsFixture secrets) : IAsyncLifetime
{
    private const int Servers = 3;
    private readonly TempDirectory _folder = new();
    private readonly List<Process> _processes = [];
    private readonly int[] _clients = Ports(), _monitors = Ports(), _routes = Ports();

    private string Urls => string.Join(',', _clients.Select(port => string.Create(CultureInfo.InvariantCulture, $"tls://localhost:{port}")));

    public async ValueTask InitializeAsync()
    {
        var routes = string.Join(',', _routes.Select(port => string.Create(CultureInfo.InvariantCulture, $"nats://localhost:{port}")));
        for (var i = 0; i < Servers; i++)
        {
            var folder = Directory.CreateDirectory(_folder.File($"nats-{i}")).FullName;
            Directory.CreateSymbolicLink(Path.Combine(folder, "secrets"), secrets.PathOf("nats"));
            await File.WriteAllTextAsync(Path.Combine(folder, "nats.conf"), Configuration(i, folder));
            var process = Process.Start(new ProcessStartInfo("/usr/sbin/nats-server", ["-c", Path.Combine(folder, "nats.conf"), "--name", $"nats-{i}", "--routes", routes]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            process.BeginErrorReadLine();
            process.BeginOutputReadLine();
            _processes.Add(process);
        }
        using var http = new HttpClient();
        await Wait.ForAsync("a leader", async () =>
        {
            try
            {
                using var state = JsonDocument.Parse(await http.GetStringAsync($"http://127.0.0.1:{_monitors[0]}/jsz"));
                return state.RootElement.TryGetProperty("meta_cluster", out var meta) && meta.TryGetProperty("leader", out var leader) && leader.GetString() is { Length: > 0 } && meta.GetProperty("cluster_size").GetInt32() == Servers;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
        _folder.Dispose();
    }

    [Fact]
    public async Task Nodes_share_a_log_on_them_and_the_probes_of_the_sets_find_them_well()
    {
        await using var first = await StartAsync("first");
        await using var second = await StartAsync("second");
        await Tool.FeedAsync("mosquitto_pub", """{"values":{"gas_alarm_state":"high"}}""", "-h", "127.0.0.1", "-p", first.MqttPort.ToString(CultureInfo.InvariantCulture), "-q", "1", "-t", "telemetry/v1/gw-1/gas_valve/gas-1", "-s");
        await second.AlarmAsync("gas-1", "leak_high");
        using var http = new HttpClient();
        foreach (var probe in (string[])["healthz?js-server-only=true", "healthz?js-enabled-only=true"])
            Assert.Equal(200, (int)(await http.GetAsync($"http://127.0.0.1:{_monitors[1]}/{probe}")).StatusCode);
    }

    private Task<ServiceProcess> StartAsync(string name) => ServiceProcess.StartAsync(
        _folder.File(name), 0, "--Cluster:Enabled=true", $"--Cluster:Servers={Urls}", "--Cluster:User=telemetry",
        $"--Cluster:PasswordFile={secrets.PathOf("telemetry/nats-password")}", $"--Cluster:CaFile={secrets.PathOf("telemetry/ca.crt")}");

    private string Configuration(int server, string folder)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs/deploy/nats.conf"));
        foreach (var (old, replacement) in new[]
        {
            ("0.0.0.0:4222", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_clients[server]}")), ("0.0.0.0:8222", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_monitors[server]}")),
            ("0.0.0.0:6222", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_routes[server]}")), ("/etc/nats/secrets", Path.Combine(folder, "secrets")), ("store_dir: /data", $"store_dir: \"{folder}/data\""), ("max_file_store: 280GB", "max_file_store: 1GB"),
        })
        {
            Assert.Contains(old, text, StringComparison.Ordinal);
            text = text.Replace(old, replacement, StringComparison.Ordinal);
        }
        return text;
    }

    private static int[] Ports() => [.. Enumerable.Range(0, Servers).Select(_ => FreePort.Next())];
}
