using System.Text.Json;
using Telemetry.Ingest.State;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Backtest;

/// <summary>The side of a backtest that was judged when it happened: its transitions come out of the journal while the other side is played. For one playback.</summary>
internal sealed class RecordedSide : IDisposable
{
    private readonly RecordedJournal _journal;
    private readonly OutcomeRecorder _recorder;
    private readonly IEnumerator<JournalRow> _rows;
    private readonly Dictionary<string, Alarm> _open = new(StringComparer.Ordinal);

    // By alarm, those that have ended too: late data may go on with them.
    private readonly Dictionary<string, int> _transitions = new(StringComparer.Ordinal);

    // Null behind the last one.
    private JournalRow? _next;

    // Its families alone: no device is judged here.
    private readonly Fleet _fleet = new();

    public RecordedSide(RecordedJournal journal, BacktestSpan span, IReadOnlyList<LoadPosition> positions)
    {
        (_journal, _recorder, _rows) = (journal, new OutcomeRecorder(span, positions), journal.Rows.GetEnumerator());
        _next = Next();
    }

    /// <summary>Why this is not the journal of the log that is played, or not the whole one; null while it is.</summary>
    public string? Flaw { get; private set; }

    /// <summary>Takes what the journal has of this entry. Every entry in order, from the first one of the log on.</summary>
    public void Take(LogEntry entry)
    {
        // A service has written on since the two were compared.
        if (entry.Position > _journal.Position)
            Flaw ??= FormattableString.Invariant($"the journal goes to position {_journal.Position} alone");
        if (entry is TickEntry)
            _recorder.Advance(entry.Time);
        if (entry is FamilyEntry { Family: var name, Text: var text } && FamilyReader.Read(name + ".yaml", text).Family is { } family)
            _fleet.Set(new FamilyPlan(family), entry.Time);
        for (var ordinal = 0; Flaw is null && _next is { } row && row.Position <= entry.Position; ordinal++, _next = Next())
        {
            var transition = row.Transition();
            if ((row.Position, row.Alarm.Position, transition.ReceivedAt) != (entry.Position, entry.Position, entry.Time))
                Flaw = FormattableString.Invariant($"what the journal has at position {row.Position} is not of this log");
            else if (row.Ordinal != ordinal || row.Alarm.Transitions != _transitions.GetValueOrDefault(row.Alarm.Id) + 1)
                Flaw = FormattableString.Invariant($"the journal has a gap at position {row.Position}");
            else
                Take(transition);
        }
    }

    public Outcome Finish(long readings) =>
        _recorder.Finish(_open.Values, [.. _fleet.Plans.Values.Select(plan => plan.Family).OrderBy(family => family.Name, StringComparer.Ordinal)], readings);

    public void Dispose()
    {
        _rows.Dispose();
        _journal.Dispose();
    }

    private JournalRow? Next()
    {
        try
        {
            return _rows.MoveNext() ? _rows.Current : null;
        }
        catch (Exception error) when (error is IOException or JsonException)
        {
            Flaw = $"the journal can't be read: {error.Message}";
            return null;
        }
    }

    private void Take(AlarmTransition transition)
    {
        var alarm = transition.Alarm;
        _transitions[alarm.Id] = alarm.Transitions;
        if (alarm.State == AlarmState.Normal)
            _open.Remove(alarm.Id);
        else
            _open[alarm.Id] = alarm;
        _recorder.Add(transition, _fleet.RuleOf(alarm.Family, alarm.Rule));
    }
}
