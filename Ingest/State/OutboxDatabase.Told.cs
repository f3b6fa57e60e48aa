using Telemetry.Ingest.Notify.Delivery;

namespace Telemetry.Ingest.State;

/// <summary>What this node has sent and the cluster's other nodes can't know of yet, since PostgreSQL was away.</summary>
internal sealed partial class OutboxDatabase
{
    /// <summary>The attempt's detail until they can.</summary>
    public const string Owed = "unknown to the other nodes yet";

    /// <summary>Detail of an attempt that this node learnt of from the table of what was told.</summary>
    public const string ByAnotherNode = "by another node";

    /// <summary>In the order of the attempts.</summary>
    public IReadOnlyList<(long Attempt, Delivery Delivery, long At)> OwedDeliveries(int limit) =>
        Query(
            $"""
            SELECT {DeliveryColumns}, owed.attempt, owed.sent
            FROM (SELECT id AS attempt, message AS about, receiver AS whom, at AS sent FROM attempts WHERE detail = '{Owed}' ORDER BY id LIMIT $limit) AS owed JOIN {DeliveryTables}
            WHERE deliveries.message = owed.about AND deliveries.receiver = owed.whom ORDER BY owed.attempt
            """,
            row => (row.GetInt64(14), DeliveryOf(row), row.GetInt64(15)), ("$limit", limit));

    /// <summary>They can know of it now.</summary>
    public void Paid(long attempt) => Write(transaction => Run(transaction, "UPDATE attempts SET detail = NULL WHERE id = $attempt", ("$attempt", attempt)));
}
