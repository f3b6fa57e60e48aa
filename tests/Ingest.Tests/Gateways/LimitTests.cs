using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.Tests.Security;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Gateways;

/// <summary>What one gateway, or a stranger, may cost the others: each limit, and that those who keep to theirs go on.</summary>
public sealed class LimitTests : IDisposable
{
    private const byte QuotaExceeded = 0x97, ServerUnavailable = 3, PacketTooLarge = 0x95, Malformed = 0x81, Protocol = 0x82, ReceiveMaximumExceeded = 0x93, TopicAliasInvalid = 0x94, NotAuthorized = 0x87;
    private const string Own = "telemetry/v1/gw-1/manhole_cover/mc-1";

    private readonly Credentials _credentials = new();

    public void Dispose() => _credentials.Dispose();

    private ConnectionGate Gate(GatewayLimits limits) => new(limits, TimeProvider.System, _credentials.Log.CreateLogger<ConnectionGate>());

    private async Task<TestBroker> StartAsync(GatewayLimits limits, TimeProvider? time = null, params string[] lines)
    {
        _credentials.Limits = limits;
        _credentials.WriteGatewayLines(lines.Length > 0 ? lines : [$"gw-1: {Credentials.Hash}", $"gw-2: {Credentials.Hash}"]);
        return await TestBroker.StartAsync(logins: _credentials.Logins, gate: Gate(limits), time: time);
    }

    private static async Task<RawClient> InAsync(TestBroker broker, string gateway, string? clientId = null, bool version5 = true, byte expected = 0)
    {
        var client = broker.Raw();
        Assert.Equal(expected, (await client.ConnectAsync(clientId ?? RandomNumberGenerator.GetHexString(16), version5, user: gateway, password: Credentials.Password))[1]);
        return client;
    }

    private int Lines(string text) => _credentials.Log.All.Count(line => line.Contains(text, StringComparison.Ordinal));

    [Fact]
    public void A_gateway_over_its_rate_waits_as_long_as_it_was_too_fast_and_another_does_not()
    {
        var time = new FakeTimeProvider();
        using var log = new LogLines();
        var rates = new GatewayRates(time, log.CreateLogger<GatewayRates>());
        Assert.Equal(TimeSpan.Zero, rates.Take("gw-1", 100, 10));
        Assert.Equal(TimeSpan.FromSeconds(2), rates.Take("gw-1", 20, 10));
        Assert.Equal(TimeSpan.Zero, rates.Take("gw-2", 100, 10));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.FromSeconds(0.1), rates.Take("gw-1", 1, 10));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.Zero, rates.Take("gw-1", 100, 10));
        Assert.Equal((2, 1), (rates.Held, log.All.Count));
    }

    [Fact]
    public async Task A_gateway_over_its_rate_is_read_later_and_nothing_is_lost()
    {
        var time = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.Zero };
        await using var broker = await StartAsync(new GatewayLimits { Rate = 1000 }, time, $"gw-1: {{password: {Credentials.Hash}, rate: 1}}");
        using var gateway = await InAsync(broker, "gw-1");
        // One message of twenty readings, ten more than may come at once; what follows it stays in the socket.
        var array = Encoding.UTF8.GetBytes("[" + string.Join(',', Enumerable.Range(1, 20).Select(i => $$$"""{"values":{"tilt_angle":{{{i}}}}}""")) + "]");
        await gateway.SendAsync(gateway.Publish(1, 1, array, Own));
        Assert.Equal(1, await gateway.ReceiveIdAsync(RawClient.PubAck));
        await gateway.SendAsync(gateway.Publish(1, 2, RawClient.Value(21), Own));
        await Wait.ForAsync("the line", () => Lines("gateway gw-1 sends more than 1 readings a second") == 1);
        Assert.Equal(20, broker.Log.Values.Count());
        time.Advance(TimeSpan.FromSeconds(10.1));
        Assert.Equal(2, await gateway.ReceiveIdAsync(RawClient.PubAck));
        Assert.Equal(Enumerable.Range(1, 21).Select(i => (double)i), broker.Log.Values);
    }

    [Fact]
    public async Task A_message_over_its_gateways_own_size_is_a_dead_letter_and_the_next_one_is_read()
    {
        await using var broker = await StartAsync(new GatewayLimits(), null, $"gw-1: {{password: {Credentials.Hash}, message: 64}}");
        using var gateway = await InAsync(broker, "gw-1");
        await gateway.SendAsync(gateway.Publish(1, 1, [.. RawClient.Value(1), .. new byte[64]], Own), gateway.Publish(1, 2, RawClient.Value(2), Own));
        Assert.Equal(1, await gateway.ReceiveIdAsync(RawClient.PubAck));
        Assert.Equal(2, await gateway.ReceiveIdAsync(RawClient.PubAck));
        Assert.Contains("this gateway may send 64", Assert.Single(broker.Log.DeadLetters).Detail, StringComparison.Ordinal);
        Assert.Equal([2], broker.Log.Values);
    }

    [Theory]
    [InlineData(true, QuotaExceeded)]
    [InlineData(false, ServerUnavailable)]
    public async Task A_gateway_has_so_many_connections_and_may_replace_its_own(bool version5, byte code)
    {
        await using var broker = await StartAsync(new GatewayLimits { PerGateway = 2 });
        using var first = await InAsync(broker, "gw-1", "a");
        using var second = await InAsync(broker, "gw-1", "b");
        using var third = await InAsync(broker, "gw-1", "c", version5, code);
        using var other = await InAsync(broker, "gw-2");
        await first.NothingIsSaidAsync();
        using var again = await InAsync(broker, "gw-1", "b");
        await again.NothingIsSaidAsync();
        Assert.Equal(1, _credentials.Failures.Counts[("mqtt", "too_many_connections")]);
    }

    [Fact]
    public async Task At_the_limit_of_all_connections_the_next_is_told_so_and_the_others_keep_working()
    {
        await using var broker = await StartAsync(new GatewayLimits { Total = 2 });
        using var first = await InAsync(broker, "gw-1");
        using (await InAsync(broker, "gw-2"))
        {
            using var third = await InAsync(broker, "gw-2", expected: QuotaExceeded);
            await first.SendAsync(first.Publish(1, 1, RawClient.Value(1), Own));
            Assert.Equal(1, await first.ReceiveIdAsync(RawClient.PubAck));
        }
        // And once one has gone there is room again.
        await Wait.ForAsync("room", async () =>
        {
            using var client = broker.Raw();
            return (await client.ConnectAsync("d", version5: true, user: "gw-2", password: Credentials.Password))[1] == 0;
        });
    }

    [Fact]
    public async Task A_flood_of_connections_that_say_nothing_is_cut_off_and_those_that_are_in_stay()
    {
        var gate = Gate(new GatewayLimits { StrangersPerAddress = 3 });
        await using var broker = await TestBroker.StartAsync(gate: gate);
        using var inside = broker.Raw();
        await inside.ConnectAsync("c");
        var flood = Enumerable.Range(0, 10).Select(_ => broker.Raw()).ToList();
        await Wait.ForAsync("the refusals", () => gate.Refused.GetValueOrDefault("address") == 7);
        Assert.Equal(4, gate.Open);
        await inside.NothingIsSaidAsync();
        Assert.Equal(1, Lines("limit: address"));
        flood.ForEach(client => client.Dispose());
        await Wait.ForAsync("their end", () => gate.Open == 1);
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 0x10 })]
    [InlineData(new byte[] { 0x10, 0xFF, 0x7F, 0, 4, (byte)'M' })]
    public async Task Slowloris_on_MQTT_a_client_that_does_not_finish_its_CONNECT_is_closed_after_ten_seconds(byte[] begun)
    {
        var time = new FakeTimeProvider();
        var gate = Gate(new GatewayLimits());
        await using var broker = await TestBroker.StartAsync(gate: gate, time: time);
        using var inside = broker.Raw();
        await inside.ConnectAsync("c");
        using var slow = broker.Raw();
        await slow.SendAsync(begun);
        await Wait.ForAsync("both are there", () => broker.Broker.Connections == 2);
        time.Advance(TimeSpan.FromSeconds(9));
        await inside.NothingIsSaidAsync();
        Assert.Equal(2, gate.Open);
        time.Advance(TimeSpan.FromSeconds(2));
        await slow.IsClosedAsync();
        await inside.NothingIsSaidAsync();
        Assert.Equal(1, gate.Refused["no_connect"]);
    }

    [Theory]
    [InlineData(0, 3600)]
    [InlineData(7200, 3600)]
    [InlineData(60, 0)]
    public async Task A_client_that_asks_for_no_sign_of_life_or_too_rare_ones_is_told_an_hour(ushort asked, int told)
    {
        await using var broker = await TestBroker.StartAsync(gate: Gate(new GatewayLimits()));
        using var client = broker.Raw();
        var answer = await client.ConnectWholeAsync("c", asked);
        // Property 0x13, Server Keep Alive; 0x21, Receive Maximum.
        Assert.Equal(told, Property(answer, 0x13));
        Assert.Equal(8192, Property(answer, 0x21));
    }

    // Those of CONNACK that the service sends: two bytes each, but for 0x27, four, and flags of one.
    private static int Property(byte[] answer, byte wanted)
    {
        for (var i = 3; i < answer.Length; i += answer[i] switch { 0x13 or 0x21 or 0x22 => 3, 0x27 or 0x11 => 5, _ => 2 })
        {
            if (answer[i] == wanted)
                return answer[i + 1] << 8 | answer[i + 2];
        }
        return 0;
    }

    [Fact]
    public async Task A_QoS_2_flood_without_a_release_ends_at_the_receive_maximum()
    {
        await using var broker = await TestBroker.StartAsync();
        using var client = broker.Raw();
        await client.ConnectAsync("c", version5: true);
        for (var id = 1; id <= 8192; id++)
            await client.SendAsync(client.Publish(2, (ushort)id, RawClient.Value(id)));
        for (var id = 1; id <= 8192; id++)
            Assert.Equal(id, await client.ReceiveIdAsync(RawClient.PubRec));
        await client.SendAsync(client.Publish(2, 8193, RawClient.Value(8193)));
        Assert.Equal(ReceiveMaximumExceeded, (await client.ReceiveAsync(RawClient.Disconnect))[0]);
        await client.IsClosedAsync();
        Assert.Equal(8192, broker.Log.Values.Count());
    }

    [Theory]
    [InlineData(new byte[] { 0x30, 0xFF, 0xFF, 0xFF, 0xFF, 0x01 }, Malformed)]
    [InlineData(new byte[] { 0x32, 0xFF, 0xFF, 0xFF, 0x7F }, PacketTooLarge)]
    [InlineData(new byte[] { 0x32, 0x03, 0xFF, 0xFF, 0x00 }, Malformed)]
    [InlineData(new byte[] { 0x36, 0x02, 0x00, 0x00 }, Malformed)]
    [InlineData(new byte[] { 0x32, 0x06, 0x00, 0x01, (byte)'#', 0x00, 0x01, 0x00 }, Protocol)]
    public async Task A_malformed_length_or_an_oversized_packet_costs_its_connection_alone(byte[] packet, byte code)
    {
        await using var broker = await StartAsync(new GatewayLimits());
        using var attacker = await InAsync(broker, "gw-1");
        using var other = await InAsync(broker, "gw-2");
        await attacker.SendAsync(packet);
        Assert.Equal(code, (await attacker.ReceiveAsync(RawClient.Disconnect))[0]);
        await attacker.IsClosedAsync();
        await other.SendAsync(other.Publish(1, 1, RawClient.Value(1), "telemetry/v1/gw-2/manhole_cover/mc-2"));
        Assert.Equal(1, await other.ReceiveIdAsync(RawClient.PubAck));
        Assert.Single(broker.Log.Entries);
    }

    [Theory]
    [InlineData(257, 40)]
    [InlineData(1, 2000)]
    public async Task More_aliases_or_longer_topics_under_them_than_a_connection_may_keep_end_it(ushort alias, int length)
    {
        await using var broker = await StartAsync(new GatewayLimits());
        using var gateway = await InAsync(broker, "gw-1");
        await gateway.SendAsync(gateway.Publish(1, 1, RawClient.Value(1), Own.PadRight(length, 'x'), alias: alias));
        Assert.Equal(TopicAliasInvalid, (await gateway.ReceiveAsync(RawClient.Disconnect))[0]);
        Assert.Empty(broker.Log.Entries);
    }

    [Fact]
    public async Task A_gateway_that_makes_up_devices_fills_the_register_to_its_limit_alone()
    {
        await using var broker = await StartAsync(new GatewayLimits());
        for (var i = 0; i < DecodingTables.MaxProvisional; i++)
            broker.Devices.Set(new Device { Id = $"made-up-{i}", Family = "manhole_cover", Gateway = "gw-1", State = "provisional" });
        using var gateway = await InAsync(broker, "gw-1");
        await gateway.SendAsync(gateway.Publish(1, 1, RawClient.Value(1), Own), gateway.Publish(1, 2, RawClient.Value(2), "telemetry/v1/gw-1/manhole_cover/made-up-7"));
        Assert.Equal(1, await gateway.ReceiveIdAsync(RawClient.PubAck));
        Assert.Equal(2, await gateway.ReceiveIdAsync(RawClient.PubAck));
        Assert.Equal(RejectReason.TooManyDevices, Assert.Single(broker.Log.DeadLetters).Reason);
        using var other = await InAsync(broker, "gw-2");
        await other.SendAsync(other.Publish(1, 1, RawClient.Value(3), "telemetry/v1/gw-2/manhole_cover/mc-2"));
        Assert.Equal(1, await other.ReceiveIdAsync(RawClient.PubAck));
        Assert.Equal([2, 3], broker.Log.Values);
        // One is adopted: there is room for another.
        broker.Devices.Set(new Device { Id = "made-up-7", Family = "manhole_cover", Gateway = "gw-1", State = "live" });
        await gateway.SendAsync(gateway.Publish(1, 3, RawClient.Value(4), Own));
        Assert.Equal(3, await gateway.ReceiveIdAsync(RawClient.PubAck));
        Assert.Equal([2, 3, 4], broker.Log.Values);
    }

    [Fact]
    public void A_gateway_has_so_many_client_ids_and_another_still_gets_one()
    {
        var time = new FakeTimeProvider();
        var owners = new Ingest.Gateways.ClientIdOwners(time);
        for (var i = 0; i < 1000; i++)
            Assert.Null(owners.Claim($"c-{i}", "gateway gw-1"));
        Assert.Equal("too_many_sessions", owners.Claim("one more", "gateway gw-1"));
        Assert.Null(owners.Claim("c-7", "gateway gw-1"));
        Assert.Null(owners.Claim("one more", "gateway gw-2"));
        time.Advance(TimeSpan.FromMinutes(1));
        owners.ForgetUnused(time.GetTimestamp(), id => id != "c-0");
        Assert.Null(owners.Claim("another", "gateway gw-1"));
    }

    [Theory]
    [InlineData("telemetry/v1/gw-2/manhole_cover/mc-2")]
    [InlineData("alarms/v1/_/manhole_cover/mc-1/cover_open")]
    public async Task Retained_messages_are_kept_for_nobody(string topic)
    {
        // In open mode, where everyone may publish: retained flooding has nowhere to go.
        await using var broker = await TestBroker.StartAsync();
        using var client = broker.Raw();
        await client.ConnectAsync("c", version5: true);
        for (ushort id = 1; id <= 200; id++)
        {
            var packet = client.Publish(1, id, RawClient.Value(id), topic);
            packet[0] |= 1;
            await client.SendAsync(packet);
            Assert.Equal(id, await client.ReceiveIdAsync(RawClient.PubAck));
        }
        await client.SendAsync(client.Subscribe(1, "alarms/v1/#"));
        Assert.Equal(1, (await client.ReceiveAsync(RawClient.SubAck))[^1]);
        await client.NothingIsSaidAsync();
    }

    [Theory]
    [InlineData("#")]
    [InlineData("+/#")]
    [InlineData("telemetry/#")]
    [InlineData("telemetry/v1/gw-1/#")]
    [InlineData("$SYS/#")]
    [InlineData("$share/g/alarms/v1/#")]
    [InlineData("$share/g/telemetry/v1/#")]
    [InlineData("alarms/v1/#")]
    public async Task A_gateway_subscribes_to_nothing_neither_by_wildcard_nor_to_SYS(string filter)
    {
        await using var broker = await StartAsync(new GatewayLimits());
        using var gateway = await InAsync(broker, "gw-1");
        await gateway.SendAsync(gateway.Subscribe(1, filter));
        // "Not authorized", or for a shared one that there is no such thing.
        Assert.Contains((await gateway.ReceiveAsync(RawClient.SubAck))[^1], (byte[])[NotAuthorized, 0x9E]);
    }

    [Theory]
    [InlineData("gw-1/#")]
    [InlineData("+")]
    [InlineData("#")]
    [InlineData("gw-1\r\nforged line")]
    [InlineData("../gw-1")]
    [InlineData("GW-1")]
    [InlineData("gw-1 ")]
    public async Task A_user_name_with_wildcards_slashes_or_control_characters_is_nobodys(string name)
    {
        await using var broker = await StartAsync(new GatewayLimits());
        using var client = await InAsync(broker, name, expected: 0x86);
        Assert.Equal(1, _credentials.Failures.Counts[("mqtt", "unknown_name")]);
        Assert.DoesNotContain(_credentials.Log.All, line => line.Contains('\n', StringComparison.Ordinal));
    }
}
