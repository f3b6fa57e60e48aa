using System.Buffers.Binary;

namespace Telemetry.Ingest.Gateways;

/// <summary>
/// A PUBLISH, read in place. MQTTnet's own reader and dispatch cost some 1 KB and several tasks a message; everything else on the
/// connection stays with MQTTnet.
/// </summary>
internal readonly ref struct PublishPacket
{
    /// <summary>Empty where <see cref="TopicAlias"/> stands for it.</summary>
    public ReadOnlySpan<byte> Topic { get; private init; }

    public ReadOnlySpan<byte> Payload { get; private init; }

    /// <summary>0 with QoS 0.</summary>
    public ushort Id { get; private init; }

    /// <summary>0, 1, 2.</summary>
    public int QualityOfService { get; private init; }

    /// <summary>0 for none.</summary>
    public ushort TopicAlias { get; private init; }

    /// <exception cref="MqttViolationException"/>
    public static PublishPacket Read(byte header, ReadOnlySpan<byte> body, bool version5)
    {
        var quality = (header >> 1) & 3;
        if (quality == 3)
            throw new MqttViolationException(MqttViolation.Malformed, "PUBLISH with QoS 3");
        var topic = Take(ref body, TakeNumber(ref body));
        if (topic.IndexOfAny((byte)'+', (byte)'#', (byte)0) >= 0)
            throw new MqttViolationException(MqttViolation.Protocol, "PUBLISH to a topic with +, # or NUL");
        var id = quality > 0 ? TakeNumber(ref body) : (ushort)0;
        if (quality > 0 && id == 0)
            throw new MqttViolationException(MqttViolation.Protocol, "PUBLISH with packet identifier 0");
        var alias = version5 ? ReadProperties(ref body) : (ushort)0;
        if (topic.IsEmpty && alias == 0)
            throw new MqttViolationException(MqttViolation.Protocol, "PUBLISH without a topic");
        return new PublishPacket { Topic = topic, Payload = body, Id = id, QualityOfService = quality, TopicAlias = alias };
    }

    // Of a reading's properties only the alias matters here; the others are stepped over by their kinds (MQTT 5, 2.2.2.2).
    private static ushort ReadProperties(ref ReadOnlySpan<byte> body)
    {
        var properties = Take(ref body, TakeVariable(ref body));
        var alias = (ushort)0;
        while (!properties.IsEmpty)
        {
            switch (Take(ref properties, 1)[0])
            {
                case 0x01:
                    Take(ref properties, 1);
                    break;
                case 0x02:
                    Take(ref properties, 4);
                    break;
                case 0x03 or 0x08 or 0x09:
                    Take(ref properties, TakeNumber(ref properties));
                    break;
                case 0x23:
                    alias = TakeNumber(ref properties);
                    if (alias == 0)
                        throw new MqttViolationException(MqttViolation.TopicAlias, "topic alias 0");
                    break;
                case 0x26:
                    Take(ref properties, TakeNumber(ref properties));
                    Take(ref properties, TakeNumber(ref properties));
                    break;
                case var other:
                    throw new MqttViolationException(MqttViolation.Protocol, $"PUBLISH with property {other}");
            }
        }
        return alias;
    }

    private static int TakeVariable(scoped ref ReadOnlySpan<byte> from)
    {
        var number = 0;
        for (var shift = 0; shift <= 21; shift += 7)
        {
            var part = Take(ref from, 1)[0];
            number |= (part & 0x7F) << shift;
            if (part < 0x80)
                return number;
        }
        throw new MqttViolationException(MqttViolation.Malformed, "property length of more than four bytes");
    }

    private static ushort TakeNumber(scoped ref ReadOnlySpan<byte> from) => BinaryPrimitives.ReadUInt16BigEndian(Take(ref from, 2));

    private static ReadOnlySpan<byte> Take(scoped ref ReadOnlySpan<byte> from, int count)
    {
        if (from.Length < count)
            throw new MqttViolationException(MqttViolation.Malformed, "PUBLISH shorter than its own lengths");
        var taken = from[..count];
        from = from[count..];
        return taken;
    }
}
