using Telemetry.Ingest.Notify.Proof;
using Telemetry.Ingest.Notify.Rota;
using Telemetry.Ingest.Notify.Routing;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Notify;

/// <summary>Who is told of what, as one file says it (docs/samples/notify.yaml). Immutable; whatever it names is there.</summary>
internal sealed record NotifyFile
{
    /// <summary>What a message begins with, in 【】.</summary>
    public required string Signature { get; init; }

    /// <summary>A map's address with {latitude} and {longitude} (WGS 84); null for no link.</summary>
    public string? Map { get; init; }

    public required IReadOnlyDictionary<string, Person> People { get; init; }

    public required IReadOnlyDictionary<string, Robot> Robots { get; init; }

    /// <summary>In the order of the file.</summary>
    public required IReadOnlyList<Team> Teams { get; init; }

    /// <summary>The first that fits has it; the last one fits everything.</summary>
    public required IReadOnlyList<AlarmRoute> Routes { get; init; }

    /// <summary>By which ways, in order, a message of this severity goes to a person; what the person does not have falls through.</summary>
    public required IReadOnlyDictionary<Severity, IReadOnlyList<MessageChannel>> Channels { get; init; }

    /// <summary>Ways of the digests.</summary>
    public required IReadOnlyList<MessageChannel> DigestChannels { get; init; }

    /// <summary>When digests go out, China's time, ascending.</summary>
    public required IReadOnlyList<TimeOnly> Digest { get; init; }

    /// <summary>When the channels of critical alarms are proved; null for never.</summary>
    public ProofPlan? Proof { get; init; }

    /// <summary>Who alone is told of a drill.</summary>
    public required IReadOnlyList<string> Drill { get; init; }

    /// <summary>Names of the calendars' files, beside this one.</summary>
    public required IReadOnlyList<string> Calendars { get; init; }

    public Team? Team(string name) => Teams.FirstOrDefault(team => team.Name == name);
}

/// <param name="File">Null where there are errors.</param>
/// <param name="Errors">All of the file's, in its order.</param>
internal sealed record NotifyResult(NotifyFile? File, IReadOnlyList<FamilyError> Errors);
