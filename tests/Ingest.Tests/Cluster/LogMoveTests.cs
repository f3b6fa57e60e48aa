using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using NATS.Client.Core;
using NATS.Client.JetStream;
using Telemetry.Ingest.Cluster;
using Telemetry.Ingest.Commands;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.State;
using Telemetry.Ingest.Tests.Log;
using Telemetry.Rules.Model;
using static Telemetry.Ingest.Tests.Log.LogBench;

namespace Telemetry.Ingest.Tests.Cluster;

/// <summary>A log of one machine that goes on as a stream, and what is refused on the way.</summary>
public sealed class LogMoveTests(StreamServers servers) : IClassFixture<StreamServers>, IDisposable
{
    private readonly TempDirectory _folder = new();

    private string Data => _folder.File("data");

    private string LogOf(string data) => Path.Combine(_folder.File(data), "log");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Copies_of_the_log_go_on_together_with_the_same_numbers_times_name_and_chain()
    {
        var options = servers.NewStream();
        await FillAsync(Data, 1, 60);
        var (before, id) = (await ContentsAsync(LogOf("data")), LogId.Of(LogOf("data")));
        var (beginning, wasThere) = await MoveAsync(options, Data);
        Assert.Equal((60L, before[^1].Time, id, false), (beginning.Position, beginning.Time, beginning.Log, wasThere));
        Copy(Data, _folder.File("second"));
        await using StreamNode first = new(options, LogOf("data")), second = new(options, LogOf("second"));
        await using var one = await first.OpenAsync();
        Assert.Equal(61, await one.Append(Reading(61)));
        await using var other = await second.OpenAsync();
        Assert.Equal(62, await other.Append(Reading(62)));
        await StreamNode.UntilAsync(one, 62);
        var contents = StreamNode.Contents(one.Log);
        Assert.Equal(before, contents.Take(60));
        Assert.Equal(contents, StreamNode.Contents(other.Log));
        Assert.Equal([id, id], [LogId.Of(first.Folder), LogId.Of(second.Folder)]);
        Assert.Equal(beginning.Hash, one.Log.HashAt(60));
        Assert.Equal(beginning.Hash, other.Log.HashAt(60));
    }

    [Fact]
    public async Task A_log_that_retention_has_cut_goes_on_with_its_numbers()
    {
        var options = servers.NewStream();
        var keep = new LogOptions { SegmentSize = 1 << 20, Reserve = 1 << 20, Keep = TimeSpan.FromHours(1), DuplicateWindow = TimeSpan.FromMinutes(1) };
        await FillAsync(Data, 1, 30, keep, new Earlier(TimeProvider.System, TimeSpan.FromDays(2)), padding: 100_000);
        await using (var log = OpenAlone(LogOf("data"), keep))
        {
            await Append(log, Reading(31));
            log.HoldBack(31);
            await Wait.ForAsync("retention", () => log.First > 1);
        }
        Assert.Equal(31, (await MoveAsync(options, Data)).Beginning.Position);
        Copy(Data, _folder.File("second"));
        await using StreamNode first = new(options, LogOf("data")), second = new(options, LogOf("second"));
        await using var one = await first.OpenAsync();
        await using var other = await second.OpenAsync();
        Assert.Equal(32, await other.Append(Reading(32)));
        await StreamNode.UntilAsync(one, 32);
        Assert.True(one.Log.First > 1);
        Assert.Equal(StreamNode.Contents(one.Log), StreamNode.Contents(other.Log));
    }

    [Fact]
    public async Task Interrupted_before_or_after_the_stream_took_it_it_is_done_again_and_changes_nothing_more()
    {
        var options = servers.NewStream();
        await FillAsync(Data, 1, 3);
        var first = await MoveAsync(options, Data);
        File.Delete(Path.Combine(LogOf("data"), StreamPlace.FileName));
        Assert.Equal((first.Beginning, true), await MoveAsync(options, Data));
        await using var node = new StreamNode(options, LogOf("data"));
        await using var log = await node.OpenAsync();
        Assert.Equal(4, await log.Append(Reading(4)));
    }

    [Fact]
    public async Task A_copy_without_its_place_finds_it_again()
    {
        var options = servers.NewStream();
        await FillAsync(Data, 1, 3);
        await MoveAsync(options, Data);
        await using var node = new StreamNode(options, LogOf("data"));
        await using (var log = await node.OpenAsync())
            await log.Append(Reading(4));
        File.Delete(Path.Combine(node.Folder, StreamPlace.FileName));
        await using var again = await node.OpenAsync();
        Assert.Equal([1, 2, 3, 4], Sequences(ReadAll(again.Log)));
        Assert.Equal(5, await again.Append(Reading(5)));
    }

    [Fact]
    public async Task A_stream_that_is_not_empty_is_refused_and_so_is_another_log()
    {
        var options = servers.NewStream();
        await using (var node = new StreamNode(options))
        {
            await using var log = await node.OpenAsync();
            await log.Append(new TickEntry());
        }
        await FillAsync(Data, 1, 3);
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => MoveAsync(options, Data));
        Assert.Contains($"the stream {options.Stream} is not empty (1 messages)", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(LogOf("data"), StreamPlace.FileName)));

        var taken = servers.NewStream();
        await MoveAsync(taken, Data);
        await FillAsync(_folder.File("other"), 1, 3);
        error = await Assert.ThrowsAsync<InvalidDataException>(() => MoveAsync(taken, _folder.File("other")));
        Assert.Contains($"the log {LogId.Of(LogOf("data"))} was moved into it at position 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_that_is_held_empty_damaged_or_without_its_end_is_refused()
    {
        var options = servers.NewStream();
        var nothing = await Assert.ThrowsAsync<InvalidDataException>(() => MoveAsync(options, _folder.File("nowhere")));
        Assert.Contains("is not there; Data:Path must name", nothing.Message, StringComparison.Ordinal);
        await using (OpenAlone(LogOf("empty")))
        {
        }
        var empty = await Assert.ThrowsAsync<InvalidDataException>(() => MoveAsync(options, _folder.File("empty")));
        Assert.Contains("holds no entry", empty.Message, StringComparison.Ordinal);

        await FillAsync(Data, 1, 3);
        await using (OpenAlone(LogOf("data")))
        {
            var held = await Assert.ThrowsAsync<IOException>(() => MoveAsync(options, Data));
            Assert.Contains($"a service is running in {Data}; stop it first", held.Message, StringComparison.Ordinal);
        }
        using (var state = StateDatabase.Open(Path.Combine(Data, "state.db")))
            state.Apply(new(9, [], [], []));
        var cut = await Assert.ThrowsAsync<InvalidDataException>(() => MoveAsync(options, Data));
        Assert.Contains("ends at position 3, but state.db beside it follows the log up to 9: its end is lost", cut.Message, StringComparison.Ordinal);

        File.Delete(Path.Combine(Data, "state.db"));
        var segment = Path.Combine(LogOf("data"), "00000000000000000001.log");
        var bytes = await File.ReadAllBytesAsync(segment, TestContext.Current.CancellationToken);
        bytes[200] ^= 1;
        await File.WriteAllBytesAsync(segment, bytes, TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<LogDamageException>(() => MoveAsync(options, Data));
        // Nothing of all this has begun the stream.
        bytes[200] ^= 1;
        await File.WriteAllBytesAsync(segment, bytes, TestContext.Current.CancellationToken);
        Assert.False((await MoveAsync(options, Data)).WasThere);
    }

    [Fact]
    public async Task A_node_without_the_log_that_was_moved_is_refused()
    {
        var options = servers.NewStream();
        await FillAsync(Data, 1, 3);
        Copy(Data, _folder.File("early"));
        await FillAsync(Data, 4, 6);
        await MoveAsync(options, Data);
        await AssertRefusedAsync("early", "behind position 6 of a log that was moved into it, but the log in Data:Path ends at 3");
        await AssertRefusedAsync("none", "but the log in Data:Path is empty");
        // As long as it, and not it.
        await FillAsync(_folder.File("early"), 4, 6);
        await AssertRefusedAsync("early", $"is not a copy of the one ({LogId.Of(LogOf("data"))})");
        // A backup from before, restored, is another log by name.
        Copy(Data, _folder.File("renamed"));
        File.Delete(Path.Combine(LogOf("renamed"), StreamPlace.FileName));
        File.Delete(Path.Combine(LogOf("renamed"), "id"));
        await AssertRefusedAsync("renamed", "a backup that was made before the log was moved does not do");

        async Task AssertRefusedAsync(string data, string expected)
        {
            await using var node = new StreamNode(options, LogOf(data));
            var error = await Assert.ThrowsAsync<InvalidDataException>(() => node.OpenAsync());
            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_node_that_waits_before_the_empty_stream_stops_when_a_log_is_moved_into_it()
    {
        var options = servers.NewStream();
        await using var waiting = new StreamNode(options);
        await using var log = await waiting.OpenAsync();
        await FillAsync(Data, 1, 3);
        await MoveAsync(options, Data);
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => waiting.Cluster.Running);
        Assert.Contains("a log was moved into the stream, up to position 3, while this node was there", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_beginning_that_is_not_the_first_message_holds_nothing()
    {
        var options = servers.NewStream();
        await using var node = new StreamNode(options);
        await using var log = await node.OpenAsync();
        await log.Append(Reading(1));
        await using var connection = new NatsConnection(new NatsOpts { Url = servers.Servers.Urls });
        var message = new StreamBeginning(500, 1, "0123456789abcdef", new string('a', 64)).ToBytes();
        await new NatsJSContext(connection).PublishAsync(options.Stream + ".0", message, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(2, await log.Append(Reading(2)));
    }

    [Fact]
    public async Task When_the_stream_is_lost_the_longest_copy_begins_another_one()
    {
        var lost = servers.NewStream();
        await using (var node = new StreamNode(lost, LogOf("data")))
        {
            await using var log = await node.OpenAsync();
            await log.Append(Reading(1), Reading(2));
        }
        Copy(Data, _folder.File("second"));
        var id = LogId.Of(LogOf("data"));
        var anew = servers.NewStream();
        await MoveAsync(anew, Data);
        await using var first = new StreamNode(anew, LogOf("data"));
        await using var one = await first.OpenAsync();
        Assert.Equal(3, await one.Append(Reading(3)));
        Assert.Equal(id, LogId.Of(LogOf("data")));
        // Another node's copy still follows the lost one: it must be made anew rather than be guessed at.
        await using var second = new StreamNode(anew, LogOf("second"));
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => second.OpenAsync());
        Assert.Contains("follows the stream that was made at", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backup_of_a_node_starts_as_one_even_where_the_stream_has_lost_its_beginning()
    {
        var options = servers.NewStream();
        await FillAsync(Data, 1, 3);
        await MoveAsync(options, Data);
        await using var node = new StreamNode(options, LogOf("data"));
        await using (var log = await node.OpenAsync())
            await log.Append(Reading(4));
        Assert.Equal(0, new RootCommand { BackupCommand.Create() }.Parse(["backup", "--Data:Path", Data, "--out", _folder.File("copies")]).Invoke(new() { Output = TextWriter.Null }));
        Assert.Equal(0, new RootCommand { RestoreCommand.Create() }.Parse(["restore", "--from", _folder.File("copies"), "--Data:Path", _folder.File("restored")]).Invoke(new() { Output = TextWriter.Null }));
        Assert.Equal(LogId.Of(LogOf("data")), LogId.Of(LogOf("restored")));
        // As Log:Keep does when it is over.
        await using var connection = new NatsConnection(new NatsOpts { Url = servers.Servers.Urls });
        var stream = new NatsJSContext(connection);
        var config = (await stream.GetStreamAsync(options.Stream, cancellationToken: TestContext.Current.CancellationToken)).Info.Config;
        await stream.UpdateStreamAsync(config with { MaxAge = TimeSpan.FromSeconds(1), DuplicateWindow = TimeSpan.FromSeconds(1) }, TestContext.Current.CancellationToken);
        await Wait.ForAsync("both messages are gone", async () => (await stream.GetStreamAsync(options.Stream, cancellationToken: TestContext.Current.CancellationToken)).Info.State.FirstSeq == 3);
        // What is written from now on stays until it was read, however long that takes.
        await stream.UpdateStreamAsync(config, TestContext.Current.CancellationToken);
        await using var restored = new StreamNode(options, LogOf("restored"));
        await using var again = await restored.OpenAsync();
        Assert.Equal(5, await again.Append(Reading(5)));
        Assert.Equal([1, 2, 3, 4, 5], Sequences(ReadAll(again.Log)));
    }

    [Theory]
    [InlineData("--Cluster:Servers=http://a", "cluster move: Cluster:Servers = http://a: nats://HOST:PORT")]
    [InlineData("--Security:Accounts=true", "cluster move: Security:Accounts = true: needs an owner")]
    [InlineData("--Cluster:Enabled=false", "cluster move: Cluster:Servers = nats://127.0.0.1:1: needs Cluster:Enabled=true")]
    public void What_the_nodes_would_refuse_is_refused_before_anything_is_moved(string setting, string expected)
    {
        using var error = new StringWriter();
        string[] settings = setting.StartsWith("--Cluster:Servers", StringComparison.Ordinal) ? [setting] : [setting, "--Cluster:Servers=nats://127.0.0.1:1"];
        var code = new RootCommand { ClusterCommand.Create() }.Parse(["cluster", "move", "--Data:Path=" + Data, .. settings]).Invoke(new() { Output = TextWriter.Null, Error = error });
        Assert.Equal(2, code);
        Assert.Contains(expected, error.ToString(), StringComparison.Ordinal);
    }

    private static Task<(StreamBeginning Beginning, bool WasThere)> MoveAsync(ClusterOptions options, string data) =>
        LogMove.RunAsync(options, new LogOptions { SegmentSize = 1 << 20, Reserve = 1 << 20 }, data, NullLogger.Instance, TestContext.Current.CancellationToken);

    private static DurableLog OpenAlone(string directory, LogOptions? options = null, TimeProvider? time = null) =>
        DurableLog.Open(directory, options ?? new LogOptions { SegmentSize = 1 << 20, Reserve = 1 << 20 }, new FileSystem(), new LogClock(time ?? TimeProvider.System), NullLogger.Instance);

    private static async Task FillAsync(string data, int first, int last, LogOptions? options = null, TimeProvider? time = null, int padding = 0)
    {
        await using var log = OpenAlone(Path.Combine(data, "log"), options, time);
        LogId.Of(Path.Combine(data, "log"));
        for (var i = first; i <= last; i++)
            await Append(log, Reading(i, padding: padding));
    }

    private static async Task<IReadOnlyList<(long Position, long Time, string Bytes)>> ContentsAsync(string directory)
    {
        await using var log = OpenAlone(directory);
        return StreamNode.Contents(log);
    }

    private static void Copy(string from, string to)
    {
        foreach (var path in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, path));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(path, copy);
        }
    }
}
