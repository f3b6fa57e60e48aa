using Npgsql;

namespace Telemetry.Ingest.Cluster.Owner;

/// <summary>Asks PostgreSQL about what belongs to one stream.</summary>
internal sealed class StreamRows(NpgsqlDataSource postgres, string stream)
{
    /// <param name="sql">$1 is the stream, the others follow.</param>
    /// <returns>The first column of the first row; null where there is none.</returns>
    /// <exception cref="IOException">PostgreSQL does not answer.</exception>
    public async Task<object?> AskAsync(string sql, object[] parameters, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = postgres.CreateCommand(sql);
            command.Parameters.Add(new NpgsqlParameter { Value = stream });
            foreach (var value in parameters)
                command.Parameters.Add(new NpgsqlParameter { Value = value });
            return await command.ExecuteScalarAsync(cancellationToken);
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException or ObjectDisposedException)
        {
            throw new IOException($"PostgreSQL: {error.Message}", error);
        }
    }
}
