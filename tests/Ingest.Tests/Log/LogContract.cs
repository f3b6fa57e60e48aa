using CsCheck;
using Telemetry.Ingest.Log;
using Telemetry.Rules.Model;
using static Telemetry.Ingest.Tests.Log.LogBench;

namespace Telemetry.Ingest.Tests.Log;

/// <summary>A log that is open: the way in, and what is read.</summary>
public sealed class OpenLog(ILogAppend append, DurableLog log, Func<ValueTask> close) : IAsyncDisposable
{
    public ILogAppend In => append;

    public DurableLog Log => log;

    public async Task<Task<long>> Begin(params LogEntry[] entries) => await append.AppendAsync(Batch(entries), TestContext.Current.CancellationToken);

    public async Task<long> Append(params LogEntry[] entries) => await await Begin(entries);

    public ValueTask DisposeAsync() => close();
}

/// <summary>One place where a log may be opened, again and again.</summary>
public abstract class LogPlace : IAsyncDisposable
{
    /// <param name="behind">How far behind the right time the opener's wall clock is.</param>
    public abstract Task<OpenLog> OpenAsync(TimeSpan behind = default);

    public abstract ValueTask DisposeAsync();
}

/// <summary>What every log keeps, wherever it makes entries durable.</summary>
public abstract class LogContract
{
    /// <summary>An empty log.</summary>
    protected abstract LogPlace NewPlace();

    /// <summary>Random logs that are made for one property.</summary>
    protected abstract int Samples { get; }

    [Fact]
    public async Task Positions_are_dense_from_1_and_each_batch_is_told_the_position_of_its_last_entry()
    {
        await using var place = NewPlace();
        await using var log = await place.OpenAsync();
        Assert.Equal(0, log.Log.Committed);
        Assert.Equal(1, await log.Append(Reading(1)));
        Assert.Equal(4, await log.Append(Reading(2), new TickEntry(), Reading(3)));
        Assert.Equal(4, log.Log.Committed);
        Assert.Equal([1, 2, 3, 4], ReadAll(log.Log).Select(e => e.Position));
    }

    [Fact]
    public async Task Every_kind_of_entry_comes_back_as_it_went_in_also_after_reopening()
    {
        await AnyEntry.Gen.Array[1, 30].Repeatably().SampleAsync(async entries =>
        {
            await using var place = NewPlace();
            await using (var log = await place.OpenAsync())
            {
                await log.Append(entries);
                AnyEntry.AssertSame(entries, ReadAll(log.Log));
            }
            await using var again = await place.OpenAsync();
            AnyEntry.AssertSame(entries, ReadAll(again.Log));
        }, iter: Samples, threads: 1);
    }

    [Fact]
    public async Task Where_the_received_time_stands_in_the_log_time_is_the_event_time()
    {
        await using var place = NewPlace();
        await using var log = await place.OpenAsync();
        await log.Append(new ReadingEntry(new Reading { Gateway = "g", Family = "f", Device = "d", Marks = TimeMarks.NoTime, EventTime = 5, Values = [] }));
        var read = Assert.IsType<ReadingEntry>(Assert.Single(ReadAll(log.Log)));
        Assert.Equal(read.Time, read.Reading.EventTime);
        Assert.True(read.Time > 1_700_000_000_000);
    }

    [Fact]
    public async Task A_batch_larger_than_anything_that_is_written_at_once_is_whole_and_in_order()
    {
        await using var place = NewPlace();
        await using var log = await place.OpenAsync();
        await log.Append(Reading(0));
        Assert.Equal(2_001, await log.Append([.. Enumerable.Range(1, 2_000).Select(i => Reading(i, padding: 1_000))]));
        Assert.Equal(2_002, await log.Append(Reading(2_001)));
        Assert.Equal(Enumerable.Range(0, 2_002).Select(i => (long)i), Sequences(ReadAll(log.Log)));
    }

    [Fact]
    public async Task Concurrent_producers_each_keep_their_order()
    {
        await using var place = NewPlace();
        await using var log = await place.OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(p => Task.Run(async () =>
        {
            var batch = new EntryBatch();
            var commits = new List<Task<long>>();
            for (var i = 0; i < 500; i++)
            {
                batch.Clear();
                batch.Add(Reading(i, gateway: "g" + p));
                commits.Add(await log.In.AppendAsync(batch, TestContext.Current.CancellationToken));
            }
            var positions = await Task.WhenAll(commits);
            Assert.Equal(positions.Order(), positions);
        })));
        foreach (var producer in ReadAll(log.Log).Cast<ReadingEntry>().GroupBy(e => e.Reading.Gateway))
            Assert.Equal(Enumerable.Range(0, 500).Select(i => (long)i), Sequences(producer));
        Assert.Equal(2_000, log.Log.Committed);
    }

    [Fact]
    public async Task A_reader_follows_the_live_tail()
    {
        await using var place = NewPlace();
        await using var log = await place.OpenAsync();
        using var reader = log.Log.OpenReader("rules", 1);
        var read = new List<LogEntry>();
        for (var i = 1; i <= 200; i++)
        {
            var waiting = reader.WaitAsync(TestContext.Current.CancellationToken).AsTask();
            Assert.False(waiting.IsCompleted);
            await log.Append(Reading(i, padding: 500));
            await waiting;
            Assert.Equal(1, reader.Read(read, 10));
        }
        Assert.Equal(Enumerable.Range(1, 200).Select(i => (long)i), Sequences(read));
        Assert.Equal(201, reader.Next);
    }

    [Fact]
    public async Task Log_time_does_not_go_back_with_the_wall_clock_and_goes_on_after_a_restart()
    {
        await using var place = NewPlace();
        await using (var log = await place.OpenAsync())
            await log.Append(new TickEntry());
        await using var again = await place.OpenAsync(behind: TimeSpan.FromHours(1));
        await again.Append(new TickEntry());
        var times = ReadAll(again.Log).Select(e => e.Time).ToArray();
        Assert.InRange(times[1] - times[0], 0, 30_000);
    }

    [Fact]
    public async Task What_is_appended_after_a_restart_goes_on_at_the_next_position()
    {
        await using var place = NewPlace();
        for (var i = 1; i <= 5; i++)
        {
            await using var log = await place.OpenAsync();
            Assert.Equal(i, await log.Append(Reading(i)));
            Assert.Equal(Enumerable.Range(1, i).Select(each => (long)each), Sequences(ReadAll(log.Log)));
        }
    }

    [Fact]
    public async Task An_append_to_a_closed_log_is_refused()
    {
        await using var place = NewPlace();
        var log = await place.OpenAsync();
        await log.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => log.Append(new TickEntry()));
    }

    [Fact]
    public async Task An_empty_batch_is_refused()
    {
        await using var place = NewPlace();
        await using var log = await place.OpenAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => log.Append());
    }
}

/// <summary>This machine's own log.</summary>
public sealed class EmbeddedLogContract : LogContract
{
    protected override int Samples => 100;

    protected override LogPlace NewPlace() => new Place();

    private sealed class Place : LogPlace
    {
        private readonly LogBench _bench = new();

        public override Task<OpenLog> OpenAsync(TimeSpan behind = default)
        {
            var log = _bench.Open(time: new Earlier(_bench.Time, behind));
            return Task.FromResult(new OpenLog(log, log, log.DisposeAsync));
        }

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

/// <summary>A clock that is behind another one.</summary>
internal sealed class Earlier(TimeProvider time, TimeSpan by) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => time.GetUtcNow() - by;

    public override long GetTimestamp() => time.GetTimestamp();

    public override long TimestampFrequency => time.TimestampFrequency;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => time.CreateTimer(callback, state, dueTime, period);
}
