using System.Diagnostics;
using System.Globalization;

namespace Telemetry.Ingest.Tests.Gateways.External;

/// <summary>The host on a real Mosquitto: its state, retained, and what it asks of nodes there.</summary>
public sealed class SparkplugLinkTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_host_is_online_while_it_is_connected_and_says_goodbye_when_it_leaves()
    {
        using var broker = await Mosquitto.StartAsync();
        await using var link = Link(broker.Port);
        await link.ConnectedAsync();
        using var node = Subscribe(broker, 2, SparkplugPlant.StateTopic);
        Assert.Equal($"{SparkplugPlant.StateTopic} 1 1 {SparkplugPlant.StateHex(online: true)}", await NextAsync(node));
        await link.StopAsync();
        Assert.Equal($"{SparkplugPlant.StateTopic} 1 0 {SparkplugPlant.StateHex(online: false)}", await NextAsync(node));
        Assert.Equal(SparkplugPlant.State(online: false), await RetainedAsync(broker));
    }

    [Fact]
    public async Task A_host_whose_line_breaks_is_offline_by_its_will_and_online_again_by_itself()
    {
        using var broker = await Mosquitto.StartAsync();
        using var relay = new Relay(broker.Port);
        await using var link = Link(relay.Port);
        await link.ConnectedAsync();
        using var node = Subscribe(broker, 3, SparkplugPlant.StateTopic);
        Assert.EndsWith(SparkplugPlant.StateHex(online: true), await NextAsync(node), StringComparison.Ordinal);
        relay.Cut();
        Assert.EndsWith(SparkplugPlant.StateHex(online: false), await NextAsync(node), StringComparison.Ordinal);
        Assert.EndsWith(SparkplugPlant.StateHex(online: true), await NextAsync(node), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_is_called_offline_says_at_once_that_it_is_there()
    {
        using var broker = await Mosquitto.StartAsync();
        await using var link = Link(broker.Port);
        await link.ConnectedAsync();
        await Tool.RunAsync("mosquitto_pub", "-p", Text(broker.Port), "-t", SparkplugPlant.StateTopic, "-r", "-q", "1", "-m", SparkplugPlant.State(online: false));
        await Wait.ForAsync("online again", () => RetainedAsync(broker), seen => seen == SparkplugPlant.State(online: true));
    }

    [Fact]
    public async Task A_node_without_a_birth_is_asked_for_it()
    {
        var plant = new SparkplugPlant();
        using var broker = await Mosquitto.StartAsync();
        await using var link = Link(broker.Port, plant);
        await link.ConnectedAsync();
        using var node = Subscribe(broker, 2, SparkplugPlant.StateTopic, "spBv1.0/+/NCMD/#");
        // Retained: from here on it is subscribed to both.
        await NextAsync(node);
        await Tool.FeedAsync("mosquitto_pub", SparkplugPlant.AnyData, "-p", Text(broker.Port), "-t", "spBv1.0/plant/NDATA/edge", "-s", "-q", "1");
        await link.Log.UntilAsync(log => log.Entries.Count > 0);
        await plant.Host.AskDueAsync(Cancel);
        Assert.Equal(SparkplugPlant.Request, await NextAsync(node));
    }

    private TestLink Link(int port, SparkplugPlant? plant = null) =>
        new(port, _directory, with: options => options with { Topics = ["telemetry/v1/#", "spBv1.0/#"] }, plant: plant ?? new SparkplugPlant());

    private static async Task<string?> NextAsync(Process subscriber) => await subscriber.StandardOutput.ReadLineAsync(Cancel).AsTask().WaitAsync(Wait.Longest, Cancel);

    /// <summary>Ends by itself after so many messages.</summary>
    private static Process Subscribe(Mosquitto broker, int messages, params string[] topics) => Process.Start(new ProcessStartInfo(
        "mosquitto_sub", ["-p", Text(broker.Port), .. topics.SelectMany(topic => (string[])["-t", topic]), "-q", "1", "-C", $"{messages}", "-W", "60", "-F", "%t %q %r %x"]) { RedirectStandardOutput = true })!;

    private static async Task<string> RetainedAsync(Mosquitto broker) =>
        (await Tool.RunAsync("mosquitto_sub", "-p", Text(broker.Port), "-t", SparkplugPlant.StateTopic, "-C", "1", "-W", "10")).Trim();

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
