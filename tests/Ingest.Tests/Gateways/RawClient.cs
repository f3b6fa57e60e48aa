using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Telemetry.Ingest.Tests.Gateways;

/// <summary>MQTT by hand, for what no well-behaved client does.</summary>
internal sealed class RawClient : IDisposable
{
    public const byte ConnAck = 0x20, PubAck = 0x40, PubRec = 0x50, PubComp = 0x70, SubAck = 0x90, PingResp = 0xD0, Disconnect = 0xE0;

    public const string Topic = "telemetry/v1/gw-1/manhole_cover/mc-1";

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private Stream _stream;
    private bool _version5;

    public RawClient(int port)
    {
        _socket.Connect(IPAddress.Loopback, port);
        _stream = new NetworkStream(_socket, ownsSocket: true);
    }

    /// <summary>From here on by TLS.</summary>
    public async Task<RawClient> SecureAsync(SslClientAuthenticationOptions options)
    {
        var secure = new SslStream(_stream);
        _stream = secure;
        await secure.AuthenticateAsClientAsync(options);
        return this;
    }

    /// <returns>The CONNACK's body: flags and reason code.</returns>
    public async Task<byte[]> ConnectAsync(string clientId, bool version5 = false, bool clean = true, ushort keepAlive = 0, (string Topic, string Payload, int Quality)? will = null, string? user = null, string? password = null)
    {
        _version5 = version5;
        var flags = (clean ? 2 : 0) | (will is null ? 0 : 4 | will.Value.Quality << 3) | (user is null ? 0 : 0x80) | (password is null ? 0 : 0x40);
        // Session expiry of an hour, so that a session without a clean start outlives its connection.
        byte[] properties = version5 ? [5, 0x11, 0, 0, 0x0E, 0x10] : [];
        byte[] willPart = will is { } w ? [.. version5 ? [(byte)0] : Array.Empty<byte>(), .. Text(w.Topic), .. Text(w.Payload)] : [];
        byte[] loginPart = [.. user is null ? [] : Text(user), .. password is null ? [] : Text(password)];
        await SendAsync(Packet(0x10, [.. Text("MQTT"), (byte)(version5 ? 5 : 4), (byte)flags, .. Number(keepAlive), .. properties, .. Text(clientId), .. willPart, .. loginPart]));
        return (await ReceiveAsync(ConnAck))[..2];
    }

    /// <returns>The CONNACK's whole body, in MQTT 5.</returns>
    public async Task<byte[]> ConnectWholeAsync(string clientId, ushort keepAlive)
    {
        _version5 = true;
        await SendAsync(Packet(0x10, [.. Text("MQTT"), 5, 2, .. Number(keepAlive), 0, .. Text(clientId)]));
        return await ReceiveAsync(ConnAck);
    }

    public static byte[] Value(double value) => Encoding.UTF8.GetBytes(FormattableString.Invariant($$$"""{"values":{"tilt_angle":{{{value}}}}}"""));

    public byte[] Publish(int quality, ushort id, byte[] payload, string topic = Topic, bool duplicate = false, ushort alias = 0)
    {
        byte[] properties = !_version5 ? [] : alias == 0 ? [0] : [3, 0x23, .. Number(alias)];
        return Packet((byte)(0x30 | quality << 1 | (duplicate ? 8 : 0)), [.. Text(topic), .. quality > 0 ? Number(id) : [], .. properties, .. payload]);
    }

    public static byte[] Release(ushort id) => Packet(0x62, Number(id));

    public byte[] Subscribe(ushort id, params string[] filters) => Packet(0x82, [.. Number(id), .. _version5 ? [(byte)0] : Array.Empty<byte>(), .. filters.SelectMany(filter => (byte[])[.. Text(filter), 1])]);

    public Task SendAsync(params byte[][] packets) => _stream.WriteAsync(packets.SelectMany(p => p).ToArray()).AsTask();

    /// <summary>Everything that the broker had to say before now has been said: its answer to a ping is the next packet.</summary>
    public async Task NothingIsSaidAsync()
    {
        await SendAsync([0xC0, 0]);
        await ReceiveAsync(PingResp);
    }

    /// <summary>The next packet's body; fails if it is of another kind, or none comes within 20 s.</summary>
    /// <param name="besides">May come before it.</param>
    public async Task<byte[]> ReceiveAsync(byte kind, byte besides = 0)
    {
        var (header, body) = await ReceiveAsync() ?? throw new EndOfStreamException("the broker closed the connection");
        if ((header & 0xF0) == besides)
            return await ReceiveAsync(kind);
        Assert.Equal(kind, header & 0xF0);
        return body;
    }

    public async Task<ushort> ReceiveIdAsync(byte kind) => BinaryPrimitives.ReadUInt16BigEndian(await ReceiveAsync(kind));

    /// <summary>Null where the broker ends the connection instead.</summary>
    public async Task<ushort?> TryReceiveIdAsync(byte kind)
    {
        if (await ReceiveAsync() is not var (header, body))
            return null;
        Assert.Equal(kind, header & 0xF0);
        return BinaryPrimitives.ReadUInt16BigEndian(body);
    }

    /// <summary>The broker ends the connection without another word.</summary>
    public async Task IsClosedAsync() => Assert.Null(await ReceiveAsync());

    /// <summary>Resets the connection, as a modem that lost its power does not even do.</summary>
    public void Kill()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    public void Dispose() => _stream.Dispose();

    private async Task<(byte Header, byte[] Body)?> ReceiveAsync()
    {
        using var deadline = new CancellationTokenSource(Wait.Longest);
        try
        {
            var one = new byte[1];
            await _stream.ReadExactlyAsync(one, deadline.Token);
            var header = one[0];
            var length = 0;
            for (var shift = 0; ; shift += 7)
            {
                await _stream.ReadExactlyAsync(one, deadline.Token);
                length |= (one[0] & 0x7F) << shift;
                if (one[0] < 0x80)
                    break;
            }
            var body = new byte[length];
            await _stream.ReadExactlyAsync(body, deadline.Token);
            return (header, body);
        }
        catch (Exception error) when (error is EndOfStreamException or IOException)
        {
            return null;
        }
    }

    private static byte[] Packet(byte header, byte[] body)
    {
        var packet = new List<byte> { header };
        var length = body.Length;
        do
        {
            packet.Add((byte)((length & 0x7F) | (length > 0x7F ? 0x80 : 0)));
            length >>= 7;
        }
        while (length > 0);
        packet.AddRange(body);
        return [.. packet];
    }

    private static byte[] Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return [.. Number((ushort)bytes.Length), .. bytes];
    }

    private static byte[] Number(ushort number) => [(byte)(number >> 8), (byte)number];
}
