namespace Telemetry.Ingest.Cluster;

/// <summary>What a node of a cluster can't do yet: it would be done once by each node, or stands on that node alone.</summary>
internal static class ClusterLimits
{
    private const string NeedsOwner = "needs an owner with Cluster:Enabled=true, which Cluster:Postgres gives: without one";

    private static readonly (string Key, string Why)[] Owned =
    [
        ("Mqtt:External:Address", "the nodes would push each other out of the broker's session"),
        ("Upward:Address", "each node would forward everything"),
        ("Watchdog:Url", "each node would answer each test reading"),
        ("Notify:File", "each node would tell everybody"),
        ("Notify:Push:Subject", "a browser is known to the node alone at which it subscribed"),
        ("Security:Accounts", "each node would keep accounts of its own; Security:UsersFile may be the same on all of them"),
    ];

    private static readonly (string Key, string Why)[] NotYet =
    [
        ("Demo", "a demonstration is one machine's"),
    ];

    /// <param name="error">Key, value, what would be right.</param>
    public static void Check(IConfiguration configuration, IReadOnlyCollection<string> stores, bool hasOwner, Action<string, string?, string> error)
    {
        foreach (var (key, why) in NotYet.Where(limit => IsAsked(limit.Key)))
            error(key, configuration[key], $"not yet there with Cluster:Enabled=true: {why}");
        if (IsAsked("Notify:Push:Subject") && !IsAsked("Notify:Push:KeyFile"))
            error("Notify:Push:KeyFile", null, "needed with Cluster:Enabled=true: push services know all nodes by one key. Give each a copy of the file, such as push.key in Data:Path of a machine that ran alone");
        if (hasOwner)
            return;
        foreach (var (key, why) in Owned.Where(limit => IsAsked(limit.Key)))
            error(key, configuration[key], $"{NeedsOwner} {why}");
        if (stores.Contains("influxdb"))
            error("Store:Kinds", configuration["Store:Kinds"], $"influxdb {NeedsOwner} each node would write everything. Each node has a store of its own, duckdb");

        bool IsAsked(string key) => configuration[key] is { } value && !value.Equals("false", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A node's copy that went on alone would be another log under the same name.</summary>
    /// <returns>What is wrong, none or one.</returns>
    public static IEnumerable<string> CheckAlone(bool isCluster, string dataPath)
    {
        var place = Path.Combine(dataPath, "log", StreamPlace.FileName);
        if (!isCluster && File.Exists(place))
            yield return $"Cluster:Enabled = false: {dataPath} is a node's copy of a stream; true would be right. To leave the cluster for good, stop all nodes and remove {place}";
    }
}
