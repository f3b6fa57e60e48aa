namespace Telemetry.EndToEnd.Tests;

/// <summary>The nodes of a cluster are replaced one after another while gateways publish and alarms are raised; <c>upgrade</c> of the benchmarks does it between two versions, and longer.</summary>
public sealed class ClusterUpgradeTests(ITestOutputHelper output)
{
    private const int Calm = 12;

    [Fact]
    public async Task Nodes_are_replaced_one_after_another_and_nothing_is_lost_or_doubled_and_every_alarm_reaches_every_client_and_its_person_once()
    {
        var result = await RollingUpgrade.RunAsync(
            new UpgradeOptions { Old = ServiceProcess.Dll, New = ServiceProcess.Dll, Rate = 150, AlarmsPerSecond = 6, Calm = Calm }, TimeProvider.System, output.WriteLine);
        foreach (var node in result.Nodes)
        {
            output.WriteLine($"acknowledged {node.Acknowledged}, stored {node.Stored}, lost {node.Lost}, doubled {node.Doubled}");
            Assert.Equal((0, 0), (node.Lost, node.Doubled));
            Assert.True(node.Acknowledged > 1500);
        }
        output.WriteLine($"{result.Alarms.Count} alarms, the slowest after {result.Alarms.Max(alarm => alarm.Clients.Max()):0} ms at a client, {result.Alarms.Max(alarm => alarm.Person):0} ms to its person; the owner changed {result.OwnerMoves} times; {result.CalledTwice} called twice");
        Assert.Empty(result.JournalDifferences);
        Assert.True(result.Alarms.Count >= 4 * Calm);
        Assert.Equal(0, result.CalledTwice);
        // Whoever was connected to a node that stopped has connected to another one: the load went on through it.
        Assert.True(result.Load.Drops > 0);
        // Orleans may move the ownership when a node that does not have it leaves or joins, so the last one need not be the owner any more.
        Assert.Equal([0, 1, 2], result.Restarts.Select(restart => restart.Node).Order());
        Assert.True(result.OwnerMoves > 0);
    }
}
