using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.Alarms;

/// <summary>What the rules said of actions that they refused, until the caller who wrote the entry has asked. Callers who never ask cost no more than the newest so many.</summary>
public sealed class ActionRefusals
{
    private const int Kept = 1000;

    private readonly SortedDictionary<long, ActionOutcome> _byPosition = [];
    private readonly Lock _gate = new();

    public void Add(long position, ActionOutcome refusal)
    {
        lock (_gate)
        {
            _byPosition[position] = refusal;
            if (_byPosition.Count > Kept)
                _byPosition.Remove(_byPosition.Keys.First());
        }
    }

    /// <summary>Null where the entry at this position was not refused.</summary>
    public ActionOutcome? Take(long position)
    {
        lock (_gate)
            return _byPosition.Remove(position, out var refusal) ? refusal : null;
    }
}
