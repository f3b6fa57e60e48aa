using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Telemetry.Tests.Shared;

/// <summary>Debian's broker on a free port; unless told otherwise with queues that drop nothing, and without a memory over a restart.</summary>
internal sealed class Mosquitto : IDisposable
{
    private const string Plain = "allow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 1000\nset_tcp_nodelay true\n";
    private Process _process;

    private Mosquitto(int port, string folder, string configuration)
    {
        (Port, Folder) = (port, folder);
        // Started by root it would change to a user that may not write here.
        File.WriteAllText(Path.Combine(folder, "mosquitto.conf"), $"listener {port} 127.0.0.1\n{configuration}\nuser root\n");
        _process = Launch();
    }

    public int Port { get; }

    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Its own, gone with it.</summary>
    public string Folder { get; }

    public static Task<Mosquitto> StartAsync() => StartAsync(_ => Plain + "persistence false\n");

    /// <summary>Sessions and messages outlive a stop, but no crash.</summary>
    public static Task<Mosquitto> StartPersistentAsync() => StartAsync(folder => Plain + $"persistence true\npersistence_location {folder}/\n");

    /// <param name="configuration">The file's lines behind the listener's, given the broker's folder.</param>
    public static async Task<Mosquitto> StartAsync(Func<string, string> configuration)
    {
        var folder = Directory.CreateTempSubdirectory("mosquitto-").FullName;
        var broker = new Mosquitto(FreePort.Next(), folder, configuration(folder));
        await broker.ListeningAsync();
        return broker;
    }

    /// <summary>As <c>kill -9</c>, then a new broker on the same port.</summary>
    public async Task CrashAndRestartAsync()
    {
        await CrashAsync();
        await RestartAsync();
    }

    public async Task CrashAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM: it writes down what it has to keep.</summary>
    public async Task StopAsync()
    {
        Signal("TERM");
        await _process.WaitForExitAsync();
    }

    /// <summary>After a stop or a crash.</summary>
    public async Task RestartAsync()
    {
        _process.Dispose();
        _process = Launch();
        await ListeningAsync();
    }

    /// <summary>It lives, but does nothing, as a machine that hangs.</summary>
    public void Freeze() => Signal("STOP");

    public void Thaw() => Signal("CONT");

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private Process Launch()
    {
        var process = Process.Start(new ProcessStartInfo("/usr/sbin/mosquitto", ["-c", Path.Combine(Folder, "mosquitto.conf")])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        // Read, or a full pipe would stop it.
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return process;
    }

    private Task ListeningAsync() => Wait.ForAsync("mosquitto listens", async () =>
    {
        if (_process.HasExited)
            throw new InvalidOperationException("mosquitto ended at once: look at its configuration, or the port is taken");
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
