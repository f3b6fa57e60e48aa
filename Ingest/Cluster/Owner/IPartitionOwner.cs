namespace Telemetry.Ingest.Cluster.Owner;

/// <summary>The one owner of a partition in the whole cluster; its key is the partition's number. Asking for it is what makes one.</summary>
internal interface IPartitionOwner : IGrainWithIntegerKey
{
    /// <summary>The node that has it, as <c>Cluster:Node</c> names it.</summary>
    Task<string> NodeAsync();
}
