using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Telemetry.Tests.Shared;

/// <summary>Where a server is reached beyond loopback, and by what its clients know it. PEM files.</summary>
internal sealed record TlsPlace(IPAddress Address, string Certificate, string Key, string Authority);

/// <summary>Debian's PostgreSQL on a free port in a directory of its own; fails where it is not installed.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    // It refuses to run as root.
    private const string User = "postgres";

    private static readonly string Programs = Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).Last();

    private readonly TempDirectory _directory = new();
    private readonly int _port = FreePort.Next();
    private Process? _process;

    private readonly TlsPlace? _beyond;

    private PostgresServer(TlsPlace? beyond)
    {
        _beyond = beyond;
        File.WriteAllText(PasswordFile, "s3cret of the cluster\n");
    }

    /// <summary>As <c>Cluster:Postgres</c> takes it.</summary>
    public string Connection =>
        $"Host={_beyond?.Address ?? IPAddress.Loopback};Port={_port};Database=postgres;Username=telemetry" + (_beyond is null ? "" : $";SSL Mode=VerifyFull;Root Certificate={_beyond.Authority}");

    public string PasswordFile => _directory.File("password");

    private string Data => _directory.File("data");

    private string Certificate => _directory.File("certificate");

    private string Key => _directory.File("key");

    /// <param name="beyond">Null for loopback alone, without TLS.</param>
    public static async Task<PostgresServer> StartAsync(TlsPlace? beyond = null)
    {
        var server = new PostgresServer(beyond);
        if (beyond is not null)
        {
            // It takes a key of its own user alone.
            File.Copy(beyond.Certificate, server.Certificate);
            File.Copy(beyond.Key, server.Key);
        }
        if (Environment.UserName == "root")
            await RunAsync("chown", "-R", User, Path.GetDirectoryName(server.PasswordFile)!);
        await RunAsync([.. AsUser("initdb"), "--pgdata", server.Data, "--username", "telemetry", "--pwfile", server.PasswordFile, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync"]);
        if (beyond is not null)
            await File.AppendAllTextAsync(Path.Combine(server.Data, "pg_hba.conf"), $"hostssl all all {beyond.Address}/24 scram-sha-256\n");
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>As <c>kill -9</c>.</summary>
    public async Task CrashAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public Task StartAgainAsync() => Wait.ForAsync("PostgreSQL", async () =>
    {
        // After a crash it waits for the last of its processes to be gone, by refusing to start.
        if (_process is null or { HasExited: true })
            Launch();
        return await EndAsync([.. AsUser("pg_isready"), "--host", "127.0.0.1", "--port", _port.ToString(CultureInfo.InvariantCulture)]) == 0;
    });

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
            await CrashAsync();
        _directory.Dispose();
    }

    private void Launch()
    {
        _process?.Dispose();
        string[] command =
        [
            .. AsUser("postgres"), "-D", Data, "-c", $"port={_port}", "-c", $"listen_addresses=127.0.0.1{(_beyond is null ? "" : $",{_beyond.Address}")}", "-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "max_connections=50", "-c", "shared_buffers=16MB",
            .. _beyond is null ? Array.Empty<string>() : ["-c", "ssl=on", "-c", $"ssl_cert_file={Certificate}", "-c", $"ssl_key_file={Key}"],
        ];
        _process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        // Read, or a full pipe would stop it.
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
    }

    private static string[] AsUser(string program) =>
        Environment.UserName == "root" ? ["setpriv", $"--reuid={User}", $"--regid={User}", "--clear-groups", Path.Combine(Programs, program)] : [Path.Combine(Programs, program)];

    private static async Task RunAsync(params string[] command)
    {
        if (await EndAsync(command) is not 0 and var code)
            throw new InvalidOperationException($"{string.Join(' ', command)} ended with {code}");
    }

    private static async Task<int> EndAsync(string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
