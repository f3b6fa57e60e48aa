using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using MQTTnet.Adapter;
using MQTTnet.AspNetCore;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace Telemetry.Ingest.Gateways.External;

/// <summary>
/// One connection to the broker, between the socket and MQTTnet's client. Readings are taken out here and go to the log; connecting,
/// subscribing and our own publishing are MQTTnet's. An acknowledgement belongs to this object: what one connection brought is never
/// acknowledged on another.
/// </summary>
internal sealed class BrokerChannel : IMqttChannelAdapter
{
    // MQTT's own limit: what is too large becomes a dead letter, since the broker would send it again after each disconnect.
    private const int MaxPacket = 268_435_455;
    private const int ReadSize = 64 << 10;
    private const int ConnAck = 2;
    private const int PingResp = 13;
    private static readonly byte[] Ping = [0xC0, 0];
    private static readonly byte[] Disconnect = [0xE0, 0];
    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxStuck = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LeaveTimeout = TimeSpan.FromSeconds(5);

    private readonly Stream _stream;
    private readonly PublishIntake? _intake;
    private readonly PacketInput _input;
    private readonly PacketOutput _output;
    private readonly AcknowledgementQueue _acknowledgements;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _lifetime = new();
    private readonly TaskCompletionSource<BrokerFailureException> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _acknowledging = Task.CompletedTask;
    private TimeSpan _keepAlive;
    private long _pinged;
    private long _messages;

    /// <param name="intake">Where PUBLISH goes; null leaves it to MQTTnet.</param>
    /// <param name="keepAlive">Until the broker says otherwise.</param>
    public BrokerChannel(Stream stream, MqttProtocolVersion version, Func<BrokerChannel, PublishIntake>? intake, TimeSpan keepAlive, TimeProvider time)
    {
        _stream = stream;
        _time = time;
        _keepAlive = keepAlive;
        PacketFormatterAdapter = new MqttPacketFormatterAdapter(version, new MqttBufferWriter(4096, 65535));
        _output = new PacketOutput(PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true)), PacketFormatterAdapter, time);
        _acknowledgements = new AcknowledgementQueue(_output);
        _intake = intake?.Invoke(this);
        _input = new PacketInput(PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: ReadSize, leaveOpen: true)), _intake, _acknowledgements, MaxPacket, time);
    }

    /// <summary>Done at the end of the connection, with the first reason that was seen.</summary>
    public Task<BrokerFailureException> Ended => _ended.Task;

    /// <summary>PUBLISH packets taken.</summary>
    public long Messages => Interlocked.Read(ref _messages);

    public MqttPacketFormatterAdapter PacketFormatterAdapter { get; }

    public EndPoint? RemoteEndPoint => null;

    public EndPoint? LocalEndPoint => null;

    public X509Certificate2? ClientCertificate => null;

    public bool IsSecureConnection => _stream is System.Net.Security.SslStream;

    public long BytesReceived => _input.BytesReceived;

    public long BytesSent => 0;

    public Task ConnectAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void ResetStatistics() => _input.BytesReceived = 0;

    /// <summary>
    /// Reads no more, acknowledges what is still being committed, takes leave (the broker keeps the session) and ends the connection.
    /// </summary>
    public void Leave() => _input.Stop();

    /// <summary>The next packet that is MQTTnet's business; null at the end.</summary>
    public async Task<MqttPacket?> ReceivePacketAsync(CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.UnsafeRegister(static channel => ((BrokerChannel)channel!)._lifetime.Cancel(), this);
        try
        {
            if (await _input.ReceiveAsync(Take, _lifetime.Token) is { } packet)
                return packet;
            await TakeLeaveAsync();
            return null;
        }
        catch (MqttViolationException violation)
        {
            End(new BrokerFailureException(BrokerFailure.Protocol, violation.Message, violation));
            return null;
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            End(BrokerFailure.Of(error));
            throw error as MqttCommunicationException ?? new MqttCommunicationException(error);
        }
    }

    public async Task SendPacketAsync(MqttPacket packet, CancellationToken cancellationToken)
    {
        // Pings are ours: while readings wait for the log nothing is read, and MQTTnet would take the broker for dead.
        if (packet is MqttConnectPacket connect)
            connect.KeepAlivePeriod = (ushort)_keepAlive.TotalSeconds;
        await _output.SendAsync(packet, cancellationToken);
    }

    public async Task DisconnectAsync(CancellationToken cancellationToken)
    {
        await _lifetime.CancelAsync();
        await _stream.DisposeAsync();
        End(new BrokerFailureException(BrokerFailure.Closed, "the connection was closed"));
    }

    public void Dispose()
    {
        _lifetime.Cancel();
        _stream.Dispose();
        _intake?.Dispose();
        End(new BrokerFailureException(BrokerFailure.Closed, "the connection was closed"));
    }

    private void End(BrokerFailureException why) => _ended.TrySetResult(why);

    /// <summary>Ends the connection at once.</summary>
    public void Break(string kind, string why)
    {
        End(new BrokerFailureException(kind, why));
        _lifetime.Cancel();
        _stream.Dispose();
    }

    private MqttPacket? Take(MqttFrame frame, ReadOnlySequence<byte> whole)
    {
        switch (frame.Type)
        {
            case MqttFrame.Publish or MqttFrame.PubRel when _intake is not null:
                _intake.Take(frame, PacketFormatterAdapter.ProtocolVersion == MqttProtocolVersion.V500);
                if (frame.Type == MqttFrame.Publish)
                    Interlocked.Increment(ref _messages);
                return null;
            case PingResp:
                return null;
            case ConnAck when PacketFormatterAdapter.ProtocolVersion == MqttProtocolVersion.V500 && IsOlderVersion(frame):
                End(new BrokerFailureException(BrokerFailure.ProtocolVersion, "the broker does not speak MQTT 5"));
                throw new MqttViolationException(MqttViolation.Protocol, "CONNACK of another version");
        }
        PacketFormatterAdapter.TryDecode(whole, out var packet, out _, out _, out _);
        switch (packet)
        {
            case MqttConnAckPacket accepted:
                // What the broker asks for; MQTTnet would begin pings of its own.
                if (accepted.ServerKeepAlive > 0)
                    _keepAlive = TimeSpan.FromSeconds(accepted.ServerKeepAlive);
                accepted.ServerKeepAlive = 0;
                if (accepted.ReasonCode == MqttConnectReasonCode.Success)
                    Accepted();
                break;
            case MqttDisconnectPacket told:
                End(BrokerFailure.Of(told.ReasonCode, told.ReasonString));
                break;
        }
        return packet;
    }

    // A broker of 3.1.1 answers in its own form, without properties; one of 5 with the code for it.
    private static bool IsOlderVersion(MqttFrame frame) =>
        frame.Body.Length == 2 || (frame.Body.Length > 2 && frame.Body.Slice(1, 1).FirstSpan[0] == (byte)MqttConnectReasonCode.UnsupportedProtocolVersion);

    private void Accepted()
    {
        _pinged = _time.GetTimestamp();
        _acknowledging = AcknowledgeAsync();
        _ = WatchAsync();
    }

    private async Task AcknowledgeAsync()
    {
        try
        {
            await _acknowledgements.RunAsync(_lifetime.Token);
        }
        catch (OperationCanceledException)
        {
        }
        catch (NotStoredException error)
        {
            Break(BrokerFailure.NotStored, error.Message);
        }
        catch (Exception error)
        {
            Break(BrokerFailure.Closed, error.Message);
        }
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(WatchInterval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_lifetime.Token))
            {
                if (_output.StuckFor > MaxStuck)
                    Break(BrokerFailure.Silent, $"the broker took nothing for {MaxStuck.TotalSeconds} s");
                else if (_input.SilentFor > 1.5 * _keepAlive)
                    Break(BrokerFailure.Silent, $"the broker said nothing for {1.5 * _keepAlive.TotalSeconds} s");
                else if (_time.GetElapsedTime(_pinged) >= _keepAlive / 2 && _output.StuckFor == TimeSpan.Zero)
                {
                    _pinged = _time.GetTimestamp();
                    await _output.SendAsync(Ping, _lifetime.Token);
                }
            }
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The connection is over, and whoever reads it knows why.
        }
    }

    private async Task TakeLeaveAsync()
    {
        _acknowledgements.Complete();
        try
        {
            await _acknowledging.WaitAsync(LeaveTimeout, _time);
        }
        catch (TimeoutException)
        {
            // What the log has not taken by now is not acknowledged: it comes again.
        }
        try
        {
            await _output.SendAsync(Disconnect, _lifetime.Token);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // Gone already.
        }
        End(new BrokerFailureException(BrokerFailure.Closed, "the service has taken leave"));
    }
}
