using Telemetry.Ingest.Notify.Routing;

namespace Telemetry.Ingest.Notify.Rota;

/// <summary>Whom a step asks at a moment. Always somebody: where the rota has a gap, or everyone was asked already, the next best.</summary>
internal sealed class OnCall(NotifyFile file)
{
    /// <summary>How far a calendar is searched for who comes next.</summary>
    private const long Ahead = 4 * LocalTime.Week;

    /// <param name="told">Who was asked before.</param>
    public string Of(Team team, StepTarget target, long at, IReadOnlyCollection<string> told)
    {
        if (file.People.ContainsKey(target.Word))
            return target.Word;
        var now = team.At(at).Person;
        // Who came on duty since somebody was asked has not been asked: the next one is whoever is at the desk now.
        var others = Order(team, at, now).Prepend(told.Count > 0 ? now : null).OfType<string>().FirstOrDefault(person => (person != now || told.Count > 0) && !told.Contains(person));
        var wanted = target == StepTarget.OnCall ? now ?? others
            : target == StepTarget.Next ? others ?? LeaderOf(team, at, told)
            : LeaderOf(team, at, told) ?? others;
        return wanted ?? now ?? team.People[0];
    }

    /// <summary>A leader who was asked already is no other one.</summary>
    private string? LeaderOf(Team team, long at, IReadOnlyCollection<string> told)
    {
        var leader = team.Leader is not { } name ? null : file.Team(name) is { } leaders ? leaders.At(at).Person ?? leaders.People[0] : name;
        return leader is null || told.Contains(leader) ? null : leader;
    }

    /// <summary>Those of the shift that runs, from the one after <paramref name="now"/> on, then the rest of the team; of a calendar, in the order of their next duties.</summary>
    private static IEnumerable<string> Order(Team team, long at, string? now)
    {
        if (team.Calendar is not null)
            return team.Between(at, at + Ahead).Select(duty => duty.Person).OfType<string>().Concat(team.People).Distinct();
        var turns = team.Shifts.FirstOrDefault(shift => now is not null && shift.People.Contains(now))?.People.ToList() ?? [];
        var after = now is null ? 0 : turns.IndexOf(now) + 1;
        return turns.Skip(after).Concat(turns.Take(after)).Concat(team.People).Distinct();
    }
}
