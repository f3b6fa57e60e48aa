using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Protocol;
using Telemetry.Ingest.Gateways;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.Tests.Security;

namespace Telemetry.Ingest.Tests.Gateways;

/// <summary>The broker with credentials: who is let in, and under which names one may publish.</summary>
public sealed class CredentialTests : IAsyncLifetime
{
    private const string Own = "telemetry/v1/gw-1/manhole_cover/mc-1", Foreign = "telemetry/v1/gw-2/manhole_cover/mc-2";
    private const byte BadLogin3 = 4, BadLogin5 = 0x86, NotAuthorized = 0x87, BadClientId3 = 2, BadClientId5 = 0x85;

    private static readonly Dictionary<string, string> Tokens = new() { ["near"] = ApiToken.New(), ["covers"] = ApiToken.New(), ["both"] = ApiToken.New() };

    private readonly Credentials _credentials = new();
    private TestBroker _broker = null!;

    public async ValueTask InitializeAsync()
    {
        _credentials.WriteGateways("gw-1", "gw-2");
        _credentials.WriteUsers(Credentials.Line("li", "viewer", Credentials.Token), Line("near", "districts: [near/east]"), Line("covers", "families: [manhole_cover]"), Line("both", "districts: [near/east], families: [manhole_cover]"));
        _broker = await TestBroker.StartAsync(logins: _credentials.Logins, logger: _credentials.Log.CreateLogger<EmbeddedBroker>());
    }

    public async ValueTask DisposeAsync()
    {
        await _broker.DisposeAsync();
        _credentials.Dispose();
    }

    private static string Line(string user, string scope) => $"{user}: {{role: viewer, token: {ApiToken.HashOf(Tokens[user])}, {scope}}}";

    private async Task<RawClient> InAsync(string user, bool version5, string? clientId = null, bool clean = true)
    {
        var client = _broker.Raw();
        Assert.Equal(0, (await client.ConnectAsync(clientId ?? "c-" + user, version5, clean, user: user, password: user == "li" ? Credentials.Token : Tokens.GetValueOrDefault(user, Credentials.Password)))[1]);
        return client;
    }

    private int Lines(string text) => _credentials.Log.All.Count(line => line.Contains(text, StringComparison.Ordinal));

    private long Refused(string reason) => _credentials.Failures.Counts.GetValueOrDefault(("mqtt", reason));

    private void NoSecretIsLogged() => Assert.DoesNotContain(_credentials.Log.All, line => line.Contains(Credentials.Password, StringComparison.Ordinal) || line.Contains(Credentials.Token, StringComparison.Ordinal));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_gateway_with_its_password_publishes_under_its_own_name(bool version5)
    {
        using var gateway = await InAsync("gw-1", version5);
        await gateway.SendAsync(gateway.Publish(1, 1, RawClient.Value(1), Own), gateway.Publish(2, 2, RawClient.Value(2), Own), gateway.Publish(1, 3, "online"u8.ToArray(), "telemetry/v1/gw-1/status"));
        Assert.Equal(1, await gateway.ReceiveIdAsync(RawClient.PubAck));
        Assert.Equal(2, await gateway.ReceiveIdAsync(RawClient.PubRec));
        Assert.Equal(3, await gateway.ReceiveIdAsync(RawClient.PubAck));
        Assert.Equal([1, 2], _broker.Log.Values);
    }

    [Theory]
    [InlineData("gw-1", "wrong wrong wrong", "wrong_password")]
    [InlineData("gw-9", Credentials.Password, "unknown_name")]
    [InlineData(null, null, "no_credentials")]
    [InlineData("gw-1", null, "no_credentials")]
    [InlineData("gw-1", "", "no_credentials")]
    [InlineData("li", "tlm_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "unknown_token")]
    public async Task A_wrong_login_is_refused_counted_and_logged_once(string? user, string? password, string reason)
    {
        foreach (var version5 in (bool[])[false, true])
        {
            // 3.1.1 has no password without a user name.
            using var client = _broker.Raw();
            Assert.Equal(version5 ? BadLogin5 : BadLogin3, (await client.ConnectAsync("c", version5, user: user, password: password))[1]);
            await client.IsClosedAsync();
        }
        Assert.Equal(2, Refused(reason));
        Assert.Equal(1, Lines(reason));
        Assert.Empty(_broker.Log.Entries);
        NoSecretIsLogged();
    }

    [Fact]
    public async Task A_token_is_good_under_its_owners_name_alone_and_never_in_the_log()
    {
        using var client = _broker.Raw();
        Assert.Equal(BadLogin5, (await client.ConnectAsync("c", version5: true, user: "gw-1", password: Credentials.Token))[1]);
        using var mistaken = _broker.Raw();
        Assert.Equal(BadLogin5, (await mistaken.ConnectAsync("c", version5: true, user: Credentials.Token, password: "x"))[1]);
        Assert.Equal(1, Refused("wrong_name"));
        NoSecretIsLogged();
    }

    [Theory]
    [InlineData(1, RawClient.PubAck)]
    [InlineData(2, RawClient.PubRec)]
    public async Task Another_gateways_topic_is_answered_not_authorized_in_MQTT_5_and_the_connection_goes_on(int quality, byte kind)
    {
        using var gateway = await InAsync("gw-1", version5: true);
        for (ushort id = 1; id <= 3; id++)
        {
            await gateway.SendAsync(gateway.Publish(quality, id, RawClient.Value(1), Foreign));
            Assert.Equal([0, (byte)id, NotAuthorized], await gateway.ReceiveAsync(kind));
        }
        await gateway.SendAsync(gateway.Publish(quality, 3, RawClient.Value(7), Own));
        Assert.Equal([0, 3], await gateway.ReceiveAsync(kind));
        Assert.Equal([7], _broker.Log.Values);
        Assert.Equal(3, _broker.Stats.Rejected["not_authorized"]);
        await Wait.ForAsync("the line", () => Task.FromResult(Lines("gateway gw-1 published under a topic that is not its own (gw-2)")), count => count == 1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Another_gateways_topic_ends_a_3_1_1_connection_without_an_acknowledgement(int quality)
    {
        for (var attempt = 0; attempt < 3; attempt++)
        {
            using var gateway = await InAsync("gw-1", version5: false);
            await gateway.SendAsync(gateway.Publish(quality, 1, RawClient.Value(1), Foreign));
            await gateway.IsClosedAsync();
        }
        Assert.Empty(_broker.Log.Readings);
        Assert.Empty(_broker.Log.DeadLetters);
        Assert.Equal(3, _broker.Stats.Rejected["not_authorized"]);
        await Wait.ForAsync("the line", () => Task.FromResult(Lines("published under")), count => count == 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Another_gateways_topic_with_QoS_0_is_dropped(bool version5)
    {
        using var gateway = await InAsync("gw-1", version5);
        await gateway.SendAsync(gateway.Publish(0, 0, RawClient.Value(1), Foreign), gateway.Publish(0, 0, "offline"u8.ToArray(), "telemetry/v1/gw-2/status"));
        await gateway.NothingIsSaidAsync();
        await gateway.SendAsync(gateway.Publish(1, 1, RawClient.Value(7), Own));
        await gateway.ReceiveIdAsync(RawClient.PubAck);
        Assert.Equal([7], _broker.Log.Values);
        Assert.Empty(_broker.Log.GatewayChanges);
        Assert.Equal(2, _broker.Stats.Rejected["not_authorized"]);
    }

    [Theory]
    [InlineData("telemetry/v1/gw-11/manhole_cover/mc-1")]
    [InlineData("telemetry/v1/gw-1")]
    [InlineData("telemetry/v1/gw-1x/status")]
    [InlineData("alarms/v1/_/manhole_cover/mc-1/cover_open")]
    [InlineData("$SYS/broker")]
    public async Task A_name_that_only_begins_like_its_own_is_foreign(string topic)
    {
        using var gateway = await InAsync("gw-1", version5: true);
        await gateway.SendAsync(gateway.Publish(1, 1, RawClient.Value(1), topic));
        Assert.Equal([0, 1, NotAuthorized], await gateway.ReceiveAsync(RawClient.PubAck));
    }

    [Fact]
    public async Task A_topic_alias_does_not_hide_a_foreign_topic()
    {
        using var gateway = await InAsync("gw-1", version5: true);
        await gateway.SendAsync(gateway.Publish(1, 1, RawClient.Value(1), Foreign, alias: 4), gateway.Publish(1, 2, RawClient.Value(2), "", alias: 4));
        Assert.Equal([0, 1, NotAuthorized], await gateway.ReceiveAsync(RawClient.PubAck));
        Assert.Equal([0, 2, NotAuthorized], await gateway.ReceiveAsync(RawClient.PubAck));
        Assert.Empty(_broker.Log.Readings);
    }

    [Theory]
    [InlineData(false, 5)]
    [InlineData(true, NotAuthorized)]
    public async Task A_last_will_for_another_gateway_is_refused_at_the_login(bool version5, byte code)
    {
        using var gateway = _broker.Raw();
        Assert.Equal(code, (await gateway.ConnectAsync("c", version5, will: ("telemetry/v1/gw-2/status", "offline", 1), user: "gw-1", password: Credentials.Password))[1]);
        await gateway.IsClosedAsync();
        Assert.Equal(1, Refused("foreign_will"));
        Assert.Empty(_broker.Log.Entries);
    }

    [Fact]
    public async Task Its_own_last_will_speaks_when_it_dies()
    {
        using (var gateway = _broker.Raw())
        {
            Assert.Equal(0, (await gateway.ConnectAsync("c", will: ("telemetry/v1/gw-1/status", "offline", 1), user: "gw-1", password: Credentials.Password))[1]);
            gateway.Kill();
        }
        await _broker.Log.UntilAsync(log => log.GatewayChanges.Any());
        Assert.Equal([("gw-1", false, "status")], _broker.Log.GatewayChanges);
    }

    [Theory]
    [InlineData(false, BadClientId3)]
    [InlineData(true, BadClientId5)]
    public async Task The_client_id_of_another_gateway_is_not_taken_over(bool version5, byte code)
    {
        using var first = await InAsync("gw-1", version5, clientId: "shared", clean: false);
        using var second = _broker.Raw();
        Assert.Equal(code, (await second.ConnectAsync("shared", version5, user: "gw-2", password: Credentials.Password))[1]);
        await first.NothingIsSaidAsync();

        // Nor is the session that outlives its connection.
        first.Kill();
        using var third = _broker.Raw();
        Assert.Equal(code, (await third.ConnectAsync("shared", version5, clean: false, user: "gw-2", password: Credentials.Password))[1]);
        using var back = _broker.Raw();
        Assert.Equal([1, 0], await back.ConnectAsync("shared", version5, clean: false, user: "gw-1", password: Credentials.Password));
        Assert.Equal(2, Refused("foreign_client_id"));
        await Wait.ForAsync("the line", () => Task.FromResult(Lines("foreign_client_id")), count => count == 1);
    }

    [Fact]
    public async Task A_gateway_may_take_over_its_own_connection()
    {
        using var first = await InAsync("gw-1", version5: true, clientId: "c");
        using var second = await InAsync("gw-1", version5: true, clientId: "c");
        await second.SendAsync(second.Publish(1, 1, RawClient.Value(1), Own));
        Assert.Equal([0, 1], await second.ReceiveAsync(RawClient.PubAck));
    }

    [Theory]
    [InlineData("gw-1", "alarms/v1/#", 0x87)]
    [InlineData("li", "alarms/v1/#", 1)]
    [InlineData("li", "telemetry/v1/#", 0x87)]
    [InlineData("li", "#", 0x87)]
    public async Task People_subscribe_to_alarms_and_gateways_to_nothing(string user, string filter, byte code)
    {
        using var client = await InAsync(user, version5: true);
        await client.SendAsync(client.Subscribe(1, filter));
        Assert.Equal(code, (await client.ReceiveAsync(RawClient.SubAck))[^1]);
    }

    /// <summary>Districts are free text: a slash stands as _ in the topic.</summary>
    [Theory]
    [InlineData("near", "alarms/v1/near_east/#", true)]
    [InlineData("near", "alarms/v1/near_east/+/x/y", true)]
    [InlineData("near", "alarms/v1/near_east", true)]
    [InlineData("near", "alarms/v1/#", false)]
    [InlineData("near", "alarms/v1/+/#", false)]
    [InlineData("near", "alarms/v1/+/manhole_cover/x/y", false)]
    [InlineData("near", "alarms/v1/far/#", false)]
    [InlineData("near", "alarms/v1/_/#", false)]
    [InlineData("near", "alarms/v1//#", false)]
    [InlineData("covers", "alarms/v1/+/manhole_cover/#", true)]
    [InlineData("covers", "alarms/v1/far/manhole_cover/x/y", true)]
    [InlineData("covers", "alarms/v1/far/#", false)]
    [InlineData("covers", "alarms/v1/+/+/#", false)]
    [InlineData("covers", "alarms/v1/#", false)]
    [InlineData("both", "alarms/v1/near_east/manhole_cover/#", true)]
    [InlineData("both", "alarms/v1/near_east/gas_valve/#", false)]
    [InlineData("both", "alarms/v1/+/manhole_cover/#", false)]
    public async Task Who_sees_a_part_subscribes_to_the_alarms_of_that_part(string user, string filter, bool granted)
    {
        using var client = await InAsync(user, version5: true);
        await client.SendAsync(client.Subscribe(1, filter));
        Assert.Equal(granted ? 1 : NotAuthorized, (await client.ReceiveAsync(RawClient.SubAck))[^1]);
    }

    [Fact]
    public async Task Who_is_to_see_less_is_disconnected_and_does_not_find_the_subscriptions_of_before()
    {
        using (var wide = await InAsync("near", version5: true, clientId: "phone", clean: false))
        {
            await wide.SendAsync(wide.Subscribe(1, "alarms/v1/near_east/#"));
            await wide.ReceiveAsync(RawClient.SubAck);
            _credentials.WriteUsers(Line("near", "districts: [other]"));
            Assert.Equal(NotAuthorized, (await wide.ReceiveAsync(RawClient.Disconnect))[0]);
        }
        using var narrow = _broker.Raw();
        Assert.Equal(BadClientId5, (await narrow.ConnectAsync("phone", version5: true, clean: false, user: "near", password: Tokens["near"]))[1]);
    }

    [Fact]
    public void A_session_whose_connection_is_gone_subscribes_to_nothing()
    {
        Assert.False(_broker.Broker.MaySubscribe(null, "alarms/v1/#"));
        Assert.False(_broker.Broker.MaySubscribe(null, "spBv1.0/STATE/#"));
    }

    [Theory]
    [InlineData("telemetry/v1/li/manhole_cover/mc-1")]
    [InlineData("alarms/v1/_/manhole_cover/mc-1/cover_open")]
    public async Task People_publish_nothing(string topic)
    {
        using var client = await InAsync("li", version5: true);
        await client.SendAsync(client.Publish(1, 1, RawClient.Value(1), topic));
        Assert.Equal([0, 1, NotAuthorized], await client.ReceiveAsync(RawClient.PubAck));
        Assert.Empty(_broker.Log.Entries);
    }

    [Fact]
    public async Task A_revoked_gateway_is_disconnected_with_its_reason_and_stays_out()
    {
        using var stays = await InAsync("gw-1", version5: true);
        using var goes = await InAsync("gw-2", version5: true, clean: false);
        _credentials.WriteGateways("gw-1");
        Assert.Equal(NotAuthorized, (await goes.ReceiveAsync(RawClient.Disconnect))[0]);
        await goes.IsClosedAsync();
        using var again = _broker.Raw();
        Assert.Equal(BadLogin5, (await again.ConnectAsync("c", version5: true, user: "gw-2", password: Credentials.Password))[1]);
        await stays.NothingIsSaidAsync();
        // The client may read its disconnect before the service has written its line.
        await Wait.ForAsync("the line", () => Task.FromResult(Lines("a connection of gateway gw-2 is closed")), count => count == 1);

        _credentials.WriteGateways("gw-1", "gw-2");
        await Wait.ForAsync("the changed file", () => Task.FromResult(Lines("has changed and is in force")), count => count == 2);
        using var back = _broker.Raw();
        Assert.Equal([0, 0], await back.ConnectAsync("c-gw-2", version5: true, clean: false, user: "gw-2", password: Credentials.Password));
    }

    [Fact]
    public async Task A_gateway_whose_password_was_changed_is_disconnected()
    {
        using var gateway = await InAsync("gw-1", version5: true);
        File.WriteAllText(_credentials.GatewaysFile, $"gateways:\n  gw-1: {Telemetry.Ingest.Security.PasswordHash.Create("another one entirely"u8).Text}\n");
        Assert.Equal(NotAuthorized, (await gateway.ReceiveAsync(RawClient.Disconnect))[0]);
        using var again = _broker.Raw();
        Assert.Equal(0, (await again.ConnectAsync("c", version5: true, user: "gw-1", password: "another one entirely"))[1]);
    }

    [Fact]
    public async Task A_person_whose_token_was_revoked_is_disconnected()
    {
        using var person = await InAsync("li", version5: true);
        _credentials.WriteUsers();
        Assert.Equal(NotAuthorized, (await person.ReceiveAsync(RawClient.Disconnect))[0]);
    }

    [Fact]
    public async Task A_changed_file_that_is_wrong_is_refused_whole_and_said_so()
    {
        using var gateway = await InAsync("gw-1", version5: true);
        File.WriteAllText(_credentials.GatewaysFile, "gateways:\n  gw-2: secret-in-clear\n");
        await Wait.ForAsync("the refusal", () => Task.FromResult(Lines("is refused, what it said before stays in force")), count => count == 1);
        await gateway.NothingIsSaidAsync();
        using var other = await InAsync("gw-2", version5: true);
        Assert.Equal(0, Lines("secret-in-clear"));
    }

    [Fact]
    public async Task A_real_client_sees_the_reasons()
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        var login = new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", _broker.Port).WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V500).WithClientId("c");
        var refused = await client.ConnectAsync(login.WithCredentials("gw-1", "wrong wrong wrong").Build());
        Assert.Equal(MqttClientConnectResultCode.BadUserNameOrPassword, refused.ResultCode);
        await client.ConnectAsync(login.WithCredentials("gw-1", Credentials.Password).Build());
        var answer = await client.PublishAsync(new MqttApplicationMessage { Topic = Foreign, Payload = new(RawClient.Value(1)), QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce });
        Assert.Equal(MqttClientPublishReasonCode.NotAuthorized, answer.ReasonCode);
        await client.DisconnectAsync();
    }
}
