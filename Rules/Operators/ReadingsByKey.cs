using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>A stretch of the past in memory, asked as <see cref="EarlierReadings"/> asks the log.</summary>
public sealed class ReadingsByKey
{
    private readonly Dictionary<(string Device, long? SentTime, long? Sequence), List<ReadingEntry>> _readings = [];

    /// <summary>By ascending position, each after what is before it was asked for.</summary>
    public void Add(ReadingEntry entry)
    {
        if (!_readings.TryGetValue(KeyOf(entry.Reading), out var readings))
            _readings[KeyOf(entry.Reading)] = readings = [];
        readings.Add(entry);
    }

    /// <inheritdoc cref="EarlierReadings"/>
    public IEnumerable<ReadingEntry> Before(ReadingEntry entry, long since)
    {
        if (!_readings.TryGetValue(KeyOf(entry.Reading), out var readings))
            yield break;
        for (var i = readings.Count - 1; i >= 0 && readings[i].Time >= since; i--)
            yield return readings[i];
    }

    private static (string, long?, long?) KeyOf(Reading reading) => (reading.Device, reading.SentTime, reading.Sequence);
}
