using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

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

    /// <summary>
    /// The change with a key that raises an alarm of its own. The reading that began it may have raised one before that late data has moved to another
    /// time, or taken back: then the moment and the entry take the reading's place.
    /// </summary>
    /// <param name="isUsed">By an alarm of the same device.</param>
    internal static ConditionChange Unused(ConditionChange change, LogEntry entry, Func<string, bool> isUsed)
    {
        for (var at = change.At; isUsed(Alarm(change.Subject.Id, change.Rule.Name, change.Instance, change.Key)); at++)
            change = change with { Key = ReadingKey.Of(at, entry) };
        return change;
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
