using System.Buffers.Binary;
using System.Threading.Channels;

namespace Telemetry.Ingest.Gateways;

/// <summary>
/// PUBACK, PUBREC and PUBCOMP of one connection, in the order of what they answer, each once its commit is through. It belongs to the
/// connection, not to the session: what one connection published is never acknowledged on another, and last wills and injected messages
/// don't pass here.
/// </summary>
internal sealed class AcknowledgementQueue(PacketOutput output)
{
    public const byte PubAck = 0x40;
    public const byte PubRec = 0x50;
    public const byte PubComp = 0x70;

    // Bounds what one connection may have under way; a full queue stops its reading.
    private const int Capacity = 8192;
    private const int MaxPacketLength = 5;
    private const int PacketsAtOnce = 512;

    private readonly Channel<Pending> _pending = Channel.CreateBounded<Pending>(new BoundedChannelOptions(Capacity) { SingleReader = true, SingleWriter = true });

    /// <param name="commit">Done: acknowledge. Failed: <see cref="RunAsync"/> fails, and nothing is acknowledged any more.</param>
    /// <param name="reason">0 for success; others exist in MQTT 5 only.</param>
    public ValueTask AddAsync(byte kind, ushort id, byte reason, Task commit, CancellationToken cancellationToken) =>
        _pending.Writer.TryWrite(new(kind, id, reason, commit)) ? default : _pending.Writer.WriteAsync(new(kind, id, reason, commit), cancellationToken);

    /// <summary>Nothing more is added: <see cref="RunAsync"/> ends with what is there.</summary>
    public void Complete() => _pending.Writer.TryComplete();

    /// <summary>Until the connection ends (cancelled), a commit fails, or everything is acknowledged after <see cref="Complete"/>.</summary>
    /// <exception cref="NotStoredException">A commit failed. Everything after it stays unacknowledged, and the peer sends it again.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var packets = new byte[PacketsAtOnce * MaxPacketLength];
        while (await _pending.Reader.WaitToReadAsync(cancellationToken))
        {
            var count = 0;
            var length = 0;
            while (count < PacketsAtOnce && _pending.Reader.TryPeek(out var next))
            {
                if (!next.Commit.IsCompleted)
                {
                    // What is committed leaves before the next commit is waited for.
                    if (count > 0)
                        break;
                    await next.Commit.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    cancellationToken.ThrowIfCancellationRequested();
                }
                if (!next.Commit.IsCompletedSuccessfully)
                    throw new NotStoredException(next.Commit.Exception?.GetBaseException() ?? new OperationCanceledException());
                _pending.Reader.TryRead(out _);
                length += Write(packets.AsSpan(length), next);
                count++;
            }
            await output.SendAsync(packets.AsMemory(0, length), cancellationToken);
        }
    }

    // The short form without a reason, valid in 3.1.1 and 5, means success in 5.
    private static int Write(Span<byte> into, Pending pending)
    {
        into[0] = pending.Kind;
        into[1] = pending.Reason == 0 ? (byte)2 : (byte)3;
        BinaryPrimitives.WriteUInt16BigEndian(into[2..], pending.Id);
        into[4] = pending.Reason;
        return 2 + into[1];
    }

    private readonly record struct Pending(byte Kind, ushort Id, byte Reason, Task Commit);
}

/// <summary>The log failed to take what would have been acknowledged.</summary>
internal sealed class NotStoredException(Exception cause) : Exception($"not stored: {cause.Message}", cause);
