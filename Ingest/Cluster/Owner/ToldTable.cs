using Npgsql;
using NpgsqlTypes;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Ingest.Notify.Escalation;

namespace Telemetry.Ingest.Cluster.Owner;

/// <summary>What the owners of this stream have told whom, in PostgreSQL: what stands there is not told again by another node.</summary>
/// <param name="node">As <c>Cluster:Node</c> names it.</param>
internal sealed class ToldTable(NpgsqlDataSource postgres, string stream, string node)
{
    /// <summary>Whether all that the delivery would say has been said to its receiver.</summary>
    /// <exception cref="NpgsqlException">PostgreSQL does not answer.</exception>
    public async Task<bool> HasAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        await using var command = postgres.CreateCommand("SELECT 1 FROM told WHERE stream = $1 AND key = $2 AND receiver = $3 AND places @> $4");
        command.Parameters.Add(new() { Value = stream });
        command.Parameters.Add(new() { Value = delivery.Message.Key });
        command.Parameters.Add(new() { Value = delivery.Receiver });
        command.Parameters.Add(new() { Value = PlacesOf(delivery.Message), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }

    /// <exception cref="NpgsqlException">PostgreSQL does not answer.</exception>
    public async Task AddAsync(Delivery delivery, long at, CancellationToken cancellationToken)
    {
        await using var command = postgres.CreateCommand(
            """
            INSERT INTO told (stream, key, receiver, channel, at, node, places) VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (stream, key, receiver) DO UPDATE SET places = told.places || excluded.places
            """);
        command.Parameters.Add(new() { Value = stream });
        command.Parameters.Add(new() { Value = delivery.Message.Key });
        command.Parameters.Add(new() { Value = delivery.Receiver });
        command.Parameters.Add(new() { Value = delivery.Channel });
        command.Parameters.Add(new() { Value = at });
        command.Parameters.Add(new() { Value = node });
        command.Parameters.Add(new() { Value = PlacesOf(delivery.Message), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Forgets what is older.</summary>
    /// <param name="before">Unix ms.</param>
    /// <exception cref="NpgsqlException">PostgreSQL does not answer.</exception>
    public async Task PruneAsync(long before, CancellationToken cancellationToken)
    {
        await using var command = postgres.CreateCommand("DELETE FROM told WHERE stream = $1 AND at < $2");
        command.Parameters.Add(new() { Value = stream });
        command.Parameters.Add(new() { Value = before });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string[] PlacesOf(Message message) =>
        [.. message.Places.Select(place => FormattableString.Invariant($"{place.Transition}.{place.News}.{place.Step}"))];
}
