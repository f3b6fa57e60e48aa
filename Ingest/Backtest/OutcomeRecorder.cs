using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Backtest;

/// <summary>Gathers an <see cref="Outcome"/> from transitions.</summary>
internal sealed class OutcomeRecorder(BacktestSpan span, IReadOnlyList<LoadPosition> positions)
{
    private const long Hour = 3_600_000;

    private readonly Dictionary<string, Occurred> _occurrences = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, int> _callsPerHour = [];
    private readonly LoadLedger _load = new(positions);

    public void Advance(long now)
    {
        if (now >= span.From)
            _load.Advance(now);
    }

    public void Add(AlarmTransition transition, Rule? rule)
    {
        var alarm = transition.Alarm;
        var isCall = transition.ReceivedAt >= span.From && LoadCall.Is(transition);
        if (transition.ReceivedAt >= span.From)
            _load.Apply(transition, rule);
        if (isCall)
            _callsPerHour[transition.ReceivedAt / Hour] = _callsPerHour.GetValueOrDefault(transition.ReceivedAt / Hour) + 1;
        var before = _occurrences.GetValueOrDefault(alarm.Id);
        _occurrences[alarm.Id] = new Occurred(alarm, before is null || alarm.Severity > before.Severity ? alarm.Severity : before.Severity, (before?.Calls ?? 0) + (isCall ? 1 : 0));
        // What is over and lies before the span can be asked for no more.
        if (alarm.State == AlarmState.Normal && alarm.RaisedAt < span.From - span.WarmUp)
            _occurrences.Remove(alarm.Id);
    }

    public Outcome Finish(IEnumerable<Alarm> open, IReadOnlyList<Family> families, long readings)
    {
        var days = (int)Math.Clamp((span.To - span.From + 86_399_999) / 86_400_000, 1, LoadLedger.MostDays);
        var occurrences = _occurrences.Values
            .Where(occurred => occurred.RaisedAt >= span.From && occurred.RaisedAt < span.To && occurred.Alarm.RetractedAt is null)
            .OrderBy(occurred => occurred.Key).ThenBy(occurred => occurred.RaisedAt).ThenBy(occurred => occurred.Id, StringComparer.Ordinal);
        return new Outcome([.. occurrences], _load.Figures(days, open), _callsPerHour, families, readings);
    }
}
