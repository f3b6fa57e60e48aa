using System.Buffers.Binary;
using System.Text;

namespace Telemetry.Simulators.Load;

/// <summary>The few MQTT 3.1.1 packets that a publisher needs, as bytes.</summary>
public static class MqttFrames
{
    public const byte ConnAck = 0x20;
    public const byte PubAck = 0x40;
    public const byte PubRec = 0x50;
    public const byte PubComp = 0x70;

    /// <summary>The bit of a PUBLISH's first byte that marks it as sent before.</summary>
    public const byte Duplicate = 0x08;

    public static ReadOnlySpan<byte> Disconnect => [0xE0, 0];

    /// <summary>Without keep-alive: a publisher at a low rate has nothing to say for a while.</summary>
    public static byte[] Connect(string clientId, bool cleanSession)
    {
        var id = Encoding.UTF8.GetBytes(clientId);
        var body = new byte[12 + id.Length];
        "\0\u0004MQTT\u0004"u8.CopyTo(body);
        body[7] = (byte)(cleanSession ? 2 : 0);
        BinaryPrimitives.WriteUInt16BigEndian(body.AsSpan(10), (ushort)id.Length);
        id.CopyTo(body, 12);
        var frame = new byte[body.Length + 5];
        frame[0] = 0x10;
        var header = 1 + WriteLength(frame.AsSpan(1), body.Length);
        body.CopyTo(frame, header);
        return frame[..(header + body.Length)];
    }

    /// <summary>Bytes of a PUBLISH around its payload, at most.</summary>
    public static int PublishOverhead(byte[] topic) => 1 + 4 + 2 + topic.Length + 2;

    /// <returns>Bytes written.</returns>
    public static int Publish(Span<byte> to, int qos, ushort packetId, byte[] topic, ReadOnlySpan<byte> payload)
    {
        to[0] = (byte)(0x30 | (qos << 1));
        var at = 1 + WriteLength(to[1..], 2 + topic.Length + (qos > 0 ? 2 : 0) + payload.Length);
        BinaryPrimitives.WriteUInt16BigEndian(to[at..], (ushort)topic.Length);
        topic.CopyTo(to[(at + 2)..]);
        at += 2 + topic.Length;
        if (qos > 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(to[at..], packetId);
            at += 2;
        }
        payload.CopyTo(to[at..]);
        return at + payload.Length;
    }

    /// <returns>Bytes written.</returns>
    public static int PubRel(Span<byte> to, ushort packetId)
    {
        (to[0], to[1]) = (0x62, 2);
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], packetId);
        return 4;
    }

    private static int WriteLength(Span<byte> to, int length)
    {
        var at = 0;
        do
        {
            var part = (byte)(length & 0x7F);
            length >>= 7;
            to[at++] = (byte)(length > 0 ? part | 0x80 : part);
        }
        while (length > 0);
        return at;
    }
}
