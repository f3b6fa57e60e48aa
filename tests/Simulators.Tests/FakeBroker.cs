using System.Net;
using System.Net.Sockets;

namespace Telemetry.Simulators.Tests;

/// <summary>Speaks just enough MQTT to show what a publisher sends, byte for byte, and to cut it off at a chosen moment.</summary>
internal sealed class FakeBroker : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public FakeBroker() => _listener.Start();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async Task<Connection> AcceptAsync(CancellationToken cancellationToken)
    {
        var connection = new Connection(await _listener.AcceptSocketAsync(cancellationToken));
        var hello = await connection.ReadAsync(cancellationToken);
        Assert.Equal(0x10, hello[0]);
        await connection.SendAsync([0x20, 2, 0, 0], cancellationToken);
        return connection;
    }

    public void Dispose() => _listener.Dispose();

    internal sealed class Connection(Socket socket) : IDisposable
    {
        private readonly NetworkStream _stream = new(socket, ownsSocket: true);

        /// <summary>The next packet, whole.</summary>
        public async Task<byte[]> ReadAsync(CancellationToken cancellationToken)
        {
            var packet = new List<byte> { await ReadByteAsync(cancellationToken) };
            var (length, shift) = (0, 0);
            do
            {
                packet.Add(await ReadByteAsync(cancellationToken));
                length |= (packet[^1] & 0x7F) << shift;
                shift += 7;
            }
            while (packet[^1] >= 0x80);
            var body = new byte[length];
            await _stream.ReadExactlyAsync(body, cancellationToken);
            return [.. packet, .. body];
        }

        public ValueTask SendAsync(byte[] packet, CancellationToken cancellationToken) => _stream.WriteAsync(packet, cancellationToken);

        public void Dispose() => _stream.Dispose();

        private async Task<byte> ReadByteAsync(CancellationToken cancellationToken)
        {
            var one = new byte[1];
            await _stream.ReadExactlyAsync(one, cancellationToken);
            return one[0];
        }
    }
}
