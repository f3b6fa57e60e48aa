namespace Telemetry.Ingest.Notify.Proof;

/// <summary>When the channels of critical alarms are proved, each week, and by whom. China's time, UTC+8 all year; holidays change nothing. Pure.</summary>
/// <param name="Team">Whoever is on call for it gets the tests.</param>
/// <param name="Within">Milliseconds for the answer.</param>
internal sealed record ProofPlan(DayOfWeek Day, TimeOnly At, string Team, long Within)
{
    public const long DefaultWithin = 4 * LocalTime.Hour;

    /// <summary>The last time that it was due, the moment itself included. Unix ms.</summary>
    public long LastDue(long now)
    {
        var today = LocalTime.DayOf(now);
        var due = LocalTime.Of(today.AddDays(-(((int)today.DayOfWeek - (int)Day + 7) % 7))) + (long)At.ToTimeSpan().TotalMilliseconds;
        return due <= now ? due : due - LocalTime.Week;
    }

    public long NextDue(long now) => LastDue(now) + LocalTime.Week;

    /// <summary>A test that a downtime kept back goes out later on the same day; nobody is called for it at night.</summary>
    public long? ToSend(long now) => LastDue(now) is var due && LocalTime.DayOf(due) == LocalTime.DayOf(now) ? due : null;
}
