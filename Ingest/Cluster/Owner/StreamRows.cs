using Npgsql;

namespace Telemetry.Ingest.Cluster.Owner;

/// <summary>Asks PostgreSQL about what belongs to one stream.</summary>
internal sealed class StreamRows(NpgsqlDataSource postgres, string stream)
{
    /// <returns>The first column of the first row; null where there is none.</returns>
    /// <inheritdoc cref="RowAsync"/>
    public async Task<object?> AskAsync(string sql, object[] parameters, CancellationToken cancellationToken, TimeSpan? patience = null) => (await RowsAsync(sql, parameters, cancellationToken, patience)).FirstOrDefault()?[0];

    /// <param name="sql">$1 is the stream, the others follow.</param>
    /// <returns>The first row; null where there is none.</returns>
    /// <exception cref="IOException">PostgreSQL does not answer.</exception>
    public async Task<object[]?> RowAsync(string sql, object[] parameters, CancellationToken cancellationToken) => (await RowsAsync(sql, parameters, cancellationToken)).FirstOrDefault();

    /// <inheritdoc cref="RowAsync"/>
    /// <param name="patience">Null for the usual one, which is short.</param>
    /// <returns>All rows.</returns>
    public async Task<List<object[]>> RowsAsync(string sql, object[] parameters, CancellationToken cancellationToken, TimeSpan? patience = null)
    {
        try
        {
            await using var command = postgres.CreateCommand(sql);
            if (patience is { } longer)
                command.CommandTimeout = (int)longer.TotalSeconds;
            command.Parameters.Add(new NpgsqlParameter { Value = stream });
            foreach (var value in parameters)
                command.Parameters.Add(new NpgsqlParameter { Value = value });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var rows = new List<object[]>();
            while (await reader.ReadAsync(cancellationToken))
            {
                var row = new object[reader.FieldCount];
                reader.GetValues(row);
                rows.Add(row);
            }
            return rows;
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException or ObjectDisposedException)
        {
            throw new IOException($"PostgreSQL: {error.Message}", error);
        }
    }
}
