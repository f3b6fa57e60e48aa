using CsCheck;
using Telemetry.Ingest.Log;
using Telemetry.Rules.Model;
using static Telemetry.Ingest.Tests.Log.LogBench;

namespace Telemetry.Ingest.Tests.Log;

public class AppendAndReadTests
{
    private readonly LogBench _bench = new();

    [Fact]
    public async Task Positions_are_dense_from_1_and_each_batch_is_told_the_position_of_its_last_entry()
    {
        await using var log = _bench.Open();
        Assert.Equal(0, log.Committed);
        Assert.Equal(1, await Append(log, Reading(1)));
        Assert.Equal(4, await Append(log, Reading(2), new TickEntry(), Reading(3)));
        Assert.Equal(4, log.Committed);
        Assert.Equal([1, 2, 3, 4], ReadAll(log).Select(e => e.Position));
    }

    [Fact]
    public async Task Every_kind_of_entry_comes_back_as_it_went_in_also_after_reopening()
    {
        await AnyEntry.Gen.Array[1, 30].Repeatably().SampleAsync(async entries =>
        {
            var bench = new LogBench();
            await using (var log = bench.Open())
            {
                await Append(log, entries);
                AnyEntry.AssertSame(entries, ReadAll(log));
            }
            await using var again = bench.Open();
            AnyEntry.AssertSame(entries, ReadAll(again));
        }, iter: 100, threads: 1);
    }

    [Fact]
    public async Task Where_the_received_time_stands_in_the_log_time_is_the_event_time()
    {
        await using var log = _bench.Open();
        await Append(log, new ReadingEntry(new Reading { Gateway = "g", Family = "f", Device = "d", Marks = TimeMarks.NoTime, EventTime = 5, Values = [] }));
        var read = Assert.IsType<ReadingEntry>(Assert.Single(ReadAll(log)));
        Assert.Equal(read.Time, read.Reading.EventTime);
        Assert.Equal(_bench.Time.GetUtcNow().ToUnixTimeMilliseconds(), read.Time);
    }

    [Fact]
    public async Task Reading_back_gives_the_same_string_for_the_same_name()
    {
        await using var log = _bench.Open();
        await Append(log, Reading(1), Reading(2));
        var read = ReadAll(log).Cast<ReadingEntry>().ToArray();
        Assert.Same(read[0].Reading.Device, read[1].Reading.Device);
        Assert.Same(read[0].Reading.Values[0].Channel, read[1].Reading.Values[0].Channel);
    }

    [Fact]
    public async Task A_segment_that_is_full_is_followed_by_one_that_goes_on_at_the_next_position()
    {
        await using (var log = _bench.Open())
        {
            for (var i = 1; i <= 60; i++)
                await Append(log, Reading(i, padding: 2_000));
            Assert.True(_bench.Segments.Count > 2);
            Assert.Equal(Enumerable.Range(1, 60).Select(i => (long)i), Sequences(ReadAll(log)));
            Assert.Equal(Enumerable.Range(31, 30).Select(i => (long)i), Sequences(ReadAll(log, 31)));
        }
        await using var again = _bench.Open();
        Assert.Equal(60, again.Committed);
        Assert.Equal(Enumerable.Range(1, 60).Select(i => (long)i), Sequences(ReadAll(again)));
        Assert.Equal(61, await Append(again, Reading(61)));
    }

    [Fact]
    public async Task A_batch_larger_than_a_segment_gets_a_segment_of_its_own()
    {
        await using var log = _bench.Open();
        await Append(log, [.. Enumerable.Range(1, 100).Select(i => Reading(i, padding: 1_000))]);
        Assert.Equal(100, ReadAll(log).Count);
    }

    [Fact]
    public async Task Concurrent_producers_each_keep_their_order()
    {
        await using var log = _bench.Open();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(p => Task.Run(async () =>
        {
            var batch = new EntryBatch();
            var commits = new List<Task<long>>();
            for (var i = 0; i < 500; i++)
            {
                batch.Clear();
                batch.Add(Reading(i, gateway: "g" + p));
                commits.Add(await log.AppendAsync(batch, TestContext.Current.CancellationToken));
            }
            var positions = await Task.WhenAll(commits);
            Assert.Equal(positions.Order(), positions);
        })));
        foreach (var producer in ReadAll(log).Cast<ReadingEntry>().GroupBy(e => e.Reading.Gateway))
            Assert.Equal(Enumerable.Range(0, 500).Select(i => (long)i), Sequences(producer));
        Assert.Equal(2_000, log.Committed);
    }

    [Fact]
    public async Task A_reader_follows_the_live_tail()
    {
        await using var log = _bench.Open();
        using var reader = log.OpenReader("rules", 1);
        var read = new List<LogEntry>();
        for (var i = 1; i <= 200; i++)
        {
            var waiting = reader.WaitAsync(TestContext.Current.CancellationToken).AsTask();
            Assert.False(waiting.IsCompleted);
            await Append(log, Reading(i, padding: 500));
            await waiting;
            Assert.Equal(1, reader.Read(read, 10));
        }
        Assert.Equal(Enumerable.Range(1, 200).Select(i => (long)i), Sequences(read));
        Assert.Equal(201, reader.Next);
    }

    [Fact]
    public async Task Log_time_does_not_go_back_with_the_wall_clock_and_goes_on_after_a_restart()
    {
        await using (var log = _bench.Open())
            await Append(log, new TickEntry());
        await using var again = _bench.Open(time: new Earlier(_bench.Time, TimeSpan.FromHours(1)));
        await Append(again, new TickEntry());
        var times = ReadAll(again).Select(e => e.Time).ToArray();
        Assert.Equal(times[0], times[1]);
    }

    [Fact]
    public async Task An_append_to_a_closed_log_is_refused()
    {
        var log = _bench.Open();
        await log.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Append(log, new TickEntry()));
    }

    [Fact]
    public async Task A_reader_that_has_seen_more_than_there_is_is_refused()
    {
        await using var log = _bench.Open();
        await Append(log, new TickEntry());
        var error = Assert.Throws<InvalidOperationException>(() => log.OpenReader("store", 3));
        Assert.Contains("'store' asks for position 3", error.Message, StringComparison.Ordinal);
    }

    private sealed class Earlier(TimeProvider time, TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => time.GetUtcNow() - by;

        public override long GetTimestamp() => time.GetTimestamp();

        public override long TimestampFrequency => time.TimestampFrequency;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => time.CreateTimer(callback, state, dueTime, period);
    }
}
