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
    private const int PacketLength = 4;
    private const int PacketsAtOnce = 512;

    private readonly Channel<Pending> _pending = Channel.CreateBounded<Pending>(new BoundedChannelOptions(Capacity) { SingleReader = true, SingleWriter = true });

    /// <param name="commit">Done: acknowledge. Failed: <see cref="RunAsync"/> fails, and nothing is acknowledged any more.</param>
    public ValueTask AddAsync(byte kind, ushort id, Task commit, CancellationToken cancellationToken) =>
        _pending.Writer.TryWrite(new(kind, id, commit)) ? default : _pending.Writer.WriteAsync(new(kind, id, commit), cancellationToken);

    /// <summary>Nothing more is added: <see cref="RunAsync"/> ends with what is there.</summary>
    public void Complete() => _pending.Writer.TryComplete();

    /// <summary>Until the connection ends (cancelled), a commit fails, or everything is acknowledged after <see cref="Complete"/>.</summary>
    /// <exception cref="NotStoredException">A commit failed. Everything after it stays unacknowledged, and the peer sends it again.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var packets = new byte[PacketsAtOnce * PacketLength];
        while (await _pending.Reader.WaitToReadAsync(cancellationToken))
        {
            var count = 0;
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
                Write(packets.AsSpan(count * PacketLength), next);
                count++;
            }
            await output.SendAsync(packets.AsMemory(0, count * PacketLength), cancellationToken);
        }
    }

    // The short form, valid in 3.1.1 and 5: in 5 it means success.
    private static void Write(Span<byte> into, Pending pending)
    {
        into[0] = pending.Kind;
        into[1] = 2;
        BinaryPrimitives.WriteUInt16BigEndian(into[2..], pending.Id);
    }

    private readonly record struct Pending(byte Kind, ushort Id, Task Commit);
}

/// <summary>The log failed to take what would have been acknowledged.</summary>
internal sealed class NotStoredException(Exception cause) : Exception($"not stored: {cause.Message}", cause);
