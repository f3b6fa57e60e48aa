using Telemetry.Ingest.Log;
using Telemetry.Rules.Model;
using static Telemetry.Ingest.Tests.Log.LogBench;

namespace Telemetry.Ingest.Tests.Log;

public class FullDiskTests
{
    private readonly LogBench _bench = new();

    [Fact]
    public async Task On_a_full_disk_readings_wait_and_go_on_in_order_once_there_is_space()
    {
        await using var log = _bench.Open();
        var waiting = await FillUntilUnwritable(log);
        Assert.StartsWith("disk_full", log.Unwritable, StringComparison.Ordinal);
        waiting.Add(await Begin(log, Reading(waiting.Count + 1)));
        Assert.False(waiting[^1].IsCompleted);
        _bench.Time.Advance(TimeSpan.FromSeconds(7));
        Assert.True(log.StalledFor >= TimeSpan.FromSeconds(7), $"{log.StalledFor}");
        _bench.Disk.Capacity = long.MaxValue;
        await _bench.Until(() => log.Unwritable is null, advance: true);
        await Task.WhenAll(waiting);
        Assert.Equal(Enumerable.Range(1, waiting.Count).Select(i => (long)i), Sequences(ReadAll(log)));
        Assert.Equal(TimeSpan.Zero, log.StalledFor);
        Assert.Contains(_bench.Disk.Names, n => n.EndsWith("/reserve", StringComparison.Ordinal));
    }

    [Fact]
    public async Task On_a_full_disk_ticks_and_actions_go_on_in_the_reserve_ahead_of_the_readings_that_wait()
    {
        var ticks = 0;
        await using (var log = _bench.Open())
        {
            var waiting = await FillUntilUnwritable(log);
            for (; _bench.Disk.Names.Contains("/log/reserve"); ticks++)
                await Append(log, new TickEntry(), new ActionEntry { Action = "acknowledge", Alarm = "a", By = "b", Comment = new string('c', 500) });
            Assert.True(ticks > 0);
            await Append(log, new TickEntry());
            Assert.False(waiting[^1].IsCompleted);
            Assert.StartsWith("disk_full", log.Unwritable, StringComparison.Ordinal);
            Assert.Equal(ticks, ReadAll(log).OfType<ActionEntry>().Count());
        }
        await using var again = new LogBench { Disk = _bench.Disk }.Open();
        Assert.Equal(ticks, ReadAll(again).OfType<ActionEntry>().Count());
        Assert.StartsWith("disk_full", again.Unwritable, StringComparison.Ordinal);
        Assert.False((await Begin(again, Reading(1))).IsCompleted);
        await Append(again, new TickEntry());
    }

    [Fact]
    public async Task A_gateways_entries_stay_in_order_with_its_readings()
    {
        await using var log = _bench.Open();
        await FillUntilUnwritable(log);
        var gateway = await Begin(log, new GatewayEntry("g1", false, "connection_ended"));
        await Append(log, new TickEntry());
        Assert.False(gateway.IsCompleted);
    }

    [Fact]
    public async Task Appending_waits_while_too_much_is_not_yet_durable_but_a_tick_does_not()
    {
        await using var log = _bench.Open();
        await FillUntilUnwritable(log);
        ValueTask<Task<long>> outer;
        do
        {
            outer = log.AppendAsync(Batch(Reading(1, padding: 2_000)), TestContext.Current.CancellationToken);
        }
        while (outer.IsCompleted);
        await Append(log, new TickEntry());
        Assert.False(outer.IsCompleted);
        _bench.Disk.Capacity = long.MaxValue;
        await _bench.Until(() => log.Unwritable is null, advance: true);
        await await outer;
    }

    [Fact]
    public async Task A_tail_that_a_named_reader_leaves_unread_beyond_the_budget_stops_readings_alone()
    {
        await using var log = _bench.Open(Small with { Budget = 50_000 });
        using var reader = log.OpenReader("store", 1);
        var waiting = await FillUntilUnwritable(log, limitDisk: false);
        Assert.StartsWith("budget", log.Unwritable, StringComparison.Ordinal);
        await Append(log, new TickEntry());
        Assert.Contains("/log/reserve", _bench.Disk.Names);
        reader.Done(log.Committed);
        await _bench.Until(() => log.Unwritable is null);
        await Task.WhenAll(waiting);
    }

    [Fact]
    public async Task A_write_that_fails_for_another_reason_is_named_io_error_and_recovers()
    {
        await using var log = _bench.Open();
        await Append(log, Reading(1));
        _bench.Disk.FailWrite = _ => true;
        var waiting = await Begin(log, Reading(2));
        await _bench.Until(() => log.Unwritable is not null);
        Assert.StartsWith("io_error", log.Unwritable, StringComparison.Ordinal);
        _bench.Disk.FailWrite = _ => false;
        await _bench.Until(() => log.Unwritable is null, advance: true);
        Assert.Equal(2, await waiting);
    }

    [Fact]
    public async Task On_a_small_disk_segments_are_a_quarter_of_what_is_free()
    {
        _bench.Disk.Capacity = 32 << 20;
        await using var log = _bench.Open(new LogOptions());
        await Append(log, Reading(1));
        Assert.Equal(8 << 20, _bench.Disk.Bytes("/log/reserve").Length);
        Assert.Equal(4 << 20, _bench.Disk.Bytes(_bench.Segments[0]).Length);
    }

    private async Task<List<Task<long>>> FillUntilUnwritable(DurableLog log, bool limitDisk = true)
    {
        await Append(log, Reading(1));
        var waiting = new List<Task<long>>();
        if (limitDisk)
            _bench.Disk.Capacity = _bench.Disk.Names.Sum(n => (long)_bench.Disk.Bytes(n).Length) + 1_000;
        waiting.Add(Task.FromResult(1L));
        while (log.Unwritable is null)
        {
            waiting.Add(await Begin(log, Reading(waiting.Count + 1, padding: 2_000)));
            await _bench.Until(() => waiting[^1].IsCompleted || log.Unwritable is not null);
        }
        return waiting;
    }
}
