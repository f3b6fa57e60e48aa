using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Decoding.Again;

/// <summary>A reading of a dead letter as it enters the log: late data, told apart from what the log has of it.</summary>
internal static class RedecodedReading
{
    /// <summary>Unix ms. Where the received time stands in, it is the log's: so it was for the rest of the message.</summary>
    public static long EventTime(Reading reading, DeadLetterEntry letter) => reading.ReceivedTimeStandsIn ? letter.Time : reading.EventTime;

    /// <param name="letter">Where it came from.</param>
    /// <param name="known">What there is already of the device at that event time.</param>
    /// <returns>Null where every value of it is known: the rest of a message was accepted when it came.</returns>
    public static Reading? Of(Reading reading, DeadLetterEntry letter, IEnumerable<Reading> known)
    {
        var values = reading.Values;
        foreach (var other in known)
        {
            if (other.Sequence == reading.Sequence && other.Family == reading.Family)
                values = [.. values.Where(value => !other.Values.Any(each => each.Channel == value.Channel && each.Number.Equals(value.Number) && each.State == value.State))];
        }
        return values.Length == 0 ? null : new Reading
        {
            Gateway = reading.Gateway,
            Family = reading.Family,
            Device = reading.Device,
            // Without a time and a sequence nothing would tell it from itself when it is decoded once more.
            SentTime = reading.SentTime ?? (reading.Sequence is null ? letter.Time : null),
            Sequence = reading.Sequence,
            EventTime = EventTime(reading, letter),
            Marks = reading.Marks | TimeMarks.Redecoded,
            Values = values,
        };
    }
}
