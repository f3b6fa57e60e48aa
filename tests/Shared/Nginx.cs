using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Telemetry.Tests.Shared;

/// <summary>Debian's nginx before the nodes of a cluster, with the configuration that the project ships, on ports of its own.</summary>
internal sealed class Nginx : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private Process _process = null!;

    public int Port { get; } = FreePort.Next();

    /// <param name="nodes">Ports of three nodes.</param>
    public static async Task<Nginx> StartAsync(params int[] nodes)
    {
        var nginx = new Nginx();
        var shipped = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "deploy", "nginx-cluster.conf"));
        foreach (var (port, own) in new[] { 1883, 1884, 1885, 1880 }.Zip([.. nodes, nginx.Port]))
            shipped = shipped.Replace(string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"), string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{own}"), StringComparison.Ordinal);
        await File.WriteAllTextAsync(
            nginx._directory.File("nginx.conf"),
            $"load_module /usr/lib/nginx/modules/ngx_stream_module.so;\ndaemon off;\nuser root;\npid {nginx._directory.File("pid")};\nerror_log {nginx._directory.File("error.log")};\nevents {{ worker_connections 1024; }}\n{shipped}");
        nginx._process = Process.Start(new ProcessStartInfo("/usr/sbin/nginx", ["-p", nginx._directory.Path, "-e", nginx._directory.File("error.log"), "-c", nginx._directory.File("nginx.conf")]))!;
        await Wait.ForAsync("nginx", async () =>
        {
            if (nginx._process.HasExited)
                throw new InvalidOperationException($"nginx ended: {await File.ReadAllTextAsync(nginx._directory.File("error.log"))}");
            try
            {
                using var socket = new TcpClient();
                await socket.ConnectAsync("127.0.0.1", nginx.Port);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        });
        return nginx;
    }

    public async ValueTask DisposeAsync()
    {
        // Its worker ends with it only if it is asked to.
        using (var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _directory.Dispose();
    }
}
