using System.Net.Sockets;
using System.Text;

namespace Telemetry.EndToEnd.Tests;

/// <summary>What systemd is told over its notification socket, which the test holds in its place.</summary>
public sealed class SupervisorTests : IDisposable
{
    private readonly TempDirectory _data = new();
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly StringBuilder _told = new();

    public void Dispose()
    {
        _socket.Dispose();
        _data.Dispose();
    }

    [Fact]
    public async Task It_says_when_it_is_ready_that_it_lives_and_that_it_stops()
    {
        var path = Path.Combine(_data.Path, "notify");
        _socket.Bind(new UnixDomainSocketEndPoint(path));
        await using var service = await ServiceProcess.StartInAsync([$"NOTIFY_SOCKET={path}", "WATCHDOG_USEC=600000"], Path.Combine(_data.Path, "data"));
        await ToldAsync("READY=1");
        await ToldAsync("WATCHDOG=1\nSTATUS=ready");
        Assert.Equal(0, await service.StopAsync());
        await ToldAsync("STOPPING=1");
    }

    private async Task ToldAsync(string what)
    {
        using var deadline = new CancellationTokenSource(Wait.Longest);
        var buffer = new byte[1024];
        while (!_told.ToString().Contains(what, StringComparison.Ordinal))
            _told.Append(Encoding.UTF8.GetString(buffer, 0, await _socket.ReceiveAsync(buffer, deadline.Token))).Append('\n');
    }
}
