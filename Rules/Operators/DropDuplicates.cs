using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>
/// Second stage: a value whose key has been seen within the window is dropped, for rules and store alike. Key = (device, channel, time as
/// sent, sequence, else a hash of the value); without time: (device, channel, sequence); without both there is no telling.
/// </summary>
/// <param name="window">Milliseconds of log time for which a key is remembered, at least. A reading older than that goes to the store alone.</param>
public sealed class DropDuplicates(long window)
{
    private readonly record struct Key(int Device, int Channel, long Time, long Mark, bool HasSequence);

    // By name in the order of first sight: a change of a family file moves its channels' places, not their keys.
    private readonly Dictionary<string, int> _channels = new(StringComparer.Ordinal);

    // Two generations, turned every window: a key lives one to two windows, and turning costs nothing.
    private Dictionary<Key, long> _young = [];
    private Dictionary<Key, long> _old = [];
    private long _turned;

    public int Count => _young.Count + _old.Count;

    public Moment Apply(Moment moment)
    {
        if (moment.Entry is not ReadingEntry { Reading: var reading } entry || moment.Device is not { } device)
            return moment;
        if (entry.Time - _turned >= window)
        {
            (_old, _young) = (_turned == 0 ? [] : _young, []);
            _turned = entry.Time;
        }
        if (reading.SentTime is null && reading.Sequence is null)
            return moment;
        var tooOld = reading.EventTime < entry.Time - window;
        List<string>? conflicts = null;
        for (var i = 0; i < reading.Values.Length; i++)
        {
            ref readonly var value = ref reading.Values[i];
            if (tooOld)
            {
                Mark(moment, reading, i, ValueVerdict.LookUp);
                moment.Late = true;
                continue;
            }
            if (!_channels.TryGetValue(value.Channel, out var channel))
                _channels[value.Channel] = channel = _channels.Count;
            var content = ContentOf(value);
            var key = new Key(
                device.Index, channel, reading.SentTime ?? long.MinValue, reading.Sequence ?? content, reading.Sequence is not null);
            if (_old.TryGetValue(key, out var known) || !_young.TryAdd(key, content) && _young.TryGetValue(key, out known))
            {
                Mark(moment, reading, i, ValueVerdict.Drop);
                if (known != content)
                    (conflicts ??= []).Add(value.Channel);
            }
        }
        // One letter a reading: the position is its key.
        if (conflicts is not null)
            moment.DeadLetters.Add(Conflict(moment.Entry, reading, conflicts));
        return moment;
    }

    private static void Mark(Moment moment, Reading reading, int index, ValueVerdict verdict)
    {
        moment.Verdicts ??= new ValueVerdict[reading.Values.Length];
        moment.Verdicts[index] = verdict;
    }

    private static DeadLetterEntry Conflict(LogEntry entry, Reading reading, List<string> channels) => ReadingLetter.Of(
        entry, reading, "conflicting_duplicate", $"channel {string.Join(", ", channels)}: the same time and sequence came before with another value; the first one stands");

    private static long ContentOf(in ChannelValue value)
    {
        if (value.State is null)
            return BitConverter.DoubleToInt64Bits(value.Number);
        var hash = 14695981039346656037UL;
        foreach (var c in value.State)
            hash = (hash ^ c) * 1099511628211UL;
        return (long)hash;
    }

    public void Save(BinaryWriter into)
    {
        into.Write(_turned);
        into.Write(_channels.Count);
        foreach (var channel in _channels.Keys)
            into.Write(channel);
        SaveKeys(into, _old);
        SaveKeys(into, _young);
    }

    public void Load(BinaryReader from)
    {
        _turned = from.ReadInt64();
        for (var left = from.ReadInt32(); left > 0; left--)
            _channels.Add(from.ReadString(), _channels.Count);
        _old = LoadKeys(from);
        _young = LoadKeys(from);
    }

    private static void SaveKeys(BinaryWriter into, Dictionary<Key, long> keys)
    {
        into.Write(keys.Count);
        foreach (var (key, content) in keys)
        {
            into.Write(key.Device);
            into.Write(key.HasSequence ? ~key.Channel : key.Channel);
            into.Write(key.Time);
            into.Write(key.Mark);
            into.Write(content);
        }
    }

    private static Dictionary<Key, long> LoadKeys(BinaryReader from)
    {
        var count = from.ReadInt32();
        var keys = new Dictionary<Key, long>(count);
        for (var i = 0; i < count; i++)
        {
            var (device, channel) = (from.ReadInt32(), from.ReadInt32());
            var key = new Key(device, channel < 0 ? ~channel : channel, from.ReadInt64(), from.ReadInt64(), channel < 0);
            keys[key] = from.ReadInt64();
        }
        return keys;
    }
}
