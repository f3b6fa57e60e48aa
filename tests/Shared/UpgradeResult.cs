using Telemetry.Simulators.Load;

namespace Telemetry.Tests.Shared;

/// <summary>How much there is to do while the nodes are replaced.</summary>
internal sealed record UpgradeOptions
{
    /// <summary>The service's dll as it runs at first.</summary>
    public required string Old { get; init; }

    /// <summary>The one in its place.</summary>
    public required string New { get; init; }

    /// <summary>Readings a second over all gateways.</summary>
    public required double Rate { get; init; }

    public required int AlarmsPerSecond { get; init; }

    /// <summary>Alarms that have to be told before the first node is replaced, between two, and after the last one. As many more before that warm everything up.</summary>
    public required int Calm { get; init; }
}

/// <summary>What came of a rolling upgrade. Times are seconds since the end of the warm-up.</summary>
internal sealed record UpgradeResult
{
    public required IReadOnlyList<UpgradeRestart> Restarts { get; init; }

    /// <summary>In the order in which they were published.</summary>
    public required IReadOnlyList<ToldAlarm> Alarms { get; init; }

    public required double Seconds { get; init; }

    /// <summary>By node.</summary>
    public required IReadOnlyList<UpgradedNode> Nodes { get; init; }

    /// <summary>Lines of the journal that stand at some nodes and not at all, in their order; none where the journals are equal.</summary>
    public required IReadOnlyList<string> JournalDifferences { get; init; }

    /// <summary>Calls under a key that had been called before.</summary>
    public required int CalledTwice { get; init; }

    /// <summary>How often a node has become the owner after the first one.</summary>
    public required int OwnerMoves { get; init; }

    /// <summary>Seconds, with the gateways taken together.</summary>
    public required double LongestWithoutAcknowledgement { get; init; }

    public required LoadResult Load { get; init; }
}

/// <summary>A node that was told to stop, and started again as another version.</summary>
/// <param name="Node">0 to 2.</param>
/// <param name="WasOwner">When it was told to stop.</param>
/// <param name="Ended">Its process has.</param>
/// <param name="Ready">It says so, and knows an owner.</param>
internal sealed record UpgradeRestart(int Node, bool WasOwner, double Begun, double Ended, double Ready);

/// <summary>An alarm, and how long after its reading was published it was told.</summary>
/// <param name="Clients">Milliseconds to the first message at each MQTT client, each through the balancer.</param>
/// <param name="Person">Milliseconds to the first call.</param>
internal sealed record ToldAlarm(double Published, IReadOnlyList<double> Clients, double Person);

/// <summary>Readings that a node holds at the end, against what gateways know to be acknowledged.</summary>
internal sealed record UpgradedNode(int Acknowledged, int Stored, int Lost, int Doubled);
