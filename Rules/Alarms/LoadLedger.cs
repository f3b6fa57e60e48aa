using Telemetry.Rules.Families;

namespace Telemetry.Rules.Alarms;

/// <summary>
/// How many alarms the operators had to bear (ISA-18.2, EEMUA 191): a function of the transitions and the passing of log time alone. A transition costs
/// the same however many came before; what is kept is bounded by 31 days, by 13 months of rules, and by the alarms that stand.
/// </summary>
public sealed partial class LoadLedger
{
    /// <summary>How far back figures go.</summary>
    public const int MostDays = LoadCalls.DaysKept;

    private const long FleetingUpTo = 30_000;

    private readonly IReadOnlyList<LoadPosition> _positions;
    private readonly LoadScope[] _byPosition;
    private readonly SortedDictionary<string, (LoadScope Scope, LoadScope[] All)> _byDistrict = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LoadOccurrence> _occurrences = new(StringComparer.Ordinal);
    private readonly LoadChatter _chatter = new();
    private readonly LoadMonths _months = new();
    private long _since;
    private long _now;

    /// <param name="positions">What none of them hears goes to one more, <see cref="LoadPosition.Unassigned"/>.</param>
    public LoadLedger(IReadOnlyList<LoadPosition>? positions = null)
    {
        _positions = LoadPosition.Complete(positions ?? LoadPosition.Whole);
        _byPosition = [.. _positions.Select(_ => new LoadScope())];
    }

    /// <summary>Log time has come this far, Unix ms.</summary>
    public void Advance(long now)
    {
        _now = now;
        if (_since == 0)
            _since = now;
        foreach (var scope in _byPosition)
            scope.Advance(now);
        foreach (var (scope, _) in _byDistrict.Values)
            scope.Advance(now);
    }

    /// <param name="rule">As it is in force now, for its delays and its time to respond; null for one that is gone.</param>
    public void Apply(AlarmTransition transition, Rule? rule)
    {
        if (transition.ReceivedAt > _now)
            Advance(transition.ReceivedAt);
        if (LoadCall.Is(transition))
            Call(transition, rule);
        if (LoadCall.FalseAlarm(transition) is { } reason)
            TallyOf(transition.Alarm).FalseAlarm(reason);
        if (!_occurrences.TryGetValue(transition.Alarm.Id, out var occurrence))
            return;
        if (transition.Cause == "acknowledged")
            Acknowledge(transition, occurrence);
        else if (transition.Cause == "cleared")
            Clear(transition, rule, occurrence);
        else
            occurrence.Answered |= LoadCall.IsAnswer(transition.Cause);
        // Beneath an overlay nobody is asked to acknowledge.
        if (transition.To is AlarmState.Shelved or AlarmState.Suppressed or AlarmState.OutOfService)
            occurrence.CalledAt = null;
        if (transition.To == AlarmState.Normal)
            End(transition, occurrence);
    }

    /// <summary>Positions in the order of the configuration, then districts by name.</summary>
    /// <param name="days">Over which the figures count that are of neither the last 10 min nor the last day; today is the first. 1 to 31.</param>
    /// <param name="open">Alarms that have not ended.</param>
    public IReadOnlyList<LoadFigures> Figures(int days, IEnumerable<Alarm> open)
    {
        var byDistrict = Borne(open).ToLookup(DistrictOf, StringComparer.Ordinal);
        var names = byDistrict.Select(district => district.Key).Concat(_byDistrict.Keys).Distinct().Order(StringComparer.Ordinal).ToArray();
        return
        [
            .. _positions.Select((position, index) => _byPosition[index].Figures(
                LoadOf.Position, position.Name, _now, days, [.. names.Where(name => PositionsOf(name).Contains(index)).SelectMany(name => byDistrict[name])])),
            .. names.Select(name => (_byDistrict.TryGetValue(name, out var known) ? known.Scope : new LoadScope(_since, _now)).Figures(LoadOf.District, name, _now, days, [.. byDistrict[name]])),
        ];
    }

    /// <summary>The last day of one position or district by windows of 10 min, oldest first; shorter where there are no figures so far back.</summary>
    public IReadOnlyList<LoadWindow> Windows(LoadOf of, string name)
    {
        var scope = of == LoadOf.District
            ? _byDistrict.TryGetValue(name, out var known) ? known.Scope : new LoadScope(_since, _now)
            : _positions.ToList().FindIndex(position => position.Name == name) is >= 0 and var index ? _byPosition[index] : null;
        return scope is null ? [] : [.. scope.Windows()];
    }

    /// <summary>Of each position, in the order of the configuration, at the moment that log time has come to.</summary>
    /// <param name="open">Alarms that have not ended.</param>
    public IReadOnlyList<LoadMinute> Minute(IEnumerable<Alarm> open)
    {
        var heard = _positions.Select(_ => new List<Alarm>()).ToArray();
        foreach (var district in Borne(open).GroupBy(DistrictOf, StringComparer.Ordinal))
        {
            foreach (var position in PositionsOf(district.Key))
                heard[position].AddRange(district);
        }
        return [.. _positions.Select((position, index) => _byPosition[index].Minute(position.Name, _now, heard[index]))];
    }

    /// <summary>What a shift had to bear at a position; null for one that is not configured.</summary>
    /// <param name="from">When it began, log time, Unix ms; at most 31 days ago.</param>
    public LoadShift? Shift(string position, long from)
    {
        var index = _positions.ToList().FindIndex(known => known.Name == position);
        return index < 0 ? null : _byPosition[index].Shift(from, _now);
    }

    /// <summary>The rules that called, were false or chattered in a month, most calls first. Calls that wait too long for an acknowledgement now count as late in the present month.</summary>
    /// <param name="month">1 to 12.</param>
    public IReadOnlyList<LoadTally> Month(int year, int month)
    {
        var isPresent = DateTimeOffset.FromUnixTimeMilliseconds(_now) is var now && (now.Year, now.Month) == (year, month);
        var overdue = isPresent
            ? _occurrences.Values.Where(occurrence => occurrence.IsLateAt(_now)).CountBy(occurrence => LoadMonths.Key(occurrence.Family, occurrence.Rule)).ToDictionary(StringComparer.Ordinal)
            : [];
        return
        [
            .. _months.Of(year, month)
                .Select(tally => tally.With(overdue.GetValueOrDefault(LoadMonths.Key(tally.Family, tally.Rule))))
                .OrderByDescending(tally => tally.Alarms).ThenBy(tally => LoadMonths.Key(tally.Family, tally.Rule), StringComparer.Ordinal),
        ];
    }

    /// <summary>Tests and drills are nobody's load, what stands in them neither.</summary>
    private static IEnumerable<Alarm> Borne(IEnumerable<Alarm> open) => open.Where(alarm => alarm is { Kind: AlarmKind.Alarm, Mode: null });

    private void Call(AlarmTransition transition, Rule? rule)
    {
        var alarm = transition.Alarm;
        var name = NameOf(alarm);
        var (own, all) = ScopesOf(DistrictOf(alarm));
        foreach (var scope in all.Prepend(own))
            scope.Call(alarm, name, LoadMonths.Key(alarm.Family, alarm.Rule), transition.ReceivedAt);
        var tally = TallyOf(alarm);
        tally.Alarms++;
        if (!_occurrences.TryGetValue(alarm.Id, out var occurrence))
            _occurrences[alarm.Id] = occurrence = new LoadOccurrence { Family = alarm.Family, Rule = alarm.Rule };
        (occurrence.CalledAt, occurrence.RespondIn) = (transition.ReceivedAt, rule?.RespondIn);
        if (transition.Cause is "raised" or "recurred" && _chatter.Occurred(name, transition.ReceivedAt) is { } longest)
        {
            tally.Chattering++;
            tally.LongestNuisance = Math.Max(tally.LongestNuisance, longest);
            ForEach(alarm, day => day.Chattering++);
        }
    }

    private void Acknowledge(AlarmTransition transition, LoadOccurrence occurrence)
    {
        if (occurrence.CalledAt is not { } called)
            return;
        var now = transition.ReceivedAt;
        ForEach(transition.Alarm, day => day.Acknowledge.Add(now - called));
        if (occurrence.IsLateAt(now))
            TallyOf(transition.Alarm).AcknowledgedLate++;
        (occurrence.CalledAt, occurrence.Acknowledged) = (null, true);
    }

    private void Clear(AlarmTransition transition, Rule? rule, LoadOccurrence occurrence)
    {
        var alarm = transition.Alarm;
        var stood = transition.At - alarm.RaisedAt;
        ForEach(alarm, day => day.Clear.Add(stood));
        var held = HeldFor(rule, stood);
        var chattering = _chatter.Cleared(NameOf(alarm), held, transition.ReceivedAt);
        var fleeting = chattering is null && stood <= FleetingUpTo && !occurrence.Acknowledged && !occurrence.Answered;
        if (chattering is null && !fleeting)
            return;
        var tally = TallyOf(alarm);
        tally.LongestNuisance = Math.Max(tally.LongestNuisance, Math.Max(1, chattering ?? held));
        if (!fleeting)
            return;
        tally.Fleeting++;
        ForEach(alarm, day => day.Fleeting++);
    }

    private void End(AlarmTransition transition, LoadOccurrence occurrence)
    {
        if (occurrence.IsLateAt(transition.ReceivedAt))
            TallyOf(transition.Alarm).AcknowledgedLate++;
        ForEach(transition.Alarm, day =>
        {
            day.Ended++;
            day.WithoutAction += occurrence.Answered ? 0 : 1;
        });
        _occurrences.Remove(transition.Alarm.Id);
    }

    /// <summary>How long the condition held: what stood came later by the on-delay and went later by the off-delay. Of a ladder the rung is not known; this is the most that it can have been.</summary>
    private static long HeldFor(Rule? rule, long stood) =>
        rule is { Steps: { Count: > 0 } steps } ? Math.Max(0, stood + steps.Max(step => step.OnDelay) - steps.Min(step => step.OffDelay)) : stood;

    private void ForEach(Alarm alarm, Action<LoadDay> change)
    {
        var (own, all) = ScopesOf(DistrictOf(alarm));
        foreach (var scope in all.Prepend(own))
            change(scope.Today(_now));
    }

    private (LoadScope Scope, LoadScope[] All) ScopesOf(string district)
    {
        if (_byDistrict.TryGetValue(district, out var known))
            return known;
        var scope = new LoadScope(_since, _now);
        return _byDistrict[district] = (scope, [.. PositionsOf(district).Select(index => _byPosition[index])]);
    }

    private int[] PositionsOf(string district)
    {
        var hearing = Enumerable.Range(0, _positions.Count).Where(index => _positions[index].Hears(district)).ToArray();
        return hearing.Length > 0 ? hearing : [_positions.Count - 1];
    }

    private LoadTally TallyOf(Alarm alarm) => _months.Of(alarm.Family, alarm.Rule, _now);

    private static string NameOf(Alarm alarm) => alarm.Instance is null ? $"{alarm.Device} {alarm.Rule}" : $"{alarm.Device} {alarm.Rule}/{alarm.Instance}";

    private static string DistrictOf(Alarm alarm) => alarm.District ?? LoadPosition.NoDistrict;
}
