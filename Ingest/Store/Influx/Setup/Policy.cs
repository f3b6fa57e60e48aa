namespace Telemetry.Ingest.Store.Influx.Setup;

/// <summary>One of the four retention policies of the city's series; on 2.x a bucket and a mapping to it.</summary>
/// <param name="Name">As InfluxQL calls it.</param>
/// <param name="Bucket">On 2.x; 1.x has the name alone.</param>
/// <param name="Keep">Null for ever.</param>
/// <param name="IsDefault">The one that a query without a policy means.</param>
public sealed record Policy(string Name, string Bucket, TimeSpan? Keep, bool IsDefault = false)
{
    public static string Text(TimeSpan? keep) => keep switch
    {
        null => "for ever",
        { Ticks: var ticks } when ticks % TimeSpan.TicksPerDay == 0 => FormattableString.Invariant($"{ticks / TimeSpan.TicksPerDay}d"),
        { Ticks: var ticks } when ticks % TimeSpan.TicksPerHour == 0 => FormattableString.Invariant($"{ticks / TimeSpan.TicksPerHour}h"),
        { TotalSeconds: var seconds } => FormattableString.Invariant($"{seconds:0}s"),
    };

    /// <summary>Would remove what <paramref name="now"/> keeps.</summary>
    public bool Shortens(TimeSpan? now) => Keep is { } keep && (now is not { } kept || kept > keep);
}

/// <summary>One thing that has to be there.</summary>
/// <param name="What"><c>database</c>, <c>policy</c>, <c>bucket</c> or <c>mapping</c>.</param>
/// <param name="Done"><c>exists</c>, <c>made</c> or <c>changed</c>.</param>
public sealed record SetupStep(string What, string Name, string Done, string Detail);

/// <summary>What a server lacks, before anything is changed.</summary>
/// <param name="There">What is as it has to be.</param>
/// <param name="Missing">Makes or changes one thing, in order.</param>
/// <param name="Refused">Why nothing may be changed; empty where all may.</param>
internal sealed record SetupPlan(IReadOnlyList<SetupStep> There, IReadOnlyList<(SetupStep Step, Func<CancellationToken, Task> Do)> Missing, IReadOnlyList<string> Refused);
