using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>
/// Second stage: a value whose key stands in the log already is dropped, for rules and store alike. Key = (device, channel, time as sent, sequence,
/// else the value); without time: (device, channel, sequence); without both there is no telling, nor by the time of a clock that was never set alone. It remembers two numbers a device; the log itself is
/// the memory of the keys. Decision 0012.
/// </summary>
public sealed class DropDuplicates
{
    /// <summary>Of one time and sequence of a device, the latest so many readings are compared: a stuck clock must not have ever more of them read.</summary>
    public const int MostCompared = 256;

    /// <summary>Reason of the dead letter of a value whose key came before with another one.</summary>
    public const string Conflict = "conflicting_duplicate";

    // A device's clock may run ahead by so much before the received time stands in for its own: its first reading came so long before its time.
    private const long AheadAtMost = 5 * 60_000;

    // Whoever has no clock begins anew with its next start, times and sequence alike: what says the same later than this was not sent again. Ms of log time.
    private const long SentAgainWithin = 10 * 60_000;

    /// <param name="First">Position of the device's first reading: what is before it was refused.</param>
    /// <param name="Newest">The greatest time as sent so far.</param>
    private readonly record struct Heard(long First, long Newest);

    private readonly long _window;
    private readonly EarlierReadings _earlier;
    private readonly ReadingsByKey? _own;

    // By the device's index.
    private readonly List<Heard> _heard = [];

    /// <param name="window">Milliseconds of log time in which a key is looked for. A reading older than that goes to the store alone.</param>
    /// <param name="earlier">Null where there is no log to look in: what passes through is then kept in memory, but not in a checkpoint.</param>
    public DropDuplicates(long window, EarlierReadings? earlier = null)
    {
        _window = window;
        _own = earlier is null ? new ReadingsByKey() : null;
        _earlier = earlier ?? _own!.Before;
    }

    public Moment Apply(Moment moment)
    {
        if (moment.Entry is not ReadingEntry { Reading: var reading } entry || moment.Device is not { } device)
            return moment;
        if (reading.Sequence is null && (reading.SentTime is null || reading.HasNoClock))
            return moment;
        while (_heard.Count <= device.Index)
            _heard.Add(new Heard(long.MaxValue, long.MinValue));
        var (first, newest) = _heard[device.Index];
        if (IsTooOld(entry))
        {
            moment.Verdicts = new ValueVerdict[reading.Values.Length];
            Array.Fill(moment.Verdicts, ValueVerdict.LookUp);
            moment.Late = true;
        }
        else
            RepeatedValues.Drop(moment, reading, reading.SentTime > newest ? null : Earlier(entry, first));
        _heard[device.Index] = new Heard(Math.Min(first, entry.Position), Math.Max(newest, reading.SentTime ?? long.MinValue));
        _own?.Add(entry);
        return moment;
    }

    /// <summary>The log is asked as far back for every reading: it keeps at hand what it was asked for.</summary>
    private IEnumerable<ReadingEntry> Earlier(ReadingEntry entry, long first) =>
        _earlier(entry, entry.Time - _window - AheadAtMost)
            .TakeWhile(earlier => earlier.Position >= first && (!entry.Reading.HasNoClock || earlier.Time >= entry.Time - SentAgainWithin))
            .Where(earlier => earlier.Reading.Family == entry.Reading.Family && !IsTooOld(earlier))
            .Take(MostCompared);

    private bool IsTooOld(ReadingEntry entry) => entry.Reading.EventTime < entry.Time - _window;

    public void Save(BinaryWriter into)
    {
        into.Write(_heard.Count);
        foreach (var (first, newest) in _heard)
        {
            into.Write(first);
            into.Write(newest);
        }
    }

    public void Load(BinaryReader from)
    {
        for (var left = from.ReadInt32(); left > 0; left--)
            _heard.Add(new Heard(from.ReadInt64(), from.ReadInt64()));
    }
}
