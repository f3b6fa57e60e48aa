using Telemetry.Rules.Alarms;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.State;

/// <summary>What one stretch of the log changed in the projections.</summary>
/// <param name="Position">Last entry of the stretch.</param>
public sealed record ProjectionBatch(
    long Position,
    IReadOnlyList<AlarmTransition> Transitions,
    IReadOnlyList<Device> Devices,
    IReadOnlyList<DeadLetterEntry> DeadLetters);

/// <summary>
/// SQLite projections of the log: register, journal, alarm occurrences, dead letters, and the position up to which they hold, changed in one
/// transaction (synchronous=FULL, WAL). A batch at or before <see cref="Position"/> is skipped entry by entry, so replay doubles nothing.
/// </summary>
public sealed class StateDatabase : IDisposable
{
    public static StateDatabase Open(string path) => throw new NotImplementedException();

    public long Position => throw new NotImplementedException();

    /// <summary>Throws <see cref="IOException"/> when the disk is full or fails; nothing of the batch stands then.</summary>
    public void Apply(ProjectionBatch batch) => throw new NotImplementedException();

    public IReadOnlyList<Device> Devices() => throw new NotImplementedException();

    /// <summary>Occurrences that have not ended (state not normal), for the start.</summary>
    public IReadOnlyList<Alarm> OpenAlarms() => throw new NotImplementedException();

    public Alarm? FindAlarm(string id) => throw new NotImplementedException();

    /// <summary>Occurrences matching the filter, newest raisedAt first.</summary>
    public IReadOnlyList<Alarm> Alarms(AlarmFilter filter) => throw new NotImplementedException();

    /// <summary>Journal lines (with their alarm's JSON as of then) from a position on, inclusive, in order.</summary>
    public IEnumerable<JournalRow> Journal(long from) => throw new NotImplementedException();

    public IReadOnlyList<DeadLetterEntry> DeadLetters(int limit) => throw new NotImplementedException();

    public long DeadLetterCount() => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}

/// <param name="Line">The journal's JSON line, without line end.</param>
/// <param name="Alarm">The alarm as it stood after the transition.</param>
public sealed record JournalRow(long Position, int Ordinal, string Line, Alarm Alarm);

/// <summary>Filter of the alarm list; null fields don't filter. Times: occurrences that overlap [From, To), Unix ms.</summary>
public sealed record AlarmFilter
{
    /// <summary>Public names: active, acknowledged, cleared, latched, shelved, suppressed, out_of_service, all.</summary>
    public string State { get; init; } = "all";

    public string? Kind { get; init; }

    public string? Severity { get; init; }

    public string? Family { get; init; }

    public string? District { get; init; }

    public string? Device { get; init; }

    public long? From { get; init; }

    public long? To { get; init; }

    public int? Limit { get; init; }

    /// <summary>From the previous answer's <c>next</c>.</summary>
    public string? After { get; init; }
}
