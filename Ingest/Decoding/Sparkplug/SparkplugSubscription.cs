namespace Telemetry.Ingest.Decoding.Sparkplug;

/// <summary>What an edge node has to hear: whether a host is there, and what it is asked for itself.</summary>
internal static class SparkplugSubscription
{
    /// <param name="gateway">The node's login; null where nodes have no credentials.</param>
    public static bool IsAllowed(string filter, string? gateway)
    {
        var levels = filter.Split('/');
        if (levels is [SparkplugTopic.Root, "STATE", _])
            return true;
        if (levels is not [SparkplugTopic.Root, var group, "NCMD" or "DCMD", var node, ..] || levels.Length > 5 || IsWild(group) || IsWild(node))
            return false;
        return gateway is null || SparkplugTopic.GatewayOf(group, node) == gateway;
    }

    private static bool IsWild(string level) => level is "" or "+" or "#";
}
