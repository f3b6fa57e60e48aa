using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Telemetry.Simulators.Tests;

/// <summary>Debian's broker on a free port, with queues that drop nothing.</summary>
internal sealed class Mosquitto : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mosquitto-").FullName;
    private Process _process;

    private Mosquitto(int port)
    {
        Port = port;
        File.WriteAllText(
            Path.Combine(_folder, "mosquitto.conf"),
            $"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 1000\nset_tcp_nodelay true\npersistence false\n");
        _process = Launch();
    }

    public int Port { get; }

    public static async Task<Mosquitto> StartAsync()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        var broker = new Mosquitto(port);
        await broker.ListeningAsync();
        return broker;
    }

    /// <summary>As <c>kill -9</c>, then a new broker on the same port that remembers nothing.</summary>
    public async Task CrashAndRestartAsync()
    {
        await StopAsync();
        _process = Launch();
        await ListeningAsync();
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StopAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private Process Launch() => Process.Start(new ProcessStartInfo("/usr/sbin/mosquitto", ["-c", Path.Combine(_folder, "mosquitto.conf")])
    {
        RedirectStandardError = true,
        RedirectStandardOutput = true,
    })!;

    private Task ListeningAsync() => Wait.ForAsync("mosquitto listens", async () =>
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    });
}
