using Npgsql;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Ingest.Notify.Escalation;

namespace Telemetry.Ingest.Cluster.Owner;

/// <summary>What the owners of this stream have told whom, in PostgreSQL: what stands there is not told again by another node.</summary>
/// <param name="node">As <c>Cluster:Node</c> names it.</param>
internal sealed class ToldTable(NpgsqlDataSource postgres, string stream, string node)
{
    private readonly StreamRows _rows = new(postgres, stream);

    /// <summary>Whether all that the delivery would say has been said to its receiver.</summary>
    /// <exception cref="IOException">PostgreSQL does not answer.</exception>
    public async Task<bool> HasAsync(Delivery delivery, CancellationToken cancellationToken) =>
        await _rows.AskAsync(
            "SELECT 1 FROM told WHERE stream = $1 AND key = $2 AND receiver = $3 AND places @> $4",
            [delivery.Message.Key, delivery.Receiver, PlacesOf(delivery.Message)], cancellationToken) is not null;

    /// <summary>Those of the deliveries of which <see cref="HasAsync"/> holds, by one question.</summary>
    /// <exception cref="IOException">PostgreSQL does not answer.</exception>
    public async Task<IReadOnlyList<Delivery>> OfAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        var told = await _rows.RowsAsync(
            "SELECT told.key, told.receiver, places FROM told JOIN unnest($2::text[], $3::text[]) AS asked (key, receiver) ON told.key = asked.key AND told.receiver = asked.receiver WHERE stream = $1",
            [deliveries.Select(each => each.Message.Key).ToArray(), deliveries.Select(each => each.Receiver).ToArray()], cancellationToken);
        var places = told.ToLookup(row => ((string)row[0], (string)row[1]), row => (string[])row[2]);
        return [.. deliveries.Where(each => places[(each.Message.Key, each.Receiver)].FirstOrDefault() is { } said && !PlacesOf(each.Message).Except(said).Any())];
    }

    /// <param name="at">When it was sent, Unix ms.</param>
    /// <exception cref="IOException">PostgreSQL does not answer: it may stand there or not.</exception>
    public Task AddAsync(Delivery delivery, long at, CancellationToken cancellationToken) =>
        _rows.AskAsync(
            """
            INSERT INTO told (stream, key, receiver, places, channel, at, node) VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (stream, key, receiver) DO UPDATE SET places = told.places || excluded.places
            """,
            [delivery.Message.Key, delivery.Receiver, PlacesOf(delivery.Message), delivery.Channel, at, node], cancellationToken);

    /// <summary>Forgets what is older.</summary>
    /// <param name="before">Unix ms.</param>
    /// <exception cref="IOException">PostgreSQL does not answer.</exception>
    public Task PruneAsync(long before, CancellationToken cancellationToken) => _rows.AskAsync("DELETE FROM told WHERE stream = $1 AND at < $2", [before], cancellationToken);

    private static string[] PlacesOf(Message message) =>
        [.. message.Places.Select(place => FormattableString.Invariant($"{place.Transition}.{place.News}.{place.Step}"))];
}
