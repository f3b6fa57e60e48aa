using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Rules.Explain;

/// <summary>What the log holds of a device and those that it looks at, up to a moment of event time: every value once, by event time.</summary>
internal sealed class PastReadings
{
    /// <summary>So far it is looked back for the last value of what reports rarely, in ms, a step at a time.</summary>
    public const long LooksBack = 32 * 24 * Hour;

    private const long Hour = 3_600_000;
    private const int MostLookedAt = 20_000;

    private static readonly long[] Steps = [Hour, 24 * Hour, 2 * 24 * Hour, 4 * 24 * Hour, 8 * 24 * Hour, 16 * 24 * Hour, LooksBack];

    private readonly List<ReadingEntry> _entries = [];
    private readonly Question _question;
    private readonly IReadOnlySet<string> _channels;

    /// <param name="begin">Event time, Unix ms, from which everything is read; from before it, the last values alone.</param>
    /// <param name="counts">Event time, Unix ms, by which the last value of every channel must be there.</param>
    /// <param name="channels">Names, without instance, of those that are worth a longer look back.</param>
    public PastReadings(Question question, long begin, long counts, IReadOnlySet<string> channels)
    {
        (_question, _channels) = (question, channels);
        Begin = begin;
        var devices = question.Others.Select(other => other.Device).Prepend(question.Device).ToList();
        var fleet = new Fleet();
        foreach (var (device, family) in question.Others.Prepend((question.Device, question.Family)))
        {
            if (fleet.Plan(family.Name) is null)
                fleet.Set(new FamilyPlan(family), 0);
            fleet.Set(device, fleet.Plan(family.Name)!, 0);
        }
        _entries.AddRange(Once(fleet, devices.SelectMany(device => Read(device, begin, question.At + 1))));
        foreach (var device in devices)
            LookBack(device, fleet.Find(device.Id)!.Plan.Family, counts);
        _entries.Sort((a, b) =>
        {
            var order = OrderOf(a).CompareTo(OrderOf(b));
            if (order == 0)
                order = string.CompareOrdinal(a.Reading.Device, b.Reading.Device);
            return order != 0 ? order : a.Position.CompareTo(b.Position);
        });
    }

    /// <summary>Just after the last reading of the device before a moment: then its rules have looked, and not later. The moment itself where there is none.</summary>
    public static long LastLookBefore(Question question, long moment)
    {
        var until = moment;
        foreach (var from in Steps.Select(step => moment - step))
        {
            var times = question.History(question.Device.Id, from, until).Where(entry => entry.Time <= question.At).Select(entry => entry.Reading.EventTime).ToList();
            if (times.Count > 0)
                return times.Max() + 1;
            until = from;
        }
        return moment;
    }

    public long Begin { get; }

    /// <summary>By event time.</summary>
    public IReadOnlyList<ReadingEntry> Entries => _entries;

    /// <summary>Received by the moment.</summary>
    public bool WasKnown(ReadingEntry entry) => entry.Time <= _question.At;

    private static ReadingOrder OrderOf(ReadingEntry entry) => ReadingOrder.Of(entry.Reading, ReadingKey.Of(entry.Reading, entry.Position));

    private IEnumerable<ReadingEntry> Read(Device device, long from, long to) =>
        _question.History(device.Id, from, to).Where(entry => entry.Reading.Family == device.Family);

    private List<ReadingEntry> Once(Fleet fleet, IEnumerable<ReadingEntry> entries)
    {
        var (moment, duplicates) = (new Moment(), new DropDuplicates(_question.DuplicateWindow));
        var once = new List<ReadingEntry>();
        foreach (var entry in entries.OrderBy(entry => entry.Position))
        {
            moment.For(entry).Device = fleet.Find(entry.Reading.Device);
            duplicates.Apply(moment);
            if (moment.Verdicts is not { } verdicts)
                once.Add(entry);
            else if (verdicts.Contains(ValueVerdict.Accept))
                once.Add(With(entry, entry.Reading.Values.Where((_, i) => verdicts[i] == ValueVerdict.Accept)));
        }
        return once;
    }

    /// <summary>The last value of each channel that was not told between <see cref="Begin"/> and there.</summary>
    private void LookBack(Device device, Family family, long counts)
    {
        var told = _entries.Where(entry => entry.Reading.Device == device.Id && entry.Reading.EventTime < counts && WasKnown(entry)).SelectMany(entry => entry.Reading.Values).Select(value => value.Channel).ToHashSet(StringComparer.Ordinal);
        var (looked, until) = (0, Begin);
        foreach (var from in Steps.Select(step => Begin - step).TakeWhile(_ => looked < MostLookedAt && IsMissing(family, told)))
        {
            var step = Read(device, from, until).Where(WasKnown).ToList();
            looked += step.Count;
            foreach (var entry in step.OrderByDescending(entry => entry.Reading.EventTime).ThenByDescending(entry => entry.Reading.Sequence).ThenByDescending(entry => entry.Position))
            {
                if (entry.Reading.Values.Where(value => told.Add(value.Channel)).ToList() is { Count: > 0 } last)
                    _entries.Add(With(entry, last));
            }
            until = from;
        }
    }

    // Which instances there are, nobody can say: of a group, one that has been heard is enough.
    private bool IsMissing(Family family, HashSet<string> told) =>
        family.Channels.Where(channel => _channels.Contains(channel.Name)).Any(channel => channel.Group is null ? !told.Contains(channel.Name) : !told.Any(name => name.StartsWith(channel.Name + ".", StringComparison.Ordinal)));

    private static ReadingEntry With(ReadingEntry entry, IEnumerable<ChannelValue> values) => new(new Reading
    {
        Gateway = entry.Reading.Gateway,
        Family = entry.Reading.Family,
        Device = entry.Reading.Device,
        SentTime = entry.Reading.SentTime,
        Sequence = entry.Reading.Sequence,
        EventTime = entry.Reading.EventTime,
        Marks = entry.Reading.Marks,
        Values = [.. values],
    })
    { Position = entry.Position, Time = entry.Time };
}
