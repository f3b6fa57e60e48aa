namespace Telemetry.Ingest.Notify.Second;

/// <summary>A code that has been sent to a second person.</summary>
/// <param name="Alarm">Id.</param>
/// <param name="By">Who asks.</param>
/// <param name="Person">Who gets it, id in Notify:File.</param>
/// <param name="About">The alarm, in that person's language.</param>
/// <param name="Code">Six digits.</param>
/// <param name="At">Unix ms.</param>
/// <param name="Tries">That are left; 0 once it has been used.</param>
/// <param name="Used">It has opened something: nobody is called for it any more, as somebody is for one that was guessed at in vain.</param>
internal sealed record SecondCode(string Alarm, string By, string Person, string About, string Code, long At, int Tries, bool Used = false)
{
    /// <summary>Of its message, the same at every node.</summary>
    public string Key => FormattableString.Invariant($"second-{At}.{Alarm}.{Person}");
}
