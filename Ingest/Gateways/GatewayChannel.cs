using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using MQTTnet.Adapter;
using MQTTnet.AspNetCore;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Gateways;

/// <summary>
/// One connection, between Kestrel and MQTTnet. What gateways publish is taken out here and goes to the log; the rest (sessions,
/// subscriptions, pings) is MQTTnet's. A PUBACK or PUBREC belongs to this object and waits for the commit of its own message.
/// </summary>
internal sealed class GatewayChannel : IMqttChannelAdapter
{
    /// <summary>Bytes of a payload, above which the connection is closed.</summary>
    public const int MaxPayload = 16 << 20;

    /// <summary>Topic filters of a SUBSCRIBE, each of which is held against all that is retained.</summary>
    public const int MaxFilters = 100;

    /// <summary>Topic aliases a connection may use.</summary>
    public const ushort MaxTopicAliases = 256;

    // Room for the topic and the properties.
    private const int MaxPacket = MaxPayload + (1 << 17);

    // A stranger can make us keep no more than this: CONNECT with the longest texts that it can hold.
    private const int MaxConnect = 1 << 19;
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    private readonly ConnectionContext _connection;
    private readonly PacketInput _input;
    private readonly PacketOutput _output;
    private readonly PublishIntake _intake;
    private readonly AcknowledgementQueue _acknowledgements;
    private readonly TimeProvider _time;
    private readonly Func<GatewayChannel, bool, QosTwoSession> _sessionOf;
    private readonly SemaphoreSlim _retained;
    private readonly CancellationTokenSource _lifetime = new();
    private readonly long _begun;
    private MqttConnectPacket? _connect;
    private ushort _asked;
    private bool _accepted;
    private int _closing;
    private int _subscribes;

    /// <param name="sessionOf">Asked when the client was accepted, with whether its session goes on.</param>
    /// <param name="retained">Held while this connection subscribes.</param>
    public GatewayChannel(ConnectionContext connection, Func<GatewayChannel, PublishIntake> intake, TimeProvider time, Func<GatewayChannel, bool, QosTwoSession> sessionOf, SemaphoreSlim retained)
    {
        _connection = connection;
        PacketFormatterAdapter = new MqttPacketFormatterAdapter(new MqttBufferWriter(4096, 65535));
        _output = new PacketOutput(connection.Transport.Output, PacketFormatterAdapter, time);
        _acknowledgements = new AcknowledgementQueue(_output);
        _intake = intake(this);
        _input = new PacketInput(connection.Transport.Input, _intake, _acknowledgements, MaxConnect, time);
        _time = time;
        _sessionOf = sessionOf;
        _retained = retained;
        _lifetime.Token.UnsafeRegister(static channel => ((GatewayChannel)channel!).EndSubscribe(), this);
        _begun = time.GetTimestamp();
    }

    /// <summary>The connection beneath, for the <see cref="ConnectionGate"/>.</summary>
    public ConnectionContext Connection => _connection;

    /// <summary>How long the client has kept its CONNECT back; zero once it has come.</summary>
    public TimeSpan WaitingForConnect => _connect is null ? _time.GetElapsedTime(_begun) : TimeSpan.Zero;

    /// <summary>Longest keep-alive, in seconds; also for a client that promises none.</summary>
    public ushort MaxKeepAlive { get; init; } = ushort.MaxValue;

    public string ClientId => _connect?.ClientId ?? "";

    /// <summary>Who it is; null in open mode and before the login.</summary>
    public MqttLogin? Login { get; private set; }

    /// <summary>Null without a last will.</summary>
    public string? WillTopic => _connect is { WillFlag: true } connect ? connect.WillTopic : null;

    /// <summary>Null where the client showed none, or there is no TLS.</summary>
    public ClientCertificate? Certificate => Security.ClientCertificate.Of(_connection.Items);

    public string? UserName => _connect?.Username;

    /// <summary>For a client that brings no id of its own; unique while the connection lives.</summary>
    public string AssignedClientId => $"assigned-{_connection.ConnectionId}";

    public bool IsVersion5 => PacketFormatterAdapter.ProtocolVersion == MqttProtocolVersion.V500;

    /// <summary>The service ended the connection; that says nothing about the gateway.</summary>
    public bool ClosedByService { get; private set; }

    /// <summary>How long the peer has been taking nothing.</summary>
    public TimeSpan StuckFor => _output.StuckFor;

    /// <summary>Seconds; 0 before CONNECT.</summary>
    public ushort KeepAlive { get; private set; }

    /// <summary>How long the client has sent nothing although it was listened to: back-pressure doesn't count against it.</summary>
    public TimeSpan SilentFor => _input.SilentFor;

    public MqttPacketFormatterAdapter PacketFormatterAdapter { get; }

    public EndPoint? RemoteEndPoint => _connection.RemoteEndPoint;

    public EndPoint? LocalEndPoint => _connection.LocalEndPoint;

    public X509Certificate2? ClientCertificate => null;

    public bool IsSecureConnection => false;

    public long BytesReceived => _input.BytesReceived;

    public long BytesSent => 0;

    /// <summary>Hands the password out and forgets it.</summary>
    public byte[]? TakePassword()
    {
        var password = _connect?.Password;
        if (_connect is not null)
            _connect.Password = null;
        return password;
    }

    /// <summary>From now on what it sends is judged by this login.</summary>
    public void LogIn(MqttLogin login, ForeignTopics foreign, int maxMessage, Func<int, TimeSpan> pace)
    {
        _intake.Pace = pace;
        Login = login;
        (_intake.Login, _intake.Foreign, _intake.MaxMessage) = (login, foreign, maxMessage);
    }

    public Task ConnectAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void ResetStatistics() => _input.BytesReceived = 0;

    /// <summary>The next packet that is MQTTnet's business; null at the end.</summary>
    public async Task<MqttPacket?> ReceivePacketAsync(CancellationToken cancellationToken)
    {
        // MQTTnet comes for the next packet once it is done with the one before.
        EndSubscribe();
        using var registration = cancellationToken.UnsafeRegister(static channel => ((GatewayChannel)channel!)._lifetime.Cancel(), this);
        try
        {
            var packet = await _input.ReceiveAsync(Take, _lifetime.Token);
            if (packet is MqttSubscribePacket)
                await BeginSubscribeAsync();
            return packet;
        }
        catch (MqttViolationException violation)
        {
            await CloseAsync((MqttDisconnectReasonCode)violation.Reason, violation.Message, byService: true);
            return null;
        }
    }

    public async Task SendPacketAsync(MqttPacket packet, CancellationToken cancellationToken)
    {
        // The client has been told that it is over; MQTTnet would tell it again.
        if (Volatile.Read(ref _closing) == 1)
            return;
        if (packet is not MqttConnAckPacket { ReasonCode: MqttConnectReasonCode.Success } accepted)
        {
            await _output.SendAsync(packet, cancellationToken);
            return;
        }
        accepted.MaximumPacketSize = MaxPacket;
        _input.MaxPacket = MaxPacket;
        accepted.TopicAliasMaximum = MaxTopicAliases;
        accepted.ReceiveMaximum = QosTwoSession.MaxUnreleased;
        if (KeepAlive != _asked)
            accepted.ServerKeepAlive = KeepAlive;
        _accepted = true;
        _intake.Session = _sessionOf(this, accepted.IsSessionPresent);
        await _output.SendAsync(packet, cancellationToken);
        _ = AcknowledgeAsync();
    }

    /// <summary>Ends the connection, with a reason where the client speaks MQTT 5. Returns once the client has been told, or can't be.</summary>
    /// <param name="byService">False where the client itself has gone silent: its last will is published then.</param>
    /// <returns>False where it was being ended already.</returns>
    public async Task<bool> CloseAsync(MqttDisconnectReasonCode reason, string text, bool byService)
    {
        if (Interlocked.Exchange(ref _closing, 1) == 1)
            return false;
        ClosedByService = byService;
        // MQTTnet would publish the last will, and "offline" would be taken for the gateway's word.
        if (byService && _connect is not null)
            _connect.WillFlag = false;
        if (_accepted && IsVersion5)
        {
            using var timeout = new CancellationTokenSource(CloseTimeout, _time);
            try
            {
                await _output.SendAsync(new MqttDisconnectPacket { ReasonCode = reason, ReasonString = text }, timeout.Token);
            }
            catch (Exception error) when (error is OperationCanceledException or IOException or InvalidOperationException)
            {
                Abort(text);
            }
        }
        await _lifetime.CancelAsync();
        return true;
    }

    /// <summary>Ends a connection whose peer takes nothing: at once, without a word.</summary>
    /// <returns>False where it was being ended already.</returns>
    public bool Drop(string why)
    {
        var isFirst = Interlocked.Exchange(ref _closing, 1) == 0;
        ClosedByService = true;
        if (_connect is not null)
            _connect.WillFlag = false;
        Abort(why);
        _lifetime.Cancel();
        return isFirst;
    }

    public async Task DisconnectAsync(CancellationToken cancellationToken)
    {
        await _lifetime.CancelAsync();
        await _connection.Transport.Input.CompleteAsync();
        await _connection.Transport.Output.CompleteAsync();
    }

    public void Dispose()
    {
        EndSubscribe();
        _intake.Dispose();
        _output.Dispose();
    }

    private async Task BeginSubscribeAsync()
    {
        await _retained.WaitAsync(_lifetime.Token);
        Volatile.Write(ref _subscribes, 1);
        // Whoever ended the connection meanwhile has found nothing to end.
        if (_lifetime.IsCancellationRequested)
            EndSubscribe();
    }

    private void EndSubscribe()
    {
        if (Interlocked.Exchange(ref _subscribes, 0) == 1)
            _retained.Release();
    }

    private void Abort(string why) => _connection.Abort(new ConnectionAbortedException(why));

    private MqttPacket? Take(MqttFrame frame, System.Buffers.ReadOnlySequence<byte> whole)
    {
        if (frame.Type is MqttFrame.Publish or MqttFrame.PubRel)
        {
            if (!_accepted)
                throw new MqttViolationException(MqttViolation.Protocol, "a message before CONNECT");
            _intake.Take(frame, IsVersion5);
            return null;
        }
        PacketFormatterAdapter.TryDecode(whole, out var packet, out _, out _, out _);
        if (packet is MqttSubscribePacket { TopicFilters.Count: > MaxFilters })
            throw new MqttViolationException(MqttViolation.QuotaExceeded, $"at most {MaxFilters} topic filters in a SUBSCRIBE");
        if (packet is not MqttConnectPacket connect)
            return packet;
        if (_connect is not null)
            throw new MqttViolationException(MqttViolation.Protocol, "a second CONNECT");
        _connect = connect;
        // Watched here: MQTTnet's own watch sees nothing of what is taken out before it.
        _asked = connect.KeepAlivePeriod;
        KeepAlive = _asked == 0 || _asked > MaxKeepAlive ? MaxKeepAlive : _asked;
        connect.KeepAlivePeriod = 0;
        // MQTTnet gives a nameless client a name in MQTT 5 only; 3.1.1 allows it too, without a session.
        if (string.IsNullOrEmpty(connect.ClientId) && connect.CleanSession && !IsVersion5)
            connect.ClientId = AssignedClientId;
        return packet;
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
        catch (Exception error)
        {
            // A commit that failed: everything after it stays unacknowledged, and the client sends it again.
            await CloseAsync(MqttDisconnectReasonCode.ImplementationSpecificError, error.Message, byService: true);
        }
    }
}
