using System.Text;
using Npgsql;

namespace Telemetry.Ingest.Cluster.Owner;

/// <summary>What backtests found, in PostgreSQL: too much for each node to hold a copy. It ends there with the backtest's row of the shared list.</summary>
public sealed class BacktestTable(NpgsqlDataSource postgres, string stream)
{
    // Of a city and months they may be a hundred megabytes.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly StreamRows _rows = new(postgres, stream);

    /// <param name="differences">JSON lines.</param>
    /// <param name="page">HTML.</param>
    /// <exception cref="IOException">PostgreSQL does not answer: it may stand there or not.</exception>
    public Task WriteAsync(string id, string differences, string page, CancellationToken cancellationToken) =>
        _rows.AskAsync(
            "INSERT INTO backtest_result (stream, id, differences, page) VALUES ($1, $2, $3, $4) ON CONFLICT (stream, id) DO NOTHING",
            [id, Encoding.UTF8.GetBytes(differences), Encoding.UTF8.GetBytes(page)], cancellationToken, Patience);

    /// <returns>Null where there are none.</returns>
    /// <exception cref="IOException">PostgreSQL does not answer.</exception>
    public Task<string?> DifferencesAsync(string id, CancellationToken cancellationToken) => ReadAsync("SELECT differences FROM backtest_result WHERE stream = $1 AND id = $2", id, cancellationToken);

    /// <returns>Null where there is none.</returns>
    /// <exception cref="IOException">PostgreSQL does not answer.</exception>
    public Task<string?> PageAsync(string id, CancellationToken cancellationToken) => ReadAsync("SELECT page FROM backtest_result WHERE stream = $1 AND id = $2", id, cancellationToken);

    /// <summary>Forgets all others.</summary>
    /// <exception cref="IOException">PostgreSQL does not answer.</exception>
    public Task KeepAsync(IEnumerable<string> ids, CancellationToken cancellationToken) =>
        _rows.AskAsync("DELETE FROM backtest_result WHERE stream = $1 AND id <> ALL ($2)", [ids.ToArray()], cancellationToken);

    private async Task<string?> ReadAsync(string sql, string id, CancellationToken cancellationToken) =>
        await _rows.AskAsync(sql, [id], cancellationToken, Patience) is byte[] text ? Encoding.UTF8.GetString(text) : null;
}
