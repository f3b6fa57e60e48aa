using System.Security.Cryptography;

namespace Telemetry.Ingest.Cluster.Owner;

/// <summary>This process among the nodes.</summary>
/// <param name="Name">As <c>Cluster:Node</c> has it.</param>
internal sealed record OwnerNode(string Name)
{
    /// <summary>One start of the process.</summary>
    public string Run { get; } = RandomNumberGenerator.GetHexString(16, lowercase: true);
}
