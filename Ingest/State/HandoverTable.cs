using System.Text.Json;
using Microsoft.Data.Sqlite;
using Telemetry.Rules.Positions;

namespace Telemetry.Ingest.State;

/// <param name="Document">Its JSON, byte for byte as it was signed; in a batch null where it is there already.</param>
public sealed record StoredHandover(Handover Handover, string? Document);

/// <summary>The table of handovers. For one thread.</summary>
internal sealed class HandoverTable(SqliteConnection connection) : IDisposable
{
    private readonly SqliteCommand _add = StateWriter.Prepare(connection, "INSERT OR REPLACE INTO handovers VALUES ($id, $position, $json, $document)", "$id", "$position", "$json", "$document");
    private readonly SqliteCommand _change = StateWriter.Prepare(connection, "UPDATE handovers SET json = $json WHERE id = $id", "$id", "$json");

    public void Set(StoredHandover stored, SqliteTransaction transaction)
    {
        var json = JsonSerializer.Serialize(stored.Handover, StateJson.Default.Handover);
        if (stored.Document is { } document)
            StateWriter.Run(_add, transaction, stored.Handover.Id, stored.Handover.Position, json, document);
        else
            StateWriter.Run(_change, transaction, stored.Handover.Id, json);
    }

    public void Dispose()
    {
        _add.Dispose();
        _change.Dispose();
    }
}
