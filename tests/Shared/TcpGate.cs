using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Telemetry.Tests.Shared;

/// <summary>What a line does to the bytes between a client and a server.</summary>
internal enum LineFault
{
    None,

    /// <summary>Each piece comes 100 ms later, in order.</summary>
    Latency,

    /// <summary>Bytes are taken and kept back until the fault is over.</summary>
    Stall,

    /// <summary>Bytes are taken and lost, both ways, and nobody is told; what was connected meanwhile stays so for ever.</summary>
    HalfOpen,

    /// <summary>The next piece is passed on by half, then both ends are reset.</summary>
    Cut,

    /// <summary>One byte at a time.</summary>
    Bytes,

    /// <summary>Connections end, and no other is made.</summary>
    Refused,

    /// <summary>The clients' ends are reset at once and the server is never told; new connections are good.</summary>
    ServerNotTold,

    /// <summary>The servers' ends are reset at once and the client is never told; new connections are good.</summary>
    ClientNotTold,
}

/// <summary>Stands between a client and a server on this machine, and does to their connections what networks do.</summary>
internal sealed class TcpGate : IDisposable
{
    private static readonly TimeSpan Late = TimeSpan.FromMilliseconds(100);

    private readonly int _server;
    private readonly Func<Socket> _socket;
    private readonly ConcurrentDictionary<Line, byte> _lines = new();
    private TcpListener _listener;
    private volatile TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile LineFault _fault;

    /// <param name="server">Its port.</param>
    public TcpGate(int server)
        : this(server, NewSocket)
    {
    }

    /// <summary>To a server of another host, at the port that the gate has here.</summary>
    /// <param name="socket">Makes what speaks from within that host.</param>
    public TcpGate(Func<Socket> socket)
        : this(null, socket)
    {
    }

    private TcpGate(int? server, Func<Socket> socket)
    {
        _socket = socket;
        // One that nobody else takes while connections are refused here.
        _listener = new TcpListener(IPAddress.Loopback, FreePort.Next());
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _server = server ?? Port;
        _ = AcceptAsync(_listener);
    }

    public static Socket NewSocket() => new(SocketType.Stream, ProtocolType.Tcp);

    public int Port { get; }

    /// <summary>Connections that were made.</summary>
    public int Made { get; private set; }

    /// <summary>Of all connections, those that are made meanwhile included.</summary>
    public LineFault Fault
    {
        get => _fault;
        set
        {
            _fault = value;
            if (value == LineFault.HalfOpen)
                All(line => line.IsDead = true);
            if (value is LineFault.Refused or LineFault.ServerNotTold or LineFault.ClientNotTold)
                All(line => line.End(client: value != LineFault.ClientNotTold, server: value != LineFault.ServerNotTold));
            if (value == LineFault.Refused)
                _listener.Stop();
            else if (!_listener.Server.IsBound)
                ListenAgain();
            Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        }
    }

    /// <summary>The clients have waited long enough; the server is not told.</summary>
    public void GiveUp() => All(line => line.End(client: true, server: false));

    public void Dispose()
    {
        _listener.Dispose();
        All(line => line.End(client: true, server: true));
    }

    private void All(Action<Line> what)
    {
        foreach (var line in _lines.Keys)
            what(line);
    }

    private void ListenAgain()
    {
        _listener.Dispose();
        _listener = new TcpListener(IPAddress.Loopback, Port);
        _listener.Start();
        _ = AcceptAsync(_listener);
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
                _ = ServeAsync(await listener.AcceptSocketAsync());
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Over.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        var line = new Line(client, _socket());
        _lines[line] = 0;
        Made++;
        // Accepted before the listener stopped, and not seen by whoever ended the others.
        if (_fault == LineFault.Refused)
            line.End(client: true, server: true);
        try
        {
            await line.Server.ConnectAsync(IPAddress.Loopback, _server);
            line.IsDead |= _fault == LineFault.HalfOpen;
            await Task.WhenAll(PassAsync(line, client, line.Server), PassAsync(line, line.Server, client));
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The server is not there.
        }
        // A dead line stays as it is until the test is over.
        if (!line.IsDead)
        {
            line.End(client: true, server: true);
            _lines.TryRemove(line, out _);
        }
    }

    private async Task PassAsync(Line line, Socket from, Socket to)
    {
        var buffer = new byte[16384];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var count)
            {
                var piece = buffer.AsMemory(0, count);
                while (_fault == LineFault.Stall && _changed.Task is var changed && _fault == LineFault.Stall)
                    await changed;
                if (line.IsDead)
                    continue;
                if (_fault == LineFault.Cut)
                {
                    await SendAsync(to, piece[..((count + 1) / 2)]);
                    line.End(client: true, server: true);
                    return;
                }
                if (_fault == LineFault.Latency)
                    await Task.Delay(Late);
                for (; _fault == LineFault.Bytes && !piece.IsEmpty; piece = piece[1..])
                    await SendAsync(to, piece[..1]);
                await SendAsync(to, piece);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // That end is gone.
        }
        if (!line.IsDead)
            line.End(client: true, server: true);
    }

    private static async Task SendAsync(Socket to, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await to.SendAsync(bytes)..];
    }

    private sealed class Line
    {
        public Line(Socket client, Socket server)
        {
            (Client, Server) = (client, server);
            Client.NoDelay = Server.NoDelay = true;
        }

        public Socket Client { get; }

        public Socket Server { get; }

        /// <summary>Bytes were lost on it: nothing more may pass.</summary>
        public volatile bool IsDead;

        public void End(bool client, bool server)
        {
            IsDead = true;
            if (client)
                Client.Close(timeout: 0);
            if (server)
                Server.Close(timeout: 0);
        }
    }
}
