namespace Telemetry.Ingest.Notify.Rota;

/// <summary>Times at which nobody is on call for a team.</summary>
internal static class Gaps
{
    /// <summary>How far ahead they are looked for at start and by <c>who --week</c>.</summary>
    public const long Ahead = 8 * LocalTime.Week;

    /// <summary>The teams' in order, each team's by time.</summary>
    public static IEnumerable<(Team Team, Duty Gap)> Of(NotifyFile file, long from, long to) =>
        file.Teams.SelectMany(team => team.Between(from, to).Where(duty => duty.Person is null).Select(gap => (team, gap)));

    public static string Shown(Duty gap) => $"nobody is on call from {LocalTime.Shown(gap.From)} to {LocalTime.Shown(gap.To)} ({gap.Why}); who is next in the rota, or the leader, is told instead";
}
