using Telemetry.Ingest.State;
using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.Alarms;

/// <summary>Alarms as the API shows them: what stands in memory (everything not ended, and what SQLite does not have yet) over what SQLite keeps.</summary>
public sealed class AlarmBook(StateDatabase database)
{
    public Alarm? Find(string id) => throw new NotImplementedException();

    public IReadOnlyList<Alarm> List(AlarmFilter filter) => throw new NotImplementedException();

    /// <summary>Everything whose state is not normal, newest first.</summary>
    public IReadOnlyList<Alarm> Open() => throw new NotImplementedException();

    /// <summary>Called by the rules' runner for each transition, before it is stored.</summary>
    public void Apply(AlarmTransition transition) => throw new NotImplementedException();

    /// <summary>Called once SQLite holds everything up to this position.</summary>
    public void Stored(long position) => throw new NotImplementedException();

    private StateDatabase Database { get; } = database;
}
