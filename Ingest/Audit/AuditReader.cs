using Telemetry.Ingest.Log;
using Telemetry.Ingest.State;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Audit;

/// <summary>What to look for.</summary>
/// <param name="From">Log time, Unix ms, inclusive.</param>
/// <param name="To">Unix ms, exclusive.</param>
/// <param name="By">See <see cref="AuditRecord.Concerns"/>; null for everyone.</param>
/// <param name="Kind">Null for all.</param>
internal sealed record AuditFilter(long From, long To, string? By, string? Kind);

/// <summary>The audit trail: out of the log alone, what it keeps for three years first.</summary>
internal sealed class AuditReader(DurableLog log, StateDatabase database)
{
    private const int Stretch = 4096;

    /// <summary>In the log's order.</summary>
    /// <exception cref="LogDamageException">It can't be read to its end.</exception>
    public IEnumerable<AuditRecord> Read(AuditFilter filter, CancellationToken cancellationToken)
    {
        var text = new AuditText(id => database.FindAlarm(id) is { } alarm ? (alarm.Device, alarm.Rule) : null);
        return Entries(filter, cancellationToken)
            .Where(entry => entry.Time >= filter.From && entry.Time < filter.To)
            .Select(text.Of)
            .OfType<AuditRecord>()
            .Where(record => (filter.Kind is null || record.Kind == filter.Kind) && (filter.By is null || record.Concerns(filter.By)));
    }

    private IEnumerable<LogEntry> Entries(AuditFilter filter, CancellationToken cancellationToken)
    {
        // Where the segments begin is asked first: what retention removes meanwhile is then found among what it kept.
        var first = log.First;
        using var reader = log.OpenReader("", log.PositionBy(filter.From));
        foreach (var entry in log.ReadKept().TakeWhile(entry => entry.Position < first))
            yield return entry;
        var stretch = new List<LogEntry>(Stretch);
        while (reader.Read(stretch, Stretch) > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var entry in stretch)
                yield return entry;
            if (stretch[^1].Time >= filter.To)
                yield break;
            stretch.Clear();
        }
    }
}
