using System.Collections;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Telemetry.Ingest.Backtest;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Tests.Api;
using Telemetry.Ingest.Tests.Cluster.Owner;
using Telemetry.Ingest.Tests.Security;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Backtest;

/// <summary>Backtests at nodes that share them in a real PostgreSQL: whoever balances knows no node that runs one.</summary>
public sealed class SharedBacktestsTests(SharedServer server, RecordedStorms recorded) : IClassFixture<SharedServer>, IClassFixture<RecordedStorms>
{
    private const string First = "10.0.0.1:11111", Second = "10.0.0.2:11111";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_one_node_runs_every_node_knows_and_once_it_is_done_shows_the_same_of_it()
    {
        await using var one = await Node.StartAsync(server, "known", First);
        await using var other = await Node.StartAsync(server, "known", Second);
        using var held = new Held();
        var job = await one.StartAsync(Request(held));
        Assert.Equal("running", (await other.GetAsync(job.Id)).Text("state"));
        Assert.Equal(job.Id, (await other.Host.GetJsonAsync("/api/v1/backtests"))[0].Text("id"));
        Assert.Equal("backtest_running", (await other.PostAsync()).Reason());
        Assert.Equal("backtest_running", (await one.PostAsync()).Reason());
        Assert.Equal("backtest_not_done", (await other.CallAsync(HttpMethod.Get, job.Id + "/page")).Reason());
        held.Hold(() => job.Status.Progress >= 0.5);
        var half = await Wait.ForAsync("its progress", () => other.GetAsync(job.Id), answer => answer.GetProperty("progress").GetDouble() >= 0.5);
        Assert.Equal(("running", 0.5), (half.Text("state"), half.GetProperty("progress").GetDouble()));
        held.Dispose();

        var done = await other.EndAsync(job.Id);

        Assert.Equal(("done", 1.0, 2), (done.Text("state"), done.GetProperty("progress").GetDouble(), done.GetProperty("totals").GetProperty("totals").GetProperty("earlier").GetInt32()));
        Assert.Equal(await one.TextAsync(job.Id), await other.TextAsync(job.Id));
        var differences = await other.TextAsync(job.Id + "/differences");
        Assert.Equal(job.Differences(), differences);
        Assert.Equal(differences, await one.TextAsync(job.Id + "/differences"));
        var page = await other.TextAsync(job.Id + "/page");
        Assert.Equal(job.Page(), page);
        Assert.Equal(page, await one.TextAsync(job.Id + "/page"));

        // Also one that was not there then.
        await using var late = await Node.StartAsync(server, "known", "10.0.0.3:11111");
        Assert.Equal(differences, await late.TextAsync(job.Id + "/differences"));
        Assert.Equal("done", (await late.CallAsync(HttpMethod.Delete, job.Id)).Body.Text("state"));
        Assert.Equal(HttpStatusCode.Accepted, (await late.PostAsync()).Status);
    }

    [Fact]
    public async Task Whichever_node_is_asked_for_its_end_it_ends_and_another_may_begin()
    {
        await using var one = await Node.StartAsync(server, "cancel", First);
        await using var other = await Node.StartAsync(server, "cancel", Second);
        using var held = new Held();
        var job = await one.StartAsync(Request(held));
        Assert.Equal((HttpStatusCode.OK, "running"), await other.CancelAsync(job.Id));
        await one.ReadAsync();
        held.Dispose();
        Assert.Equal("cancelled", (await other.EndAsync(job.Id)).Text("state"));
        Assert.Equal((BacktestState.Cancelled, "cancelled"), (job.State, (await one.GetAsync(job.Id)).Text("state")));
        Assert.Equal("unknown_backtest", (await other.CallAsync(HttpMethod.Delete, "another")).Reason());

        using var heldNext = new Held();
        var next = await other.StartAsync(Request(heldNext));
        Assert.Equal((HttpStatusCode.OK, "running"), await other.CancelAsync(next.Id));
        heldNext.Dispose();
        Assert.Equal("cancelled", (await one.EndAsync(next.Id)).Text("state"));
    }

    [Fact]
    public async Task The_last_five_of_all_nodes_are_kept_with_what_they_found_until_their_time_ends()
    {
        await using var one = await Node.StartAsync(server, "six", First);
        await using var other = await Node.StartAsync(server, "six", Second);
        var ids = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            ids.Add((await (i % 2 == 0 ? one : other).StartAsync(Request())).Id);
            Assert.Equal("done", (await one.EndAsync(ids[i])).Text("state"));
            Assert.Equal(ids.AsEnumerable().Reverse().Take(5), (await other.Host.GetJsonAsync("/api/v1/backtests")).EnumerateArray().Select(each => each.Text("id")));
        }
        foreach (var node in new[] { one, other })
        {
            Assert.Equal("unknown_backtest", (await node.CallAsync(HttpMethod.Get, ids[0])).Reason());
            Assert.Equal("unknown_backtest", (await node.CallAsync(HttpMethod.Get, ids[0] + "/differences")).Reason());
            Assert.Contains("earlier", await node.TextAsync(ids[1] + "/differences"), StringComparison.Ordinal);
        }
        Assert.Equal(ids[1..].Order(StringComparer.Ordinal), await StoredAsync("six"));

        await using (var end = server.Connect().CreateCommand("UPDATE shared_row SET ends = 1 WHERE stream = 'six' AND key = $1"))
        {
            end.Parameters.Add(new NpgsqlParameter { Value = ids[1] });
            Assert.Equal(1, await end.ExecuteNonQueryAsync(Token));
        }
        // Each node tidies up when it comes, and once an hour.
        await using var late = await Node.StartAsync(server, "six", "10.0.0.3:11111");
        Assert.Equal(ids[2..].Order(StringComparer.Ordinal), await StoredAsync("six"));
    }

    [Fact]
    public async Task One_whose_node_has_said_nothing_for_30_s_has_failed_and_should_the_node_come_back_it_ends_it()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        using var gate = new TcpGate(server.Port);
        using var log = new LogLines();
        using SharedLists lists = server.Lists("silent", log, node: First, gate: gate), others = server.Lists("silent", log, node: Second);
        await using BacktestJobs one = new(time, lists), other = new(time, others);
        await lists.Backtests.RefreshAsync(isFirst: true);
        await others.Backtests.RefreshAsync(isFirst: true);
        using var held = new Held();
        var before = await ChangesAsync("silent");
        var job = (await one.StartAsync(Request(held), Token))!;
        // Its begin, and the first word of its node.
        await Wait.ForAsync("the first word", () => ChangesAsync("silent"), changes => changes == before + 2);
        await other.RefreshAsync();
        var said = time.GetUtcNow().ToUnixTimeMilliseconds();
        gate.Fault = LineFault.Refused;
        time.Advance(TimeSpan.FromSeconds(29.9));
        await other.RefreshAsync();
        Assert.Equal((BacktestState.Running, null), (other.Find(job.Id)!.State, other.Find(job.Id)!.Error));
        Assert.Null(await other.StartAsync(Request(), Token));

        time.Advance(TimeSpan.FromSeconds(0.1));
        var failed = other.Find(job.Id)!;
        Assert.Equal((BacktestState.Failed, $"the node {First}, which ran it, has not said anything since {Iso.Time(said)}"), (failed.State, failed.Error));
        var next = (await other.StartAsync(Request(), Token))!;

        gate.Fault = LineFault.None;
        await lists.Backtests.RefreshAsync(isFirst: true);
        held.Dispose();
        await Wait.ForAsync("the node to end what was given up", () =>
        {
            time.Advance(TimeSpan.FromSeconds(2));
            return Task.FromResult(one.Own(job.Id) is null);
        });
        Assert.Equal(BacktestState.Cancelled, job.State);
        await Wait.ForAsync("the next one to end", async () =>
        {
            await one.RefreshAsync();
            return one.Find(next.Id)!.State == BacktestState.Done;
        });
        Assert.Equal([(next.Id, BacktestState.Done), (job.Id, BacktestState.Failed)], one.All.Select(status => (status.Id, status.State)));
    }

    [Fact]
    public async Task While_PostgreSQL_does_not_answer_none_begins_and_one_that_runs_goes_on_and_is_told_of_later()
    {
        await using var node = await Node.StartAsync(server, "away", "10.0.0.3:11111", knows: false);
        var refused = await node.PostAsync();
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "store_failing"), (refused.Status, refused.Reason()));

        using var gate = new TcpGate(server.Port);
        await using var one = await Node.StartAsync(server, "away", First, gate: gate);
        await using var other = await Node.StartAsync(server, "away", Second);
        using var held = new Held();
        var job = await one.StartAsync(Request(held));
        gate.Fault = LineFault.Refused;
        held.Dispose();
        await job.Ended.WaitAsync(Wait.Longest, Token);
        Assert.Equal((BacktestState.Done, "running"), (job.State, (await other.GetAsync(job.Id)).Text("state")));
        gate.Fault = LineFault.None;
        await one.ReadAsync();
        Assert.Equal("done", (await other.EndAsync(job.Id)).Text("state"));
        Assert.Equal(job.Differences(), await other.TextAsync(job.Id + "/differences"));
    }

    [Fact]
    public async Task One_whose_node_is_stopped_in_order_has_failed_at_once()
    {
        await using var other = await Node.StartAsync(server, "stopped", Second);
        using var log = new LogLines();
        using var lists = server.Lists("stopped", log, node: First);
        var one = new BacktestJobs(TimeProvider.System, lists);
        await lists.Backtests.RefreshAsync(isFirst: true);
        using var held = new Held();
        var job = (await one.StartAsync(Request(held), Token))!;
        var stopping = one.DisposeAsync();
        held.Dispose();
        await stopping;
        var answer = await other.GetAsync(job.Id);
        Assert.Equal(("failed", $"the node {First}, which ran it, was stopped"), (answer.Text("state"), answer.Text("error")));
    }

    private async Task<long> ChangesAsync(string stream)
    {
        await using var asking = server.Connect().CreateCommand("SELECT change FROM shared_list WHERE stream = $1 AND list = 'backtests'");
        asking.Parameters.Add(new NpgsqlParameter { Value = stream });
        return (long)(await asking.ExecuteScalarAsync(Token))!;
    }

    private async Task<List<string>> StoredAsync(string stream)
    {
        await using var asking = server.Connect().CreateCommand("SELECT id FROM backtest_result WHERE stream = $1");
        asking.Parameters.Add(new NpgsqlParameter { Value = stream });
        await using var reader = await asking.ExecuteReaderAsync(Token);
        var ids = new List<string>();
        while (await reader.ReadAsync(Token))
            ids.Add(reader.GetString(0));
        return [.. ids.Order(StringComparer.Ordinal)];
    }

    /// <summary>What is tried calls 20 s earlier, in two storms.</summary>
    private BacktestRequest Request(Held? held = null)
    {
        var (families, _) = FamilySet.Load(FamilySet.ShippedFiles().Select(file => (file.File, file.Text.Replace("delay: {on: 30s, off: 120s}    # it comes", "delay: {on: 10s, off: 120s}    # it comes", StringComparison.Ordinal))));
        return new BacktestRequest(
            recorded.Log.Data, new BacktestSpan(0, 4_000_000_000_000, 0), RecordedLog.Window, held ?? LoadPosition.Whole, null, BacktestRequest.AsRecorded, families!, "drainage_pump");
    }

    /// <summary>Positions at which a backtest waits whenever it asks for them, as long as this holds: at its begin, and after each side.</summary>
    internal sealed class Held : IReadOnlyList<LoadPosition>, IDisposable
    {
        private volatile Func<bool> _holds = () => true;

        public int Count => LoadPosition.Whole.Count;

        public LoadPosition this[int index] => LoadPosition.Whole[index];

        public void Hold(Func<bool> holds) => _holds = holds;

        public IEnumerator<LoadPosition> GetEnumerator() => SpinWait.SpinUntil(() => !_holds(), Wait.Longest) ? LoadPosition.Whole.GetEnumerator() : throw new TimeoutException("it was never let go");

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        /// <summary>Lets it go.</summary>
        public void Dispose() => _holds = () => false;
    }

    private sealed class Node : IAsyncDisposable
    {
        private static readonly string Body = JsonSerializer.Serialize(
            new { from = 0, to = 4_000_000_000_000, rules = new Dictionary<string, string> { ["drainage_pump"] = FamilySet.ShippedFiles().Single(file => file.File == "drainage_pump.yaml").Text } });

        private readonly LogLines _log = new();
        private SharedLists _lists = null!;

        public ApiHost Host { get; private set; } = null!;

        public static async Task<Node> StartAsync(SharedServer server, string stream, string name, bool knows = true, TcpGate? gate = null)
        {
            var node = new Node();
            node._lists = server.Lists(stream, node._log, node: name, gate: gate);
            node.Host = await ApiHost.StartAsync(shared: node._lists);
            // What takes part in it is made when it is first asked for, as by the follower of a whole service.
            Assert.NotNull(node.Host.Backtests);
            if (knows)
                await node.ReadAsync();
            return node;
        }

        public Task ReadAsync() => _lists.Backtests.RefreshAsync(isFirst: true);

        public async Task<BacktestJob> StartAsync(BacktestRequest request) => (await Host.Backtests.StartAsync(request, Token))!;

        /// <summary>Over the node's own log, which is empty.</summary>
        public Task<(HttpStatusCode Status, JsonElement Body)> PostAsync() => Host.PostAsync("/api/v1/backtests", Body);

        public Task<JsonElement> GetAsync(string id) => Host.GetJsonAsync("/api/v1/backtests/" + id);

        public Task<string> TextAsync(string path) => Host.Http.GetStringAsync("/api/v1/backtests/" + path, Token);

        public Task<JsonElement> EndAsync(string id) => Wait.ForAsync("the backtest to end", () => GetAsync(id), answer => answer.Text("state") != "running");

        /// <summary>Again where the other node's turn takes long.</summary>
        public async Task<(HttpStatusCode Status, string State)> CancelAsync(string id)
        {
            var (status, body) = await Wait.ForAsync("an answer", () => CallAsync(HttpMethod.Delete, id), answer => answer.Status != HttpStatusCode.ServiceUnavailable);
            return (status, body.Text("state"));
        }

        public Task<(HttpStatusCode Status, JsonElement Body)> CallAsync(HttpMethod method, string path) => Host.SendAsync(method, "/api/v1/backtests/" + path, method == HttpMethod.Get ? null : "{}");

        public async ValueTask DisposeAsync()
        {
            await Host.DisposeAsync();
            _lists.Dispose();
            _log.Dispose();
        }
    }
}
