using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Decoding.Again;

/// <summary>A reading of a dead letter as it enters the log: late data, told apart from what the log has of it.</summary>
internal static class RedecodedReading
{
    /// <param name="letter">Where it came from.</param>
    /// <returns>Null where every value of it stands in the log: the rest of a message was accepted when it came.</returns>
    public static Reading? Of(Reading reading, DeadLetterEntry letter, ReadingHistory history)
    {
        var values = reading.Values;
        foreach (var entry in history(reading.Device, reading.EventTime, reading.EventTime + 1))
        {
            // At the letter's own position stands the reading that the rules refused.
            if (entry.Position != letter.Position && entry.Reading.Sequence == reading.Sequence && entry.Reading.Family == reading.Family)
                values = [.. values.Where(value => !entry.Reading.Values.Any(known => known.Channel == value.Channel && known.Number.Equals(value.Number) && known.State == value.State))];
        }
        return values.Length == 0 ? null : new Reading
        {
            Gateway = reading.Gateway,
            Family = reading.Family,
            Device = reading.Device,
            // Without a time and a sequence nothing would tell it from itself when it is decoded once more.
            SentTime = reading.SentTime ?? (reading.Sequence is null ? letter.Time : null),
            Sequence = reading.Sequence,
            EventTime = reading.EventTime,
            Marks = reading.Marks | TimeMarks.Redecoded,
            Values = values,
        };
    }
}
