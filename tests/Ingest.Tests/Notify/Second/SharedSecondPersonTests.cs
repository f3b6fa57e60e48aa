using System.Net;
using System.Text.Json;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Notify.Channels;
using Telemetry.Ingest.Notify.Second;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.Tests.Api;
using Telemetry.Ingest.Tests.Cluster.Owner;
using Telemetry.Ingest.Tests.Notify.Delivery;
using Telemetry.Ingest.Tests.Security;
using Telemetry.Ingest.Tests.State;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Tests.Notify.Second;

/// <summary>Codes for second persons by nodes that share them in a real PostgreSQL: whoever balances knows no node that made one.</summary>
public sealed class SharedSecondPersonTests(SharedServer server) : IClassFixture<SharedServer>
{
    private static readonly string Token = ApiToken.New();
    private static readonly string Until = (TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() + 600_000).ToString(System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public async Task A_code_that_one_node_was_asked_for_every_node_has_to_send_and_any_of_them_takes_it_once()
    {
        await using var one = await Node.StartAsync(server, "once");
        await using var other = await Node.StartAsync(server, "once");
        Assert.Equal(HttpStatusCode.OK, (await one.AskAsync()).Status);
        await other.ReadAsync();
        var (key, code) = other.Sent();
        Assert.Equal(one.Sent(), (key, code));
        Assert.Equal("too_soon", (await other.AskAsync()).Reason());

        // Each has a log and a book of its own here, so both alarms are still unshelved: the code alone decides.
        var answers = await Task.WhenAll(one.ShelveAsync(code), other.ShelveAsync(code));
        Assert.Equal([(HttpStatusCode.OK, "shelved"), (HttpStatusCode.Conflict, "no_code")], answers.Select(answer => (answer.Status, answer.Status == HttpStatusCode.OK ? answer.Body.Text("state") : answer.Reason())).Order());
        Assert.Equal("陈刚", answers.Single(answer => answer.Status == HttpStatusCode.OK).Body.GetProperty("overlay").Text("second"));

        // Whoever comes later calls nobody for what is used.
        await using var late = await Node.StartAsync(server, "once");
        Assert.Empty(late.Host.Outbox.Due("sms", long.MaxValue, 10));
    }

    [Fact]
    public async Task Five_wrong_ones_are_five_at_all_nodes_together_and_the_call_goes_out_all_the_same()
    {
        await using var one = await Node.StartAsync(server, "wrong");
        await using var other = await Node.StartAsync(server, "wrong");
        await one.AskAsync();
        var code = one.Sent().Code;
        var wrong = code == "000000" ? "000001" : "000000";
        await using var slow = await Node.StartAsync(server, "wrong", knows: false);
        for (var i = 0; i < SecondCodes.Tries; i++)
            Assert.Equal("wrong_code", (await (i % 2 == 0 ? one : other).ShelveAsync(wrong)).Reason());
        // Known to this one only now, with no try left: whoever is called in vain knows at least that somebody tries.
        await slow.ReadAsync();
        Assert.Equal([one.Sent(), one.Sent()], [other.Sent(), slow.Sent()]);
        Assert.Equal(("no_code", "no_code"), ((await one.ShelveAsync(code)).Reason(), (await other.ShelveAsync(code)).Reason()));
    }

    [Fact]
    public async Task While_PostgreSQL_does_not_answer_no_code_is_sent_and_none_is_taken()
    {
        await using var node = await Node.StartAsync(server, "away", knows: false);
        var asked = await node.AskAsync();
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "store_failing"), (asked.Status, asked.Reason()));
        Assert.Empty(node.Host.Outbox.Due("sms", long.MaxValue, 10));
        Assert.Equal("store_failing", (await node.ShelveAsync("123456")).Reason());
        await node.ReadAsync();
        Assert.Equal(HttpStatusCode.OK, (await node.AskAsync()).Status);
        Assert.Equal(HttpStatusCode.OK, (await node.ShelveAsync(node.Sent().Code)).Status);
    }

    private sealed class Node : IAsyncDisposable
    {
        private readonly Credentials _credentials = new();
        private SharedLists _lists = null!;

        public ApiHost Host { get; private set; } = null!;

        public static async Task<Node> StartAsync(SharedServer server, string stream, bool knows = true)
        {
            var node = new Node();
            node._credentials.WriteUsers(Credentials.Line("wang", "operator", Token));
            node._lists = server.Lists(stream, node._credentials.Log);
            node.Host = await ApiHost.StartAsync(
                Files.Families.All, node._credentials.Options(), Files.Right(Files.Small), new ChannelOptions { Sms = Letters.Provider(new Uri("http://127.0.0.1/")) }, shared: node._lists);
            await node.Host.RaiseAsync(Samples.Alarm("a") with { Severity = Severity.Critical });
            // What takes part in it is made when it is first asked for, as by the follower of a whole service.
            Assert.NotEmpty(node.Host.SecondPersons.Reachable("wang"));
            if (knows)
                await node.ReadAsync();
            return node;
        }

        public Task ReadAsync() => _lists.Codes.RefreshAsync(isFirst: true);

        public Task<(HttpStatusCode Status, JsonElement Body)> AskAsync() => PostAsync("second-person", "{}");

        public Task<(HttpStatusCode Status, JsonElement Body)> ShelveAsync(string code) => PostAsync("shelve", $$"""{"reason": "welding", "until": {{Until}}, "code": "{{code}}"}""");

        public (string Key, string Code) Sent() => Assert.Single(Host.Outbox.Due("sms", long.MaxValue, 10)).Message is { Second: { } second } message ? (message.Key, second.Code) : default;

        public async ValueTask DisposeAsync()
        {
            await Host.DisposeAsync();
            _lists.Dispose();
            _credentials.Dispose();
        }

        private Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string action, string body) =>
            Host.SendAsync(HttpMethod.Post, "/api/v1/alarms/a/" + action, body, headers: ("Authorization", "Bearer " + Token));
    }
}
