namespace Telemetry.Ingest.Cluster;

/// <summary>What a node of a cluster can't do yet: it would be done once by each node.</summary>
internal static class ClusterLimits
{
    private static readonly (string Key, string Why)[] NotYet =
    [
        ("Notify:File", "each node would tell everybody"),
        ("Mqtt:External:Address", "each node would take every message, and publish every alarm"),
        ("Upward:Address", "each node would forward everything"),
        ("Watchdog:Url", "each node would send the test gateway's readings"),
        ("Security:Accounts", "each node keeps accounts of its own; Security:UsersFile may be the same on all of them"),
        ("Demo", "a demonstration is one machine's"),
    ];

    /// <param name="error">Key, value, what would be right.</param>
    public static void Check(IConfiguration configuration, IReadOnlyCollection<string> stores, Action<string, string?, string> error)
    {
        foreach (var (key, why) in NotYet)
        {
            if (configuration[key] is { } value && !value.Equals("false", StringComparison.OrdinalIgnoreCase))
                error(key, value, $"not yet there with Cluster:Enabled=true: {why}");
        }
        if (stores.Contains("influxdb"))
            error("Store:Kinds", configuration["Store:Kinds"], "influxdb is not yet there with Cluster:Enabled=true: each node would write everything. Each has a store of its own, duckdb");
    }
}
