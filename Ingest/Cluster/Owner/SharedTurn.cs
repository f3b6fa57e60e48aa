using Npgsql;

namespace Telemetry.Ingest.Cluster.Owner;

/// <summary>The turn to change a shared list, which no other node has meanwhile. Without a change it ends without one.</summary>
public sealed class SharedTurn : IAsyncDisposable
{
    private readonly SharedList _list;
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;

    internal SharedTurn(SharedList list, NpgsqlConnection connection, NpgsqlTransaction transaction) => (_list, _connection, _transaction) = (list, connection, transaction);

    /// <summary>The one change: it stands, here and for all nodes, when this completes.</summary>
    /// <exception cref="IOException">PostgreSQL does not answer: it may stand or not.</exception>
    public Task WriteAsync(params IReadOnlyList<SharedRow> rows) => _list.WriteInTurnAsync(rows, _connection, _transaction);

    public async ValueTask DisposeAsync()
    {
        try
        {
            // What is not committed is rolled back with it.
            await _transaction.DisposeAsync();
            await _connection.DisposeAsync();
        }
        finally
        {
            _list.EndTurn();
        }
    }
}
