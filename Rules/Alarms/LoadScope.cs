using Telemetry.Rules.Families;

namespace Telemetry.Rules.Alarms;

/// <summary>The load of one operator position or one district, for 31 days.</summary>
/// <param name="since">Log time from which it counts, Unix ms; 0 for the first that it hears of.</param>
internal sealed class LoadScope(long since = 0, long now = 0)
{
    private const long HourLength = 3_600_000;
    private const long DayLength = 24 * HourLength;
    private readonly LoadCalls _calls = new(since, now);
    private readonly LinkedList<LoadDay> _days = [];

    public void Advance(long now) => _calls.Advance(now);

    public IEnumerable<LoadWindow> Windows() => _calls.Day();

    public void Call(Alarm alarm, string name, string rule, long now)
    {
        _calls.Count(alarm.Severity, now);
        var day = Today(now);
        day.Call(alarm.Severity);
        day.Alarms.Add(name);
        day.Rules.Add(rule);
    }

    public LoadDay Today(long now)
    {
        if (_days.Last is not { Value: var newest } || newest.Day < now / DayLength)
            _days.AddLast(newest = new LoadDay(now / DayLength));
        while (_days.First!.Value.Day <= newest.Day - LoadCalls.DaysKept)
            _days.RemoveFirst();
        return newest;
    }

    /// <param name="days">Today counts as the first, 1 to 31.</param>
    /// <param name="open">The scope's alarms that have not ended.</param>
    public LoadFigures Figures(LoadOf of, string name, long now, int days, IReadOnlyCollection<Alarm> open)
    {
        var from = Math.Max(_calls.Since, ((now / DayLength) - days + 1) * DayLength);
        var sum = new LoadDay(0);
        foreach (var day in _days.Where(day => day.Day >= from / DayLength))
            sum.Add(day);
        var floods = _calls.FloodsFrom(from).ToArray();
        var floodTime = _calls.FloodTime(from, now);
        var standing = open.Where(alarm => alarm.State is AlarmState.ActiveUnacknowledged or AlarmState.ActiveAcknowledged).ToArray();
        var alarms = sum.Alarms.Top(10);
        return new LoadFigures(
            of, name, _calls.Since, from, _calls.Last10Minutes, _calls.SumFrom(now - DayLength), _calls.Over10From(from),
            _calls.IsFlooded ? floods[^1] : null, floods.Length, floodTime, floods.Select(flood => flood.Peak).DefaultIfEmpty().Max(), now > from ? (double)floodTime / (now - from) : null,
            sum.Calls, sum.Of(Severity.Critical), sum.Of(Severity.High), sum.Of(Severity.Medium) + sum.Of(Severity.Low),
            sum.Chattering, sum.Fleeting, sum.Ended, sum.WithoutAction,
            sum.Calls == 0 ? null : (double)alarms.Sum(alarm => alarm.Count) / sum.Calls, alarms, sum.Rules.Top(10),
            Length(sum.Acknowledge), Length(sum.Clear),
            standing.Length, standing.Count(alarm => alarm.RaisedReceivedAt < now - DayLength),
            [.. open.Where(alarm => alarm.State == AlarmState.Shelved).OrderBy(alarm => alarm.Id, StringComparer.Ordinal)]);
    }

    /// <param name="open">The scope's alarms that have not ended.</param>
    public LoadMinute Minute(string name, long now, IReadOnlyCollection<Alarm> open)
    {
        var sum = new LoadCounts();
        var calls = 0;
        foreach (var day in _days.Where(day => day.Day > (now / DayLength) - LoadCalls.DaysKept))
        {
            sum.Add(day.Alarms);
            calls += day.Calls;
        }
        var standing = open.Where(alarm => alarm.State is AlarmState.ActiveUnacknowledged or AlarmState.ActiveAcknowledged).ToArray();
        return new LoadMinute
        {
            Position = name,
            Last10Minutes = _calls.Last10Minutes,
            LastHour = _calls.SumFrom(now - HourLength),
            LastDay = _calls.SumFrom(now - DayLength),
            Critical = _calls.SumOfDay(Severity.Critical),
            High = _calls.SumOfDay(Severity.High),
            Medium = _calls.SumOfDay(Severity.Medium),
            Low = _calls.SumOfDay(Severity.Low),
            Flood = _calls.IsFlooded,
            FloodTime = _calls.FloodTime(now - DayLength, now),
            TopTenShare = calls == 0 ? null : (double)sum.Top(10).Sum(alarm => alarm.Count) / calls,
            Standing = standing.Length,
            Stale = standing.Count(alarm => alarm.RaisedReceivedAt < now - DayLength),
            Shelved = open.Count(alarm => alarm.State == AlarmState.Shelved),
            Chattering = open.Count(alarm => alarm.Chattering),
            Unacknowledged = open.Count(alarm => alarm.Sounds),
        };
    }

    public LoadShift Shift(long from, long now) =>
        new(from, now, _calls.SumFrom(from), _calls.FloodTime(from, now), _calls.FloodsFrom(from).Select(flood => flood.Peak).DefaultIfEmpty().Max());

    public void Save(BinaryWriter into)
    {
        _calls.Save(into);
        into.Write7BitEncodedInt(_days.Count);
        foreach (var day in _days)
            day.Save(into);
    }

    public void Load(BinaryReader from)
    {
        _calls.Load(from);
        for (var left = from.Read7BitEncodedInt(); left > 0; left--)
            _days.AddLast(LoadDay.Load(from));
    }

    private static LoadLength Length(LoadTimes times) => new(times.Count, times.Percentile(0.5), times.Percentile(0.95));
}
