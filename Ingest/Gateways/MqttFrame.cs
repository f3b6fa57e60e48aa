using System.Buffers;

namespace Telemetry.Ingest.Gateways;

/// <summary>One MQTT control packet as it lies in the input buffer.</summary>
internal readonly ref struct MqttFrame
{
    public const int Publish = 3;
    public const int PubRel = 6;

    private MqttFrame(byte header, ReadOnlySequence<byte> body)
    {
        Header = header;
        Body = body;
    }

    public byte Header { get; }

    public ReadOnlySequence<byte> Body { get; }

    public int Type => Header >> 4;

    /// <param name="length">Bytes of the whole packet, once its length is known; 0 before.</param>
    /// <returns>False while the packet is not whole.</returns>
    /// <exception cref="MqttViolationException">The length is not one, or is over <paramref name="maxLength"/>.</exception>
    public static bool TryRead(ReadOnlySequence<byte> buffer, int maxLength, out MqttFrame frame, out int length)
    {
        frame = default;
        length = 0;
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryRead(out var header))
            return false;
        var remaining = 0;
        for (var shift = 0; ; shift += 7)
        {
            if (shift > 21)
                throw new MqttViolationException(MqttViolation.Malformed, "remaining length of more than four bytes");
            if (!reader.TryRead(out var part))
                return false;
            remaining |= (part & 0x7F) << shift;
            if (part < 0x80)
                break;
        }
        // Refused by its announced length, before it is buffered.
        if (remaining > maxLength)
            throw new MqttViolationException(MqttViolation.TooLarge, $"packet of {remaining} bytes; at most {maxLength}");
        if (reader.Remaining < remaining)
            return false;
        length = (int)reader.Consumed + remaining;
        frame = new MqttFrame(header, buffer.Slice(reader.Consumed, remaining));
        return true;
    }
}

/// <summary>Why a connection is closed: MQTT 5 reason codes.</summary>
internal enum MqttViolation : byte
{
    Malformed = 0x81,
    Protocol = 0x82,
    NotAuthorized = 0x87,
    ReceiveMaximum = 0x93,
    TopicAlias = 0x94,
    TooLarge = 0x95,
    QuotaExceeded = 0x97,
}

/// <summary>The client broke the protocol; its connection is closed with the reason.</summary>
internal sealed class MqttViolationException(MqttViolation reason, string message) : Exception(message)
{
    public MqttViolation Reason { get; } = reason;
}
