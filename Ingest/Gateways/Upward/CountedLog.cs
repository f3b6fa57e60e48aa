using Telemetry.Ingest.State;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Gateways.Upward;

/// <summary>
/// The log as the level above is to see it: at ticks, how many alarms are active. A reading's time and sequence are the tick's time and position, and its values are made of the
/// journal up to there alone: whoever makes it again, after a restart or at another node, makes the same one under the same key.
/// </summary>
/// <param name="state">Holds the journal up to the last entry of each stretch.</param>
internal sealed class CountedLog(AlarmCounts counts, string gateway, StateDatabase state)
{
    /// <summary>Milliseconds of log time after which the same counts are said again.</summary>
    public const long Every = 30_000;

    private Dictionary<string, Alarm>? _open;
    private ChannelValue[]? _counted;
    private ChannelValue[] _said = [];
    private long _saidAt;

    /// <param name="stretch">Entries in the log's order, on from those of the call before.</param>
    public List<LogEntry> Of(IReadOnlyList<LogEntry> stretch)
    {
        _open ??= state.OpenAlarmsAt(stretch[0].Position - 1).ToDictionary(alarm => alarm.Id);
        var readings = new List<LogEntry>();
        using var journal = state.Journal(stretch[0].Position, stretch[^1].Position).GetEnumerator();
        var more = journal.MoveNext();
        foreach (var entry in stretch)
        {
            for (; more && journal.Current.Position <= entry.Position; more = journal.MoveNext())
                Take(journal.Current.Alarm);
            if (entry is not TickEntry)
                continue;
            _counted ??= counts.Of(_open.Values);
            if (entry.Time - _saidAt >= Every || !_counted.SequenceEqual(_said))
                readings.Add(Say(entry, _counted));
        }
        return readings;
    }

    private void Take(Alarm alarm)
    {
        if (alarm.State == AlarmState.Normal)
            _open!.Remove(alarm.Id);
        else
            _open![alarm.Id] = alarm;
        _counted = null;
    }

    private ReadingEntry Say(LogEntry tick, ChannelValue[] values)
    {
        (_said, _saidAt) = (values, tick.Time);
        return new ReadingEntry(new Reading { Gateway = gateway, Family = counts.Family, Device = gateway, SentTime = tick.Time, EventTime = tick.Time, Sequence = tick.Position, Values = values })
        {
            Position = tick.Position,
            Time = tick.Time,
        };
    }
}
