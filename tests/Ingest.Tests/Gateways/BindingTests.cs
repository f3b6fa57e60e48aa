using System.Text;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Tests.Security;
using Telemetry.Rules.Model;
using Telemetry.Tests.Shared;

namespace Telemetry.Ingest.Tests.Gateways;

/// <summary>Whose devices a gateway may carry.</summary>
public sealed class BindingTests : IDisposable
{
    private readonly Credentials _credentials = new();

    public void Dispose() => _credentials.Dispose();

    private async Task<TestBroker> StartAsync(string? format = null)
    {
        _credentials.WriteGatewayLines($"gw-1: {Credentials.Hash}", $"gw-2: {Credentials.Hash}", $"gw-3: {{password: {Credentials.Hash}, devices: any}}");
        var broker = await TestBroker.StartAsync(logins: _credentials.Logins, routes: format is null ? null : OneRoute.Of("lists/{gateway}", format));
        broker.Devices.Set(new Device { Id = "mc-1", Family = "manhole_cover", Gateway = "gw-1" });
        broker.Devices.Set(new Device { Id = "mc-2", Family = "manhole_cover", Gateway = "gw-2" });
        broker.Devices.Set(new Device { Id = "mc-3", Family = "manhole_cover" });
        return broker;
    }

    private static async Task PublishAsync(TestBroker broker, string gateway, string topic, byte[] payload)
    {
        using var client = broker.Raw();
        Assert.Equal(0, (await client.ConnectAsync(gateway, version5: true, user: gateway, password: Credentials.Password))[1]);
        await client.SendAsync(client.Publish(1, 7, payload, topic));
        Assert.Equal([0, 7], await client.ReceiveAsync(RawClient.PubAck));
    }

    private static Task PublishAsync(TestBroker broker, string gateway, string device) => PublishAsync(broker, gateway, $"telemetry/v1/{gateway}/manhole_cover/{device}", RawClient.Value(1));

    [Fact]
    public async Task A_reading_of_a_device_behind_another_gateway_is_a_dead_letter_and_acknowledged()
    {
        await using var broker = await StartAsync();
        await PublishAsync(broker, "gw-2", "mc-1");
        var letter = Assert.IsType<DeadLetterEntry>(Assert.Single(broker.Log.Entries));
        Assert.Equal((RejectReason.ForeignDevice, "telemetry/v1/gw-2/manhole_cover/mc-1"), (letter.Reason, letter.Topic));
        Assert.Contains("device mc-1 came through gw-2, but the register places it behind gw-1", letter.Detail, StringComparison.Ordinal);
        Assert.Equal(1, broker.Stats.Rejected[RejectReason.ForeignDevice]);
    }

    [Fact]
    public async Task In_a_message_of_several_devices_the_foreign_ones_alone_are_refused()
    {
        await using var broker = await StartAsync("senml-json");
        await PublishAsync(broker, "gw-2", "lists/gw-2", Encoding.UTF8.GetBytes("""[{"n":"mc-1:tilt_angle","v":1},{"n":"mc-2:tilt_angle","v":2},{"n":"mc-3:tilt_angle","v":3}]"""));
        Assert.Equal(["mc-2", "mc-3"], broker.Log.Readings.Select(reading => reading.Device));
        Assert.Equal(RejectReason.ForeignDevice, Assert.Single(broker.Log.DeadLetters).Reason);
    }

    [Theory]
    [InlineData("gw-1", "mc-1")]
    [InlineData("gw-3", "mc-1")]
    [InlineData("gw-2", "mc-3")]
    [InlineData("gw-2", "first-seen")]
    public async Task Its_own_device_a_shared_one_one_behind_no_gateway_and_one_first_seen_are_taken(string gateway, string device)
    {
        await using var broker = await StartAsync();
        await PublishAsync(broker, gateway, device);
        Assert.Equal((gateway, device), (Assert.Single(broker.Log.Readings).Gateway, broker.Log.Readings.Single().Device));
    }

    [Fact]
    public async Task Once_the_register_has_moved_it_the_device_comes_in_through_the_other_gateway()
    {
        await using var broker = await StartAsync();
        broker.Devices.Set(new Device { Id = "mc-1", Family = "manhole_cover", Gateway = "gw-2" });
        await PublishAsync(broker, "gw-2", "mc-1");
        Assert.Equal("mc-1", Assert.Single(broker.Log.Readings).Device);
    }

    [Fact]
    public async Task In_open_mode_the_register_follows_and_nothing_is_refused()
    {
        await using var broker = await TestBroker.StartAsync();
        broker.Devices.Set(new Device { Id = "mc-1", Family = "manhole_cover", Gateway = "gw-1" });
        using var client = broker.Raw();
        await client.ConnectAsync("c");
        await client.SendAsync(client.Publish(1, 1, RawClient.Value(1), "telemetry/v1/gw-2/manhole_cover/mc-1"));
        Assert.Equal(1, await client.ReceiveIdAsync(RawClient.PubAck));
        Assert.Equal("gw-2", Assert.Single(broker.Log.Readings).Gateway);
    }
}
