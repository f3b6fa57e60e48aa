using System.CommandLine;
using System.Text.Json;
using NATS.Client.Core;
using NATS.Client.JetStream;
using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Ingest.Cluster;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Commands;
using Telemetry.Rules.Model;
using static Telemetry.Ingest.Tests.Log.LogBench;

namespace Telemetry.Ingest.Tests.Cluster;

/// <summary>Servers that do not hold the same.</summary>
public sealed class StreamCheckTests
{
    [Fact]
    public async Task What_a_killed_leader_kept_to_itself_is_in_no_nodes_log_and_the_check_names_it_until_the_server_is_filled_again()
    {
        await using var servers = await NatsServers.StartAsync();
        var options = new ClusterOptions { Servers = [.. servers.Urls.Split(',').Select(url => new Uri(url))], Stream = "log" };
        await using StreamNode first = new(options), second = new(options);
        await using var log = await first.OpenAsync();
        for (var i = 0; i < 5; i++)
            await log.Append(Reading(i));
        var leader = (await Wait.ForAsync("a leader", () => servers.LeaderAsync("log"), found => found is not null))!.Value;
        int[] others = [.. Enumerable.Range(0, 3).Where(server => server != leader)];
        await KeepAloneAsync(servers, leader, others);
        foreach (var other in others)
            servers.StartAgain(other);
        for (var i = 5; i < 10; i++)
            await log.Append(Reading(i));
        servers.StartAgain(leader);
        await Wait.ForAsync("all replicas are current", () => servers.AreCurrentAsync("log"), 120);
        await log.Append(Reading(10));
        await using (var other = await second.OpenAsync())
            Assert.Equal(Enumerable.Range(0, 11).Select(i => (long)i), Sequences(ReadAll(other.Log)));

        await using var stream = new NatsStream(options, TimeSpan.FromDays(1), TimeProvider.System);
        await stream.OpenAsync(TestContext.Current.CancellationToken);
        var check = await Wait.ForAsync("all hold everything", CheckAsync, held => held.Count == 3 && held.All(server => server.Last >= 11), 120);
        var wrong = Assert.Single(check, server => server.Differs > 0);
        Assert.Equal(($"n{leader}", 6UL, "kept-1"), (wrong.Server, wrong.First, wrong.Holds));
        Assert.EndsWith("-6", wrong.OthersHold, StringComparison.Ordinal);

        Assert.Contains($"n{leader}: up to message 11, 1 others than most servers hold, the first as message 6: kept-1 instead of ", Check(1, $"--Cluster:Servers={servers.Urls}", "--Cluster:Stream=log"), StringComparison.Ordinal);
        var lines = Check(1, $"--Cluster:Servers={servers.Urls}", "--Cluster:Stream=log", "--json").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line)).ToList();
        Assert.Equal(6, Assert.Single(lines, line => line.GetProperty("server").GetString() == $"n{leader}").GetProperty("first").GetInt32());
        Assert.Equal(3, Check(0, $"--Cluster:Servers={servers.Urls}", "--Cluster:Stream=log", "--from", "7").Split('\n').Count(line => line.EndsWith("as most servers hold it", StringComparison.Ordinal)));
        Assert.Contains("--from 12: the last message is 11", Check(1, $"--Cluster:Servers={servers.Urls}", "--Cluster:Stream=log", "--from", "12"), StringComparison.Ordinal);
        Assert.Contains("Cluster:Stream = none: the servers have no such stream", Check(1, $"--Cluster:Servers={servers.Urls}", "--Cluster:Stream=none"), StringComparison.Ordinal);

        var said = new List<SystemEntry>();
        using var ownership = new Ownership(TimeProvider.System);
        using var watch = new StreamWatch(
            (from, cancellation) => StreamCheck.RunAsync(stream, from, _ => { }, cancellation), ownership, (entries, _) =>
            {
                said.AddRange(entries.Cast<SystemEntry>());
                return ValueTask.FromResult(Task.FromResult(0L));
            }, () => said is [.., { Active: true }], TimeProvider.System, NullLogger<StreamWatch>.Instance);
        await watch.LookAsync(TestContext.Current.CancellationToken);
        await watch.LookAsync(TestContext.Current.CancellationToken);
        Assert.Equal(("stream_differs", true, $"stream: server n{leader} holds 1 others than most, the first as message 6"), Assert.Single(said.Select(entry => (entry.Rule, entry.Active, entry.Detail))));

        await servers.CrashAsync(leader);
        servers.Empty(leader);
        servers.StartAgain(leader);
        await Wait.ForAsync("all replicas are current", () => servers.AreCurrentAsync("log"), 120);
        // Current in what was agreed on is not yet filled.
        check = await Wait.ForAsync("all hold everything", CheckAsync, held => held.Count == 3 && held.All(server => server.Last >= 11), 120);
        Assert.DoesNotContain(check, server => server.Differs > 0);
        await watch.LookAsync(TestContext.Current.CancellationToken);
        await watch.LookAsync(TestContext.Current.CancellationToken);
        Assert.Equal((2, false, "all servers hold the same"), (said.Count, said[^1].Active, said[^1].Detail));

        Task<IReadOnlyList<ServerCheck>> CheckAsync() => StreamCheck.RunAsync(stream, 1, _ => { }, TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("--Cluster:Servers=http://a", "cluster check: Cluster:Servers = http://a: nats://HOST:PORT")]
    [InlineData("--from=0", "--from 0: messages are numbered from 1")]
    public void What_is_wrong_is_said_before_anything_is_asked(string setting, string expected) =>
        Assert.Contains(expected, Check(setting.StartsWith("--from", StringComparison.Ordinal) ? 1 : 2, setting), StringComparison.Ordinal);

    /// <summary>Everything that is said.</summary>
    private static string Check(int code, params string[] settings)
    {
        using var said = new StringWriter();
        Assert.Equal(code, new RootCommand { ClusterCommand.Create() }.Parse(["cluster", "check", .. settings]).Invoke(new() { Output = said, Error = said }));
        return said.ToString();
    }

    /// <summary>Leaves the leader with a message on its disk that no other server has ever had, and all three dead.</summary>
    private static async Task KeepAloneAsync(NatsServers servers, int leader, int[] others)
    {
        await using var connection = new NatsConnection(new NatsOpts { Url = servers.Url(leader) });
        await connection.ConnectAsync();
        foreach (var other in others)
            await servers.CrashAsync(other);
        await Assert.ThrowsAnyAsync<Exception>(
            async () => await new NatsJSContext(connection).PublishAsync("log.0", new byte[] { 1 }, opts: new NatsJSPubOpts { MsgId = "kept-1", RetryAttempts = 1 }, cancellationToken: TestContext.Current.CancellationToken));
        await servers.CrashAsync(leader);
    }
}
