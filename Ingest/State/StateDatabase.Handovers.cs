using System.Text.Json;
using Microsoft.Data.Sqlite;
using Telemetry.Rules.Positions;

namespace Telemetry.Ingest.State;

public sealed partial class StateDatabase
{
    /// <summary>One with its document; null for none.</summary>
    public StoredHandover? Handover(long id) =>
        Query("SELECT json, document FROM handovers WHERE id = $id", row => new StoredHandover(HandoverOf(row), row.GetString(1)), ("$id", id)).FirstOrDefault();

    /// <summary>Newest first.</summary>
    /// <param name="position">Null for all.</param>
    public IReadOnlyList<Handover> Handovers(string? position, int limit) => position is null
        ? Query("SELECT json FROM handovers ORDER BY id DESC LIMIT $limit", HandoverOf, ("$limit", limit))
        : Query("SELECT json FROM handovers WHERE position = $position ORDER BY id DESC LIMIT $limit", HandoverOf, ("$position", position), ("$limit", limit));

    private static Handover HandoverOf(SqliteDataReader row) => JsonSerializer.Deserialize(row.GetString(0), StateJson.Default.Handover)!;
}
