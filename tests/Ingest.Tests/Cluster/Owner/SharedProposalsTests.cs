using System.Net;
using System.Text.Json;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Tests.Api;
using Telemetry.Ingest.Tests.Security;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Tests.Cluster.Owner;

/// <summary>Changed rules that wait for a second person, at nodes that share them in a real PostgreSQL. Each has a log of its own here, so it is in force at the node that approved it alone.</summary>
public sealed class SharedProposalsTests(SharedServer server) : IClassFixture<SharedServer>
{
    private const string Toilets = "public_toilet";

    private static readonly string Text = FamilySet.ShippedFiles().Single(file => file.File == Toilets + ".yaml").Text.Replace("respond_in: 5min", "respond_in: 6min", StringComparison.Ordinal);

    [Fact]
    public async Task What_is_proposed_at_one_node_is_approved_at_another_and_there_once()
    {
        await using var one = await Node.StartAsync(server, "once");
        await using var other = await Node.StartAsync(server, "once");
        var id = await one.ProposeAsync("Li");
        Assert.Equal(Text, (await other.CallAsync(HttpMethod.Get, "proposals/" + id)).Body.Text("text"));
        // Proposed again elsewhere it is the same.
        Assert.Equal(id, await other.ProposeAsync("Li"));
        Assert.Equal("author_approves", (await other.ApproveAsync(id, "Li")).Reason());

        var answers = await Task.WhenAll(one.ApproveAsync(id, "Wu"), other.ApproveAsync(id, "Chen"));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.NotFound], answers.Select(answer => answer.Status).Order());
        await one.ReadAsync();
        await other.ReadAsync();
        Assert.Equal((0, 0), (await one.WaitingAsync(), await other.WaitingAsync()));
        Assert.Single([one, other], node => node.Host.Families.Find(Toilets)!.Hash == FamilyReader.HashOf(Text));
    }

    [Fact]
    public async Task A_node_that_is_started_anew_has_what_waits_and_leaves_out_what_it_cannot_read()
    {
        await using var one = await Node.StartAsync(server, "anew");
        var id = await one.ProposeAsync("Li");
        using (var turn = server.Lists("anew", one.Log))
        {
            await turn.Proposals.RefreshAsync(isFirst: true);
            await using var writing = await turn.Proposals.TurnAsync(TestContext.Current.CancellationToken);
            await writing.WriteAsync(new SharedRow("of a later version", """{"Family": 7}"""), new SharedRow("no json", "{"));
        }
        await using var late = await Node.StartAsync(server, "anew");
        Assert.Equal(1, await late.WaitingAsync());
        Assert.Equal(HttpStatusCode.OK, (await late.ApproveAsync(id, "Wu")).Status);
    }

    [Fact]
    public async Task While_PostgreSQL_does_not_answer_nothing_is_proposed_and_what_needs_no_second_person_is_put_in_force()
    {
        await using var node = await Node.StartAsync(server, "away", knows: false);
        var refused = await node.PutAsync("Li", Toilets, Text);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "store_failing", 0), (refused.Status, refused.Reason(), await node.WaitingAsync()));
        const string Covers = "manhole_cover";
        var text = FamilySet.ShippedFiles().Single(file => file.File == Covers + ".yaml").Text + "\n# Nothing else.\n";
        Assert.Equal(HttpStatusCode.OK, (await node.PutAsync("Li", Covers, text)).Status);
    }

    private sealed class Node : IAsyncDisposable
    {
        private SharedLists _lists = null!;

        public LogLines Log { get; } = new();

        public ApiHost Host { get; private set; } = null!;

        public static async Task<Node> StartAsync(SharedServer server, string stream, bool knows = true)
        {
            var node = new Node();
            node._lists = server.Lists(stream, node.Log);
            node.Host = await ApiHost.StartAsync(FamilySet.Shipped().All, shared: node._lists);
            // What takes part in it is made when it is first asked for, as by the follower of a whole service.
            Assert.Equal(0, await node.WaitingAsync());
            if (knows)
                await node.ReadAsync();
            return node;
        }

        public Task ReadAsync() => _lists.Proposals.RefreshAsync(isFirst: true);

        public Task<(HttpStatusCode Status, JsonElement Body)> PutAsync(string by, string family, string text) =>
            Host.SendAsync(HttpMethod.Put, $"/api/v1/families/{family}?by={by}", text, "text/yaml", ("If-Match", "*"));

        /// <returns>Its id.</returns>
        public async Task<string> ProposeAsync(string by)
        {
            var (status, body) = await PutAsync(by, Toilets, Text);
            Assert.Equal(HttpStatusCode.Accepted, status);
            return body.Text("proposal");
        }

        /// <summary>Again where the other node's turn takes long.</summary>
        public Task<(HttpStatusCode Status, JsonElement Body)> ApproveAsync(string id, string by) =>
            Wait.ForAsync("an answer", () => CallAsync(HttpMethod.Post, $"proposals/{id}/approve?by={by}"), answer => answer.Status != HttpStatusCode.ServiceUnavailable);

        public async Task<int> WaitingAsync() => (await CallAsync(HttpMethod.Get, "proposals")).Body.GetArrayLength();

        public Task<(HttpStatusCode Status, JsonElement Body)> CallAsync(HttpMethod method, string path) => Host.SendAsync(method, "/api/v1/families/" + path, method == HttpMethod.Get ? null : "{}");

        public async ValueTask DisposeAsync()
        {
            await Host.DisposeAsync();
            _lists.Dispose();
            Log.Dispose();
        }
    }
}
