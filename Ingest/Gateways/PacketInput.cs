using System.Buffers;
using System.IO.Pipelines;
using MQTTnet.Exceptions;
using MQTTnet.Packets;

namespace Telemetry.Ingest.Gateways;

/// <summary>A whole packet; the one that MQTTnet shall have, or null where it was dealt with.</summary>
/// <exception cref="MqttViolationException"/>
internal delegate MqttPacket? TakeFrame(MqttFrame frame, ReadOnlySequence<byte> whole);

/// <summary>
/// The one way into a connection. Packet by packet until one is MQTTnet's; what one read brought for the log is committed together, and
/// nothing more is read while the log takes no more, nor while the sender has had more than its share.
/// </summary>
/// <param name="intake">Null where nothing goes to the log.</param>
/// <param name="maxPacket">Bytes of a packet, above which the connection is closed; may change with what is known of the peer.</param>
internal sealed class PacketInput(PipeReader pipe, PublishIntake? intake, AcknowledgementQueue acknowledgements, int maxPacket, TimeProvider time)
{
    private long _readingSince = time.GetTimestamp();
    private volatile bool _stopped;

    /// <summary>How long the peer has sent nothing although it was listened to: back-pressure doesn't count against it.</summary>
    public TimeSpan SilentFor => Interlocked.Read(ref _readingSince) is > 0 and var since ? time.GetElapsedTime(since) : TimeSpan.Zero;

    public long BytesReceived { get; set; }

    public int MaxPacket { get; set; } = maxPacket;

    /// <summary>No more is read; <see cref="ReceiveAsync"/> answers null.</summary>
    public void Stop()
    {
        _stopped = true;
        pipe.CancelPendingRead();
    }

    /// <summary>The next packet that is MQTTnet's business; null after <see cref="Stop"/>.</summary>
    /// <exception cref="MqttViolationException">Everything before the packet that broke the protocol has been taken.</exception>
    /// <exception cref="MqttCommunicationException">The peer ended the connection.</exception>
    public async Task<MqttPacket?> ReceiveAsync(TakeFrame take, CancellationToken cancellationToken)
    {
        while (!_stopped)
        {
            Interlocked.Exchange(ref _readingSince, time.GetTimestamp());
            var result = await pipe.ReadAsync(cancellationToken);
            Interlocked.Exchange(ref _readingSince, 0);
            var buffer = result.Buffer;
            MqttPacket? packet = null;
            MqttViolationException? violation = null;
            var needsMore = true;
            try
            {
                while (packet is null && MqttFrame.TryRead(buffer, MaxPacket, out var frame, out var length))
                {
                    packet = take(frame, buffer.Slice(0, length));
                    buffer = buffer.Slice(length);
                    BytesReceived += length;
                    if (intake is { IsFull: true })
                        break;
                }
                needsMore = packet is null && intake is not { IsFull: true };
            }
            catch (MqttViolationException error)
            {
                violation = error;
            }
            pipe.AdvanceTo(buffer.Start, needsMore ? buffer.End : buffer.Start);
            if (intake is not null)
                await intake.CommitAsync(acknowledgements, cancellationToken);
            if (intake?.TakePause() is { } pause && pause > TimeSpan.Zero)
                await Task.Delay(pause, time, cancellationToken);
            if (violation is not null)
                throw violation;
            if (packet is not null)
                return packet;
            if (result.IsCompleted && needsMore)
                throw new MqttCommunicationException("the other end closed the connection");
        }
        return null;
    }
}
