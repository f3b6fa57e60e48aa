using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;

namespace Telemetry.Rules.Operators;

/// <summary>
/// Carries the rules of places through event time. They are judged at ticks alone, by everything that has come until then in the order of
/// event time: readings permuted between two ticks give the same alarm, raised at the event time of the member that made it one.
/// </summary>
internal sealed class JudgePlaces(Fleet fleet)
{
    private const int MostNamed = 20;

    private readonly PlaceInputs _inputs = new();

    /// <summary>Carries a place to <paramref name="now"/>.</summary>
    public void Walk(Moment moment, PlaceState place, long now)
    {
        var at = Math.Max(Math.Min(place.Dirty, place.NextChange(place.Walked)), place.Settled);
        place.Dirty = long.MaxValue;
        ForgetAfter(place, at);
        for (; at <= now; at = place.NextChange(at))
        {
            Mature(moment, place, at);
            Judge(moment, place, at);
            Mature(moment, place, at);
        }
        Mature(moment, place, now);
        place.Walked = now;
        foreach (var members in place.Members)
            members.Prune(now - place.Family.Family.Lateness - members.Count.Span);
        fleet.Places.Queue(place);
    }

    /// <summary>Something earlier has changed: what was noted later, and has not led to anything yet, is judged anew.</summary>
    private static void ForgetAfter(PlaceState place, long at)
    {
        for (var i = 0; i < place.Steps.Length; i++)
        {
            ref var state = ref place.Steps[i];
            if (state.Since > at)
                (state.Truth, state.Since) = (state.Active ? Truth.True : Truth.False, at);
        }
    }

    private void Judge(Moment moment, PlaceState place, long at)
    {
        foreach (var rule in place.Plan.Rules)
        {
            for (var i = 0; i < rule.Rule.Steps.Count; i++)
            {
                ref var state = ref place.Steps[rule.First + i];
                _inputs.Point(place, at);
                _inputs.Holding = state.Active;
                Delays.Note(ref state, rule.Rule.Steps[i].Condition!.Evaluate(_inputs), at, ReadingKey.Of(at, moment.Entry));
            }
        }
    }

    /// <summary>The highest step raises first and clears last, so that a jump over steps is one transition.</summary>
    private void Mature(Moment moment, PlaceState place, long now)
    {
        foreach (var rule in place.Plan.Rules)
        {
            while (Earliest(place, rule) is var (step, due) && due <= now)
            {
                var before = place.TopStep(rule);
                ref var state = ref place.Steps[rule.First + step];
                Delays.Mature(ref state, due, now);
                place.Settled = Math.Max(place.Settled, due);
                if (place.TopStep(rule) is var after && after != before)
                    moment.Changes.Add(Change(place, rule.Rule, after, before, due, state.Key));
            }
        }
    }

    private static (int Step, long Due) Earliest(PlaceState place, RulePlan rule)
    {
        var (step, earliest) = (-1, long.MaxValue);
        for (var i = 0; i < rule.Rule.Steps.Count; i++)
        {
            var due = Delays.Due(place.Steps[rule.First + i], place.Steps[rule.First], rule, i);
            if (due < earliest || (due == earliest && due != long.MaxValue && !place.Steps[rule.First + i].Active))
                (step, earliest) = (i, due);
        }
        return (step, earliest);
    }

    private ConditionChange Change(PlaceState place, Rule rule, int step, int before, long at, ulong key)
    {
        _inputs.Point(place, at);
        var members = place.Members.SelectMany(each => each.MembersAt(at)).Distinct().Select(member => (fleet.Devices[member.Device], member.Instance)).ToList();
        var subject = new Subject(place.Id, Fleet.AreaFamily, Common(members, device => device.District), Common(members, device => device.Street), place.Family.Family.Hash);
        return new ConditionChange(subject, rule, 0, step, at, key, step > before ? EvidenceOf(rule, rule.Steps[step], members) : default);
    }

    private Evidence EvidenceOf(Rule rule, Step step, List<(DeviceState Device, int Instance)> members)
    {
        var names = members.Count + ": " + Named(members.Select(member => member.Instance == 0 ? member.Device.Device.Id : $"{member.Device.Device.Id}.{member.Instance}"));
        var explanation = step.Condition!.Explain(_inputs);
        double? limit = explanation?.Limit is { State: NumState.Known } known ? known.Value : null;
        return new Evidence(null, explanation?.Value.Value, null, limit, null, rule.Say?.Render(_inputs) is { } said ? $"{said}; {names}" : names);
    }

    /// <summary><c>C-1, C-2, C-3</c>; of many, the first by id.</summary>
    public static string Named(IEnumerable<string> ids)
    {
        var sorted = ids.Order(StringComparer.Ordinal).ToList();
        return string.Join(", ", sorted.Take(MostNamed)) + (sorted.Count > MostNamed ? ", …" : "");
    }

    private static string? Common(List<(DeviceState Device, int Instance)> members, Func<Model.Device, string?> of)
    {
        var first = members.Count == 0 ? null : of(members[0].Device.Device);
        return members.All(member => of(member.Device.Device) == first) ? first : null;
    }
}
