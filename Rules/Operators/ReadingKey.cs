using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>The key of a whole reading: what makes the alarm that it raises the same one in every replay.</summary>
internal static class ReadingKey
{
    public static ulong Of(Reading reading, long position)
    {
        // Without a clock nothing tells two equal readings apart but their place in the log.
        var hash = Mix(14695981039346656037UL, (ulong)(reading.HasNoClock ? position : reading.SentTime ?? position));
        if (reading.Sequence is { } sequence)
            return Mix(hash, (ulong)sequence);
        foreach (var value in reading.Values)
        {
            hash = Mix(hash, BitConverter.DoubleToUInt64Bits(value.Number));
            foreach (var c in value.State ?? "")
                hash = Mix(hash, c);
        }
        return hash;
    }

    /// <summary>Of a moment that no reading began. The same moment may come twice, where a late reading has undone the first time: the entry tells them apart.</summary>
    public static ulong Of(long at, LogEntry entry) => Mix(Mix(14695981039346656037UL, (ulong)at), (ulong)entry.Position);

    private static ulong Mix(ulong hash, ulong value)
    {
        hash = (hash ^ value) * 0x9E3779B97F4A7C15UL;
        return hash ^ (hash >> 29);
    }
}
