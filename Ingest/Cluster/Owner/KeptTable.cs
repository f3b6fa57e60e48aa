using Npgsql;

namespace Telemetry.Ingest.Cluster.Owner;

/// <summary>What an owner leaves to the next one, in PostgreSQL: a text under a name.</summary>
internal sealed class KeptTable(NpgsqlDataSource postgres, string stream)
{
    private readonly StreamRows _rows = new(postgres, stream);

    /// <returns>Null where nothing was kept.</returns>
    /// <exception cref="IOException">PostgreSQL does not answer.</exception>
    public async Task<string?> ReadAsync(string name, CancellationToken cancellationToken) =>
        (string?)await _rows.AskAsync("SELECT value FROM kept WHERE stream = $1 AND name = $2", [name], cancellationToken);

    /// <param name="value">Null removes it.</param>
    /// <exception cref="IOException">PostgreSQL does not answer: it may stand there or not.</exception>
    public Task WriteAsync(string name, string? value, CancellationToken cancellationToken) => value is null
        ? _rows.AskAsync("DELETE FROM kept WHERE stream = $1 AND name = $2", [name], cancellationToken)
        : _rows.AskAsync("INSERT INTO kept (stream, name, value) VALUES ($1, $2, $3) ON CONFLICT (stream, name) DO UPDATE SET value = excluded.value", [name, value], cancellationToken);
}
