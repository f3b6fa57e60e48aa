using System.IO.Pipelines;
using MQTTnet.Formatter;
using MQTTnet.Packets;

namespace Telemetry.Ingest.Gateways;

/// <summary>The one way out of a connection, for MQTTnet's packets and our acknowledgements, a packet at a time.</summary>
internal sealed class PacketOutput(PipeWriter pipe, MqttPacketFormatterAdapter formatter, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);
    private long _flushingSince;

    /// <summary>How long the peer has been taking nothing of what is being sent; zero while nothing is.</summary>
    public TimeSpan StuckFor => Interlocked.Read(ref _flushingSince) is > 0 and var since ? time.GetElapsedTime(since) : TimeSpan.Zero;

    public async Task SendAsync(MqttPacket packet, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            var encoded = formatter.Encode(packet);
            encoded.Packet.AsSpan().CopyTo(pipe.GetSpan(encoded.Packet.Count));
            pipe.Advance(encoded.Packet.Count);
            foreach (var part in encoded.Payload)
            {
                part.Span.CopyTo(pipe.GetSpan(part.Length));
                pipe.Advance(part.Length);
            }
            await FlushAsync(cancellationToken);
        }
        finally
        {
            formatter.Cleanup();
            _one.Release();
        }
    }

    /// <summary>Sends whole packets of ours.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> packets, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            packets.Span.CopyTo(pipe.GetSpan(packets.Length));
            pipe.Advance(packets.Length);
            await FlushAsync(cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        Interlocked.Exchange(ref _flushingSince, time.GetTimestamp());
        await pipe.FlushAsync(cancellationToken);
        Interlocked.Exchange(ref _flushingSince, 0);
    }
}
