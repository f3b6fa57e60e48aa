using Telemetry.Ingest.Log;
using Telemetry.Rules.Model;
using static Telemetry.Ingest.Tests.Log.LogBench;

namespace Telemetry.Ingest.Tests.Log;

public class ReadersAndRetentionTests
{
    private static readonly LogOptions KeepAnHour = Small with { Keep = TimeSpan.FromHours(1) };

    private readonly LogBench _bench = new();

    [Fact]
    public async Task A_reader_resumes_where_it_is_opened_in_the_middle_of_a_group_too()
    {
        await using var log = _bench.Open();
        await Append(log, [.. Enumerable.Range(1, 50).Select(i => Reading(i))]);
        using var reader = log.OpenReader("store", 1);
        var read = new List<LogEntry>();
        Assert.Equal(20, reader.Read(read, 20));
        using var resumed = log.OpenReader("store", reader.Next);
        while (resumed.Read(read, 7) > 0)
        {
        }
        Assert.Equal(Enumerable.Range(1, 50).Select(i => (long)i), Sequences(read));
    }

    [Fact]
    public async Task Retention_removes_old_segments_but_never_passes_a_reader_or_the_hold_back()
    {
        await using var log = _bench.Open(KeepAnHour);
        using var reader = log.OpenReader("store", 1);
        await AppendSegments(log);
        _bench.Time.Advance(TimeSpan.FromHours(2));
        log.HoldBack(long.MaxValue);
        await Housekept();
        Assert.Equal(1, log.First);

        reader.Done(30);
        await _bench.Until(() => log.First > 1, advance: true);
        await Housekept();
        Assert.InRange(log.First, 2, 31);

        log.HoldBack(50);
        reader.Done(60);
        await _bench.Until(() => log.First > 31, advance: true);
        await Housekept();
        Assert.InRange(log.First, 32, 50);
        Assert.Equal(61 - log.First, ReadAll(log).Count);
        Assert.Equal(log.First, ReadAll(log)[0].Position);
    }

    [Fact]
    public async Task Without_a_hold_back_nothing_is_removed()
    {
        await using var log = _bench.Open(KeepAnHour);
        await AppendSegments(log);
        _bench.Time.Advance(TimeSpan.FromHours(2));
        await Housekept();
        Assert.Equal(1, log.First);
    }

    [Fact]
    public async Task A_reader_known_from_before_a_restart_holds_retention_back()
    {
        await using (var log = _bench.Open(KeepAnHour))
        {
            using var reader = log.OpenReader("store", 1);
            await AppendSegments(log);
            reader.Done(20);
        }
        await using var again = _bench.Open(KeepAnHour);
        again.HoldBack(long.MaxValue);
        _bench.Time.Advance(TimeSpan.FromHours(2));
        await Housekept();
        Assert.InRange(again.First, 1, 21);
        again.ForgetReader("store");
        await _bench.Until(() => again.First > 21, advance: true);
    }

    [Fact]
    public async Task A_damaged_readers_file_is_said_so_and_does_not_stop_the_log()
    {
        await using (var log = _bench.Open())
        {
            using var reader = log.OpenReader("store", 1);
            await Append(log, new TickEntry());
            reader.Done(1);
        }
        _bench.Disk.Change("/log/readers", bytes => bytes[6] ^= 1);
        await using var again = _bench.Open();
        Assert.Equal(1, again.Committed);
        Assert.Contains(_bench.Logger.Lines, l => l.Contains("/log/readers is damaged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Operator_rule_device_and_system_entries_outlive_their_segment()
    {
        await using var log = _bench.Open(KeepAnHour);
        await Append(log, new FamilyEntry("tunnel", "text", "hash"), new TickEntry(), new ActionEntry { Action = "reset", Alarm = "a", By = "b" });
        await AppendSegments(log);
        _bench.Time.Advance(TimeSpan.FromHours(2));
        log.HoldBack(long.MaxValue);
        await _bench.Until(() => log.First > 10, advance: true);
        var kept = log.ReadKept().ToList();
        Assert.Equal([1, 3], kept.Select(e => e.Position));
        Assert.IsType<FamilyEntry>(kept[0]);
        Assert.Equal("reset", Assert.IsType<ActionEntry>(kept[1]).Action);
    }

    [Fact]
    public async Task A_reader_without_a_name_that_retention_passed_goes_on_at_the_first_entry_kept()
    {
        await using var log = _bench.Open(KeepAnHour);
        await Append(log, new TickEntry());
        using var reader = log.OpenReader("", 1);
        await AppendSegments(log);
        _bench.Time.Advance(TimeSpan.FromHours(2));
        log.HoldBack(long.MaxValue);
        await _bench.Until(() => log.First > 10, advance: true);
        await Housekept();
        var read = new List<LogEntry>();
        reader.Read(read, 1);
        Assert.Equal(log.First, Assert.Single(read).Position);
    }

    private static async Task AppendSegments(DurableLog log)
    {
        for (var i = 1; i <= 60; i++)
            await Append(log, Reading(i, padding: 2_000));
    }

    /// <summary>A round of housekeeping that began after now is over: retention ends with a listing, and the first one may be of a round under way.</summary>
    private async Task Housekept()
    {
        var before = _bench.Disk.Listings;
        await _bench.Until(() => _bench.Disk.Listings >= before + 2, advance: true);
    }
}
