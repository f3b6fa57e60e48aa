using System.Net;
using Npgsql;

namespace Telemetry.Ingest.Cluster.Owner;

/// <summary>Makes the tables of <c>owner.sql</c> where they are missing.</summary>
internal static class OwnerSchema
{
    // Any number will do that nobody else locks in this database.
    private const long Lock = 0x7e1e_0001;

    public static async Task ApplyAsync(NpgsqlDataSource postgres, CancellationToken cancellationToken)
    {
        await using var connection = await postgres.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // Two nodes that make the same table at once would be an error of one of them.
        await using (var locking = new NpgsqlCommand("SELECT pg_advisory_xact_lock($1)", connection, transaction) { Parameters = { new() { Value = Lock } } })
            await locking.ExecuteNonQueryAsync(cancellationToken);
        await using (var making = new NpgsqlCommand(Text(), connection, transaction))
            await making.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>A node of another machine that was alive a minute ago, where one of the two is on loopback: they can't reach each other. Null for none.</summary>
    public static async Task<string?> StrangerAsync(NpgsqlDataSource postgres, string cluster, IPAddress own, CancellationToken cancellationToken)
    {
        await using var asking = postgres.CreateCommand(
            """
            SELECT host || ' (' || address || ')' FROM cluster_node
            WHERE cluster = $1 AND host <> $2 AND status <> 6 AND alive > now() - interval '1 minute' AND ($3 OR address LIKE '127.%' OR address = '::1') LIMIT 1
            """);
        asking.Parameters.Add(new NpgsqlParameter { Value = cluster });
        asking.Parameters.Add(new NpgsqlParameter { Value = Dns.GetHostName() });
        asking.Parameters.Add(new NpgsqlParameter { Value = IPAddress.IsLoopback(own) });
        return (string?)await asking.ExecuteScalarAsync(cancellationToken);
    }

    private static string Text()
    {
        using var resource = typeof(OwnerSchema).Assembly.GetManifestResourceStream("owner.sql")!;
        using var reader = new StreamReader(resource);
        return reader.ReadToEnd();
    }
}
