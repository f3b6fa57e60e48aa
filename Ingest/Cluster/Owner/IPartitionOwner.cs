namespace Telemetry.Ingest.Cluster.Owner;

/// <summary>The one owner of a partition in the whole cluster; its key is the partition's number. Asking for it is what makes one.</summary>
internal interface IPartitionOwner : IGrainWithIntegerKey
{
    /// <summary>The node that does what is done once, as <c>Cluster:Node</c> names it; empty while none does: the lease of the one before has not ended, or PostgreSQL is away.</summary>
    Task<string> NodeAsync();
}
