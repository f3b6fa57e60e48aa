using System.ComponentModel;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Microsoft.Win32.SafeHandles;

namespace Telemetry.EndToEnd.Tests;

/// <summary>
/// Hosts that are network namespaces of this machine. One switch joins them and this machine by a cable each, which can be pulled; another one is the way to the outer
/// world, which nobody pulls. Needs root; the test is skipped, with the reason, where namespaces can't be made.
/// </summary>
internal sealed partial class NetworkHosts : IAsyncDisposable
{
    // CLONE_NEWNET of sched.h.
    private const int Network = 0x4000_0000;

    private readonly int _count;
    private readonly string _prefix = string.Create(CultureInfo.InvariantCulture, $"tm{Environment.ProcessId}-");

    // Of 198.18.0.0/15, which RFC 2544 keeps for tests of networks.
    private readonly int _subnet = Environment.ProcessId % 256;

    private NetworkHosts(int count) => _count = count;

    /// <summary>This machine's own address at the switch.</summary>
    public IPAddress Here => IPAddress.Parse(Address("18", 1));

    /// <summary>This machine's own address in the outer world.</summary>
    public IPAddress HereOutside => IPAddress.Parse(Address("19", 1));

    public static async Task<NetworkHosts> CreateAsync(int count)
    {
        var hosts = new NetworkHosts(count);
        try
        {
            await RemoveLeftAsync();
            await IpAsync("netns", "add", hosts.Switch);
        }
        catch (Exception error) when (error is InvalidOperationException or Win32Exception)
        {
            Assert.Skip($"hosts are network namespaces, which can't be made here: {error.Message.ReplaceLineEndings(" ")}");
        }
        try
        {
            await hosts.ConnectAsync();
            return hosts;
        }
        catch
        {
            await hosts.DisposeAsync();
            throw;
        }
    }

    /// <summary>Of the host, from 0, at the switch.</summary>
    public IPAddress AddressOf(int host) => IPAddress.Parse(Address("18", 11 + host));

    /// <summary>Of the host in the outer world.</summary>
    public IPAddress OutsideOf(int host) => IPAddress.Parse(Address("19", 11 + host));

    /// <summary>Its name, as a process there reads it.</summary>
    public static string NameOf(int host) => string.Create(CultureInfo.InvariantCulture, $"h{host + 1}");

    /// <summary>The command that runs a program there; the program takes its place.</summary>
    public string[] Command(int host, params string[] command) =>
        ["ip", "netns", "exec", _prefix + NameOf(host), "unshare", "--uts", "sh", "-c", "hostname \"$0\"; exec \"$@\"", NameOf(host), .. command];

    /// <summary>Pulls the host's cable out of the switch: nobody is told, what is sent is lost.</summary>
    public Task PullAsync(int host) => IpAsync("-n", Switch, "link", "set", NameOf(host), "down");

    public Task PlugAsync(int host) => IpAsync("-n", Switch, "link", "set", NameOf(host), "up");

    /// <summary>Speaks from within the host, wherever it is used.</summary>
    public Socket SocketOn(int host)
    {
        Socket? socket = null;
        // A thread of its own goes there and ends: a socket stays where it was made.
        var thread = new Thread(() =>
        {
            using var place = File.OpenHandle($"/run/netns/{_prefix}{NameOf(host)}", share: FileShare.ReadWrite);
            if (Enter(place, Network) == 0)
                socket = TcpGate.NewSocket();
        });
        thread.Start();
        thread.Join();
        return socket ?? throw new InvalidOperationException($"no way into {NameOf(host)}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var name in Enumerable.Range(0, _count).Select(NameOf).Select(name => _prefix + name).Append(Switch))
        {
            if (File.Exists($"/run/netns/{name}"))
                await RemoveAsync(name);
        }
    }

    private string Switch => _prefix + "switch";

    private async Task ConnectAsync()
    {
        await BatchAsync(Switch, ["link add near type bridge", "link add far type bridge", "link set near up", "link set far up"]);
        await CableAsync("near", null, "here", Here);
        await CableAsync("far", null, "out", HereOutside);
        for (var host = 0; host < _count; host++)
        {
            var name = _prefix + NameOf(host);
            await IpAsync("netns", "add", name);
            await BatchAsync(name, ["link set lo up"]);
            await CableAsync("near", name, NameOf(host), AddressOf(host));
            await CableAsync("far", name, "o" + NameOf(host), OutsideOf(host));
        }
    }

    /// <param name="space">Of the host; null for this machine.</param>
    /// <param name="port">Its name at the switch.</param>
    private async Task CableAsync(string bridge, string? space, string port, IPAddress address)
    {
        var end = space is null ? _prefix + port : bridge;
        await IpAsync(["link", "add", end, .. space is null ? Array.Empty<string>() : ["netns", space], "type", "veth", "peer", "name", port, "netns", Switch]);
        await BatchAsync(Switch, [$"link set {port} master {bridge} up"]);
        await BatchAsync(space, [$"addr add {address}/24 dev {end}", $"link set {end} up"]);
    }

    private string Address(string net, int host) => string.Create(CultureInfo.InvariantCulture, $"198.{net}.{_subnet}.{host}");

    /// <summary>What a run left behind that was killed.</summary>
    private static async Task RemoveLeftAsync()
    {
        foreach (var line in (await Tool.RunAsync("ip", "netns", "list")).Split('\n'))
        {
            if (Left().Match(line) is { Success: true } left && !Directory.Exists($"/proc/{left.Groups["process"].Value}"))
                await RemoveAsync(left.Value);
        }
    }

    /// <summary>With what still runs in it; its cables go with it.</summary>
    private static async Task RemoveAsync(string name)
    {
        foreach (var process in (await Tool.RunAsync("ip", "netns", "pids", name)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            await Tool.RunAsync("sh", "-c", $"kill -9 {process} 2>/dev/null || true");
        await IpAsync("netns", "delete", name);
    }

    private static Task<string> IpAsync(params string[] arguments) => Tool.RunAsync("ip", arguments);

    private static Task<string> BatchAsync(string? space, string[] commands) =>
        Tool.FeedAsync("ip", string.Join('\n', commands) + "\n", [.. space is null ? Array.Empty<string>() : ["-n", space], "-batch", "-"]);

    [GeneratedRegex(@"^tm(?<process>\d+)-\w+")]
    private static partial Regex Left();

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Enter(SafeFileHandle place, int kind);
}
