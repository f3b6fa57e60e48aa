namespace Telemetry.Ingest.Cluster;

/// <summary>What a node of a cluster can't do yet: it would be done once by each node, or stands on that node alone.</summary>
internal static class ClusterLimits
{
    private const string NeedsOwner = "needs an owner with Cluster:Enabled=true, which Cluster:Postgres gives: without one";

    private static readonly (string Key, string Why)[] NotYet =
    [
        ("Mqtt:External:Address", "each node would take every message, and publish every alarm"),
        ("Upward:Address", "each node would forward everything"),
        ("Watchdog:Url", "each node would send the test gateway's readings"),
        ("Security:Accounts", "each node keeps accounts of its own; Security:UsersFile may be the same on all of them"),
        ("Demo", "a demonstration is one machine's"),
        ("Notify:PublicUrl", "a message's link is known to the node alone that made it"),
        ("Notify:Sms:Reply:SecretFile", "a reply's code is known to the node alone that sent it"),
        ("Notify:Voice:Reply:SecretFile", "a pressed key is known to the node alone that called"),
        ("Notify:Push:Subject", "a browser is known to the node alone at which it subscribed"),
        ("Notify:Alertmanager:Url", "each node would show everything"),
    ];

    /// <param name="error">Key, value, what would be right.</param>
    public static void Check(IConfiguration configuration, IReadOnlyCollection<string> stores, bool hasOwner, Action<string, string?, string> error)
    {
        foreach (var (key, why) in NotYet)
        {
            if (configuration[key] is { } value && !value.Equals("false", StringComparison.OrdinalIgnoreCase))
                error(key, value, $"not yet there with Cluster:Enabled=true: {why}");
        }
        if (hasOwner)
            return;
        if (configuration["Notify:File"] is { } file)
            error("Notify:File", file, $"{NeedsOwner} each node would tell everybody");
        if (stores.Contains("influxdb"))
            error("Store:Kinds", configuration["Store:Kinds"], $"influxdb {NeedsOwner} each node would write everything. Each node has a store of its own, duckdb");
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
