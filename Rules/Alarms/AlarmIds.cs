using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Telemetry.Rules.Alarms;

/// <summary>Ids that every replay of the same log gives again: 128 bits of SHA-256, 32 hex digits.</summary>
public static class AlarmIds
{
    /// <param name="key">Of the reading that began the condition, or the tick's time.</param>
    public static string Alarm(string device, string rule, int instance, ulong key)
    {
        Span<byte> tail = stackalloc byte[12];
        BinaryPrimitives.WriteInt32LittleEndian(tail, instance);
        BinaryPrimitives.WriteUInt64LittleEndian(tail[4..], key);
        return Hash([.. Encoding.UTF8.GetBytes(device), 0, .. Encoding.UTF8.GetBytes(rule), 0, .. tail]);
    }

    /// <param name="ordinal">0 for the alarm's first transition.</param>
    public static string Transition(string alarm, int ordinal)
    {
        Span<byte> tail = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(tail, ordinal);
        return Hash([.. Encoding.ASCII.GetBytes(alarm), .. tail]);
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 16));
}
