using System.Buffers;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Gateways;

/// <summary>
/// One connection's messages on their way into the log: what one read of the socket brought is decoded, appended together and
/// acknowledged by one commit. Not for two threads at once.
/// </summary>
internal sealed class PublishIntake(object connection, MessageDecoder decoder, GatewayConnections gateways, AppendEntries append, Func<long> now) : IDisposable
{
    // One append's worth: enough to share a commit, little enough to bound memory.
    private const int MaxEntries = 512;

    // Bytes; the native format's have 200. Kept for the connection's life under up to 256 numbers.
    private const int MaxAliasedTopic = 1024;

    private readonly List<LogEntry> _entries = [];
    private readonly List<Answer> _answers = [];
    private readonly Dictionary<ushort, byte[]> _aliases = [];
    private byte[] _joined = [];
    private int _messages;
    private int _delivered;

    // Of all that one read brought.
    private long? _received;

    public QosTwoSession Session { get; set; } = new();

    /// <summary>Null in open mode, where everyone may publish under every name.</summary>
    public MqttLogin? Login { get; set; }

    /// <summary>Called with each topic that the login may not publish under.</summary>
    public ForeignTopics? Foreign { get; set; }

    /// <summary>Told how much was delivered; answers how long to read nothing more. Null where nobody counts.</summary>
    public Func<int, TimeSpan>? Pace { get; set; }

    /// <summary>Bytes of a payload, above which it becomes a dead letter.</summary>
    public int MaxMessage { get; set; } = NativeDecoder.MaxPayload;

    /// <summary>Bytes of a payload, above which the connection is closed instead of a dead letter written.</summary>
    public int MaxPayload { get; init; } = GatewayChannel.MaxPayload;

    /// <summary>Commit before taking more.</summary>
    public bool IsFull => _entries.Count >= MaxEntries || _answers.Count >= MaxEntries;

    /// <summary>Takes a PUBLISH or PUBREL.</summary>
    /// <exception cref="MqttViolationException"/>
    public void Take(MqttFrame frame, bool version5)
    {
        var body = frame.Body.IsSingleSegment ? frame.Body.FirstSpan : Join(frame.Body);
        if (frame.Type == MqttFrame.PubRel)
        {
            if (body.Length < 2)
                throw new MqttViolationException(MqttViolation.Malformed, "PUBREL without a packet identifier");
            var released = (ushort)(body[0] << 8 | body[1]);
            Session.End(released);
            _answers.Add(new(AcknowledgementQueue.PubComp, released, null));
            return;
        }
        _messages++;
        var packet = PublishPacket.Read(frame.Header, body, version5);
        if (packet.Payload.Length > MaxPayload)
            throw new MqttViolationException(MqttViolation.TooLarge, $"payload of {packet.Payload.Length} bytes; at most {MaxPayload}");
        var topic = Topic(packet);
        if (Login is { } login && !login.MayPublish(topic, decoder.Routes))
        {
            Foreign!.Refused(login, topic);
            Refuse(packet, version5);
            return;
        }
        if (packet.QualityOfService < 2)
        {
            Decode(topic, packet.Payload);
            if (packet.QualityOfService == 1)
                _answers.Add(new(AcknowledgementQueue.PubAck, packet.Id, null));
            return;
        }
        var appended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var commit = Session.Begin(packet.Id, appended.Task);
        if (ReferenceEquals(commit, appended.Task))
        {
            Decode(topic, packet.Payload);
            _answers.Add(new(AcknowledgementQueue.PubRec, packet.Id, commit, appended));
        }
        else
        {
            _answers.Add(new(AcknowledgementQueue.PubRec, packet.Id, commit));
        }
    }

    // QoS 0 is dropped; MQTT 5 has a word for it; in 3.1.1 an acknowledgement would say "stored", so the connection ends without one.
    private void Refuse(in PublishPacket packet, bool version5)
    {
        if (packet.QualityOfService == 0)
            return;
        if (!version5)
            throw new MqttViolationException(MqttViolation.NotAuthorized, "a topic of another gateway");
        var kind = packet.QualityOfService == 1 ? AcknowledgementQueue.PubAck : AcknowledgementQueue.PubRec;
        _answers.Add(new(kind, packet.Id, null) { Reason = (byte)MqttViolation.NotAuthorized });
    }

    /// <summary>Takes a last will, or any message that needs no answer.</summary>
    public void Take(ReadOnlySpan<byte> topic, ReadOnlySequence<byte> payload) =>
        Decode(topic, payload.IsSingleSegment ? payload.FirstSpan : Join(payload));

    /// <summary>Appends what was taken (waiting while the log takes no more) and queues its answers.</summary>
    public async ValueTask CommitAsync(AcknowledgementQueue? answers, CancellationToken cancellationToken)
    {
        _received = null;
        if (_entries.Count == 0 && _answers.Count == 0)
        {
            _delivered += _messages;
            _messages = 0;
            return;
        }
        Task commit;
        try
        {
            commit = _entries.Count == 0 ? Task.CompletedTask : await append(_entries, cancellationToken);
        }
        catch (Exception error)
        {
            foreach (var answer in _answers)
                Fail(answer, error);
            throw;
        }
        foreach (var answer in _answers)
        {
            if (answer.Appended is not null)
                _ = FollowAsync(commit, answer);
            if (answers is not null)
                await answers.AddAsync(answer.Kind, answer.Id, answer.Reason, answer.Commit ?? commit, cancellationToken);
        }
        _delivered += Math.Max(_entries.Count, _messages);
        _messages = 0;
        _answers.Clear();
        _entries.Clear();
        // A burst must not hold its memory for the connection's life.
        if (_entries.Capacity > 4 * MaxEntries)
            _entries.Capacity = MaxEntries;
    }

    /// <summary>How long to read nothing more, for what was delivered since it was last asked.</summary>
    public TimeSpan TakePause()
    {
        if (Pace is not { } pace || _delivered == 0)
            return TimeSpan.Zero;
        var pause = pace(_delivered);
        _delivered = 0;
        return pause;
    }

    public void Dispose()
    {
        if (_joined.Length > 0)
            ArrayPool<byte>.Shared.Return(_joined);
        _joined = [];
    }

    private void Decode(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload)
    {
        var before = _entries.Count;
        var message = decoder.Decode(topic, payload, _received ??= now(), _entries, MaxMessage);
        // A death may come after the connection's end, and with what became stale: the rules take its readings for a sign of life.
        if (message.Sign == GatewaySign.Offline && _entries.Count > before)
            gateways.Heard(message.Gateway!, connection);
        switch (message.Sign)
        {
            case GatewaySign.Reading:
                gateways.Heard(message.Gateway!, connection);
                break;
            case GatewaySign.Online or GatewaySign.Offline when gateways.Said(message.Gateway!, message.Sign == GatewaySign.Online, connection):
                _entries.Add(new GatewayEntry(message.Gateway!, message.Sign == GatewaySign.Online, "status"));
                break;
        }
    }

    private ReadOnlySpan<byte> Topic(in PublishPacket packet)
    {
        if (packet.TopicAlias == 0)
            return packet.Topic;
        if (packet.TopicAlias > GatewayChannel.MaxTopicAliases)
            throw new MqttViolationException(MqttViolation.TopicAlias, $"topic alias {packet.TopicAlias}; at most {GatewayChannel.MaxTopicAliases}");
        if (packet.Topic.Length > MaxAliasedTopic)
            throw new MqttViolationException(MqttViolation.TopicAlias, $"a topic of {packet.Topic.Length} bytes with an alias; at most {MaxAliasedTopic}");
        if (!packet.Topic.IsEmpty)
            return _aliases[packet.TopicAlias] = packet.Topic.ToArray();
        return _aliases.TryGetValue(packet.TopicAlias, out var topic)
            ? topic
            : throw new MqttViolationException(MqttViolation.Protocol, $"topic alias {packet.TopicAlias} before its topic");
    }

    private async Task FollowAsync(Task commit, Answer answer)
    {
        try
        {
            await commit;
            answer.Appended!.SetResult();
        }
        catch (Exception error)
        {
            Fail(answer, error);
        }
    }

    // The client sends it again, and then it is a first one.
    private void Fail(Answer answer, Exception error)
    {
        if (answer.Appended is null)
            return;
        Session.End(answer.Id);
        answer.Appended.TrySetException(error);
        // Whoever waited has been told; nobody else will look.
        _ = answer.Appended.Task.Exception;
    }

    private ReadOnlySpan<byte> Join(ReadOnlySequence<byte> parts)
    {
        var length = (int)parts.Length;
        if (_joined.Length < length)
        {
            Dispose();
            _joined = ArrayPool<byte>.Shared.Rent(length);
        }
        parts.CopyTo(_joined);
        return _joined.AsSpan(0, length);
    }

    /// <param name="Commit">Null for the append that it came with.</param>
    /// <param name="Appended">For the first PUBLISH with a QoS 2 identifier: completed with its commit.</param>
    private readonly record struct Answer(byte Kind, ushort Id, Task? Commit, TaskCompletionSource? Appended = null)
    {
        /// <summary>0 for success.</summary>
        public byte Reason { get; init; }
    }
}
