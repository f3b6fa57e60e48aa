using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Telemetry.Ingest.Tests.Gateways.External;

/// <summary>Stands between the service and a real broker: writes down what the service sends, and cuts the line when the test says so.</summary>
internal sealed class Relay : IDisposable
{
    public const byte Connect = 1, PubAck = 4, PingReq = 12, Disconnect = 14;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _broker;
    private readonly ConcurrentQueue<ConcurrentQueue<byte>> _connections = new();
    private readonly ConcurrentQueue<Socket> _sockets = new();

    public Relay(int broker)
    {
        _broker = broker;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>Answers CONNECT of version 5 as a broker of 3.1.1 does.</summary>
    public bool RefusesVersion5 { get; set; }

    /// <summary>Kinds of the packets of each connection so far, in order.</summary>
    public IReadOnlyList<byte[]> Sent => [.. _connections.Select(connection => connection.ToArray())];

    /// <summary>All connections break, without a word.</summary>
    public void Cut()
    {
        while (_sockets.TryDequeue(out var socket))
            socket.Close(timeout: 0);
    }

    public void Dispose()
    {
        _listener.Dispose();
        Cut();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptSocketAsync());
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // Over.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        var broker = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        try
        {
            await broker.ConnectAsync(IPAddress.Loopback, _broker);
            _sockets.Enqueue(client);
            _sockets.Enqueue(broker);
            await Task.WhenAny(FromServiceAsync(client, broker), FromBrokerAsync(broker, client));
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // As if the broker were not there.
        }
        client.Dispose();
        broker.Dispose();
    }

    private async Task FromServiceAsync(Socket service, Socket broker)
    {
        var kinds = new ConcurrentQueue<byte>();
        var read = new List<byte>();
        var buffer = new byte[16384];
        while (await service.ReceiveAsync(buffer) is > 0 and var count)
        {
            read.AddRange(buffer.AsSpan(0, count));
            while (TakePacket(read) is { } packet)
            {
                // Readings' connection only: the alarms' has a clean session.
                if (packet[0] >> 4 == Connect && (packet[9] & 2) == 0)
                    _connections.Enqueue(kinds);
                kinds.Enqueue((byte)(packet[0] >> 4));
                if (packet[0] >> 4 == Connect && packet[8] == 5 && RefusesVersion5)
                {
                    await service.SendAsync(new byte[] { 0x20, 2, 0, 1 });
                    return;
                }
            }
            await broker.SendAsync(buffer.AsMemory(0, count));
        }
    }

    private static async Task FromBrokerAsync(Socket broker, Socket service)
    {
        var buffer = new byte[16384];
        while (await broker.ReceiveAsync(buffer) is > 0 and var count)
            await service.SendAsync(buffer.AsMemory(0, count));
    }

    private static byte[]? TakePacket(List<byte> from)
    {
        int length = 0, at = 1;
        for (var shift = 0; ; shift += 7)
        {
            if (at >= from.Count)
                return null;
            length |= (from[at] & 0x7F) << shift;
            if (from[at++] < 0x80)
                break;
        }
        if (from.Count < at + length)
            return null;
        var packet = from.GetRange(0, at + length).ToArray();
        from.RemoveRange(0, at + length);
        return packet;
    }
}
