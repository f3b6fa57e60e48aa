using Xunit.v3;

namespace Telemetry.EndToEnd.Tests;

/// <summary>What takes minutes begins before what takes seconds, so that no processor waits for the last one; the others stay as they come.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Long = ["Page", nameof(ClusterOwnerTests), nameof(ScenarioTests), nameof(ClusterHostsTests), nameof(WatchdogTests), nameof(InfluxOutageTests), nameof(ClusterTests), nameof(FullDiskTests)];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : Xunit.Sdk.ITestCollection => [.. testCollections.OrderBy(Rank)];

    private static int Rank<TTestCollection>(TTestCollection collection)
        where TTestCollection : Xunit.Sdk.ITestCollection =>
        Array.FindIndex(Long, name => collection.TestCollectionDisplayName.Contains(name, StringComparison.Ordinal)) is >= 0 and var rank ? rank : Long.Length;
}
