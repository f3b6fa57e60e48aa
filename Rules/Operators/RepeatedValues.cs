using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>Drops the values of a reading that earlier ones of the same time and sequence have brought; one dead letter says which of them they contradict.</summary>
internal static class RepeatedValues
{
    private enum Found : byte
    {
        Nowhere,
        WithAnotherValue,
        AsItIs,
    }

    /// <param name="earlier">The latest first; not read on once every value is found as it is. Null where there are none.</param>
    public static void Drop(Moment moment, Reading reading, IEnumerable<ReadingEntry>? earlier)
    {
        var values = reading.Values;
        // So it is with nearly every reading.
        if (earlier is null && !NamesOneTwice(values))
            return;
        Span<Found> found = values.Length <= 256 ? stackalloc Found[values.Length] : new Found[values.Length];
        var left = values.Length;
        // A channel may come twice in one reading.
        for (var i = 1; i < values.Length; i++)
            Find(reading, i, values.AsSpan(0, i), found, ref left);
        foreach (var entry in left == 0 || earlier is null ? [] : earlier)
        {
            for (var i = 0; i < values.Length; i++)
                Find(reading, i, entry.Reading.Values, found, ref left);
            if (left == 0)
                break;
        }
        if (found.ContainsAnyExcept(Found.Nowhere))
            Judge(moment, reading, found);
    }

    private static bool NamesOneTwice(ReadOnlySpan<ChannelValue> values)
    {
        for (var i = 1; i < values.Length; i++)
        {
            var name = values[i].Channel;
            foreach (ref readonly var other in values[..i])
            {
                // Names of one length differ most often in their last letter: the instance.
                if (other.Channel.Length == name.Length && other.Channel[^1] == name[^1] && other.Channel == name)
                    return true;
            }
        }
        return false;
    }

    private static void Find(Reading reading, int index, ReadOnlySpan<ChannelValue> among, Span<Found> found, ref int left)
    {
        if (found[index] == Found.AsItIs)
            return;
        ref readonly var value = ref reading.Values[index];
        foreach (ref readonly var other in among)
        {
            if (other.Channel != value.Channel)
                continue;
            if (other.State == value.State && BitConverter.DoubleToInt64Bits(other.Number) == BitConverter.DoubleToInt64Bits(value.Number))
            {
                found[index] = Found.AsItIs;
                left--;
                return;
            }
            // Without a sequence the value is part of the key: another one is another key.
            if (reading.Sequence is not null)
                found[index] = Found.WithAnotherValue;
        }
    }

    private static void Judge(Moment moment, Reading reading, ReadOnlySpan<Found> found)
    {
        var verdicts = moment.Verdicts = new ValueVerdict[found.Length];
        List<string>? conflicts = null;
        for (var i = 0; i < found.Length; i++)
        {
            if (found[i] != Found.Nowhere)
                verdicts[i] = ValueVerdict.Drop;
            if (found[i] == Found.WithAnotherValue)
                (conflicts ??= []).Add(reading.Values[i].Channel);
        }
        // One letter a reading: the position is its key.
        if (conflicts is not null)
            moment.DeadLetters.Add(ReadingLetter.Of(moment.Entry, reading, DropDuplicates.Conflict, $"channel {string.Join(", ", conflicts)}: the same time and sequence came before with another value; the first one stands"));
    }
}
