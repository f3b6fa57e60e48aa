using System.Diagnostics;
using System.Globalization;

namespace Telemetry.EndToEnd.Tests;

/// <summary>A host of <see cref="NetworkHosts"/> with a nats-server and a service on it. Tests reach the service by the same ports on this machine's loopback.</summary>
internal sealed class ClusterHost : IAsyncDisposable
{
    private const int NatsPort = 4222, RoutePort = 6222, NodePort = 11111;
    private const string User = "telemetry", Password = "s3cret of the stream";

    private readonly NetworkHosts _network;
    private readonly int _number;
    private readonly string _directory;
    private readonly TcpGate _mqtt;
    private readonly TcpGate _http;
    private Process? _nats;
    private ServiceProcess? _service;

    /// <param name="directory">Of the host's data, which is made.</param>
    public ClusterHost(NetworkHosts network, int number, string directory)
    {
        (_network, _number, _directory) = (network, number, Directory.CreateDirectory(directory).FullName);
        _mqtt = new TcpGate(() => network.SocketOn(number));
        _http = new TcpGate(() => network.SocketOn(number));
    }

    public ServiceProcess Service => _service ?? throw new InvalidOperationException("not started");

    /// <summary>As its users find it.</summary>
    public string Output => _service?.Output ?? "(not started)";

    /// <param name="hosts">Of the cluster, this one among them.</param>
    /// <param name="certificates">With <c>ca.pem</c>, and each host's.</param>
    public void StartNats(int hosts, string certificates)
    {
        var own = _network.AddressOf(_number);
        var configuration = Path.Combine(_directory, "nats.conf");
        File.WriteAllText(
            configuration,
            string.Create(CultureInfo.InvariantCulture, $$"""
            server_name: {{NetworkHosts.NameOf(_number)}}
            listen: {{own}}:{{NatsPort}}
            max_payload: 4MB
            tls { cert_file: "{{certificates}}/{{own}}.pem", key_file: "{{certificates}}/{{own}}.key" }
            authorization { user: {{User}}, password: "{{Password}}" }
            jetstream { store_dir: "{{Path.Combine(_directory, "jetstream")}}", max_memory_store: 64MB, max_file_store: 4GB }
            cluster {
              name: telemetry
              listen: {{own}}:{{RoutePort}}
              tls { cert_file: "{{certificates}}/{{own}}.pem", key_file: "{{certificates}}/{{own}}.key", ca_file: "{{certificates}}/ca.pem", verify: true }
              routes: [{{string.Join(", ", Enumerable.Range(0, hosts).Select(host => string.Create(CultureInfo.InvariantCulture, $"\"nats://{_network.AddressOf(host)}:{RoutePort}\"")))}}]
            }
            """));
        var command = _network.Command(_number, "/usr/sbin/nats-server", "-c", configuration);
        _nats = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        // Read, or a full pipe would stop it.
        _nats.BeginErrorReadLine();
        _nats.BeginOutputReadLine();
    }

    public async Task StartServiceAsync(int hosts, string certificates, params string[] more)
    {
        var own = _network.AddressOf(_number);
        var password = Path.Combine(_directory, "nats-password");
        await File.WriteAllTextAsync(password, Password);
        var command = _network.Command(
            _number,
            [
                "dotnet", ServiceProcess.Dll, string.Create(CultureInfo.InvariantCulture, $"--Mqtt:Port={_mqtt.Port}"), string.Create(CultureInfo.InvariantCulture, $"--Http:Port={_http.Port}"),
                $"--Data:Path={Path.Combine(_directory, "data")}", "--Cluster:Enabled=true",
                $"--Cluster:Servers={string.Join(',', Enumerable.Range(0, hosts).Select(host => string.Create(CultureInfo.InvariantCulture, $"tls://{_network.AddressOf(host)}:{NatsPort}")))}",
                $"--Cluster:User={User}", $"--Cluster:PasswordFile={password}", $"--Cluster:CaFile={certificates}/ca.pem",
                string.Create(CultureInfo.InvariantCulture, $"--Cluster:Node={own}:{NodePort}"), $"--Cluster:NodeCertificate={certificates}/{own}.pem", $"--Cluster:NodeCertificateKey={certificates}/{own}.key",
                $"--Cluster:NodeCaFile={certificates}/ca.pem", .. more,
            ]);
        _service = await ServiceProcess.StartByAsync(command[0], command[1..]);
    }

    public async ValueTask DisposeAsync()
    {
        if (_service is not null)
            await _service.DisposeAsync();
        _mqtt.Dispose();
        _http.Dispose();
        if (_nats is not null)
        {
            _nats.Kill();
            await _nats.WaitForExitAsync();
            _nats.Dispose();
        }
    }
}
