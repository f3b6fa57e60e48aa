using Telemetry.Ingest.State;
using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.Alarms;

/// <summary>
/// Alarms as the API shows them: what stands in memory (everything not ended, and what SQLite does not have yet) over what SQLite keeps. So a
/// disk that takes no more neither hides an alarm nor shows an old state of one.
/// </summary>
public sealed class AlarmBook
{
    private readonly StateDatabase _database;

    // Transitions up to here are in SQLite already: a replay of the log's tail must not show an alarm as it was before.
    private readonly long _storedAtStart;
    private readonly Dictionary<string, Alarm> _held = new(StringComparer.Ordinal);
    private readonly Queue<(long Position, string Id)> _ended = new();
    private readonly Lock _gate = new();

    public AlarmBook(StateDatabase database)
    {
        _database = database;
        _storedAtStart = database.Position;
        foreach (var alarm in database.OpenAlarms())
            _held.Add(alarm.Id, alarm);
    }

    public ActionRefusals Refusals { get; } = new();

    public Alarm? Find(string id)
    {
        lock (_gate)
        {
            if (_held.TryGetValue(id, out var held))
                return held;
        }
        return _database.FindAlarm(id);
    }

    /// <summary>Newest raisedAt first, equal times by id.</summary>
    /// <exception cref="FormatException">The filter's state or after is none.</exception>
    public IReadOnlyList<Alarm> List(AlarmFilter filter)
    {
        var after = filter.After is null ? (AlarmCursor?)null : AlarmCursor.Parse(filter.After);
        var found = new List<Alarm>();
        HashSet<string> held;
        lock (_gate)
        {
            found.AddRange(_held.Values.Where(alarm => filter.Matches(alarm) && (after is null || AlarmCursor.Order.Compare(AlarmCursor.Of(alarm), after.Value) > 0)));
            held = [.. _held.Keys];
        }
        // Whatever has not ended is in memory.
        if (filter.States().Contains(AlarmState.Normal))
            AddStored(filter, held, found);
        found.Sort((one, other) => AlarmCursor.Order.Compare(AlarmCursor.Of(one), AlarmCursor.Of(other)));
        if (filter.Limit is { } limit && found.Count > limit)
            found.RemoveRange(limit, found.Count - limit);
        return found;
    }

    /// <summary>Everything whose state is not normal, newest first.</summary>
    public IReadOnlyList<Alarm> Open()
    {
        lock (_gate)
            return [.. _held.Values.Where(alarm => alarm.State != AlarmState.Normal).OrderBy(AlarmCursor.Of, AlarmCursor.Order)];
    }

    /// <summary>The condition of an alarm of the service itself holds.</summary>
    public bool Stands(string rule) => Open().Any(alarm => alarm is { Family: "system", Holds: true } && alarm.Rule == rule);

    /// <summary>Called by the rules' runner for each transition, before it is stored.</summary>
    public void Apply(AlarmTransition transition)
    {
        if (transition.Position <= _storedAtStart)
            return;
        lock (_gate)
        {
            _held[transition.Alarm.Id] = transition.Alarm;
            if (transition.Alarm.State == AlarmState.Normal)
                _ended.Enqueue((transition.Position, transition.Alarm.Id));
        }
    }

    /// <summary>Called once SQLite holds everything up to this position.</summary>
    public void Stored(long position)
    {
        lock (_gate)
        {
            while (_ended.TryPeek(out var oldest) && oldest.Position <= position)
            {
                _ended.Dequeue();
                // It may have changed once more since (a comment): then its later place in the queue removes it.
                if (_held.TryGetValue(oldest.Id, out var alarm) && alarm.State == AlarmState.Normal && alarm.Position <= position)
                    _held.Remove(oldest.Id);
            }
        }
    }

    /// <summary>Adds SQLite's matches but those that memory knows better, as many as the limit can need.</summary>
    private void AddStored(AlarmFilter filter, HashSet<string> held, List<Alarm> found)
    {
        var missing = filter.Limit ?? int.MaxValue;
        while (true)
        {
            var page = _database.Alarms(filter);
            foreach (var alarm in page)
            {
                if (held.Contains(alarm.Id))
                    continue;
                found.Add(alarm);
                missing--;
            }
            if (filter.Limit is null || page.Count < filter.Limit || missing <= 0)
                return;
            filter = filter with { After = AlarmCursor.Of(page[^1]).ToString() };
        }
    }
}
