using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>
/// Where a reading stands among those of a device and of the devices that it links, whatever order they came in: by event time, then by sequence,
/// then by what the reading says.
/// </summary>
/// <param name="Time">Event time, Unix ms.</param>
/// <param name="Rank">Among those of one time; 0 before all of them.</param>
public readonly record struct ReadingOrder(long Time, ulong Rank)
{
    // Readings without a sequence come before those with one.
    private const ulong Sequenced = 1UL << 63;

    /// <param name="key"><see cref="ReadingKey"/> of the reading.</param>
    internal static ReadingOrder Of(Reading reading, ulong key) =>
        new(reading.EventTime, reading.Sequence is { } sequence ? Sequenced | (ulong)sequence : (key >> 1) + 1);

    public int CompareTo(ReadingOrder other)
    {
        var order = Time.CompareTo(other.Time);
        return order != 0 ? order : Rank.CompareTo(other.Rank);
    }
}
