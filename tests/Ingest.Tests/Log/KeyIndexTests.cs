using Telemetry.Ingest.Log;
using Telemetry.Rules.Model;
using static Telemetry.Ingest.Tests.Log.LogBench;

namespace Telemetry.Ingest.Tests.Log;

/// <summary>Earlier readings of a device, time and sequence, by the key index and by a scan of the whole log.</summary>
public class KeyIndexTests
{
    private readonly LogBench _bench = new();

    [Fact]
    public async Task The_index_finds_what_a_full_scan_finds()
    {
        var random = new Random(5);
        await using var log = _bench.Open();
        await Fill(log, random, 250);
        await Keyed();
        Assert.True(_bench.Segments.Count > 5, "too few segments to show anything");
        AssertFindsWhatAScanFinds(log);
    }

    [Fact]
    public async Task What_is_not_indexed_yet_is_found_too_and_what_comes_later_is_not()
    {
        var random = new Random(6);
        await using var log = _bench.Open();
        var before = log.OpenEarlier();
        for (var round = 0; round < 40; round++)
        {
            await Fill(log, random, 5);
            // The same reader all along, while segments are sealed and indexed beneath it.
            AssertFindsWhatAScanFinds(log, before);
        }
    }

    [Fact]
    public async Task A_damaged_or_missing_index_costs_nothing_but_its_reading()
    {
        var random = new Random(7);
        await using (var log = _bench.Open())
        {
            await Fill(log, random, 250);
            await Keyed();
        }
        var indexes = _bench.Disk.Names.Where(name => name.EndsWith(LogNames.KeysSuffix, StringComparison.Ordinal)).ToArray();
        _bench.Disk.Change(indexes[0], bytes => bytes[20] ^= 1);
        _bench.Disk.Change(indexes[1], bytes => bytes[^1] ^= 1);
        _bench.Disk.Change(indexes[2], bytes => bytes[60] ^= 1);
        _bench.Disk.Delete(indexes[3]);
        using (DurableLog.OpenReadOnly(Folder, _bench.Disk, out _, out var readOnly))
            AssertFindsWhatAScanFinds(ReadOnly(), readOnly);
        await using var again = _bench.Open();
        AssertFindsWhatAScanFinds(again);
        await Keyed();
        AssertFindsWhatAScanFinds(again);

        List<ReadingEntry> ReadOnly()
        {
            var all = new List<LogEntry>();
            using var reader = DurableLog.OpenReadOnly(Folder, _bench.Disk);
            while (reader.Read(all, 100) > 0)
            {
            }
            return [.. all.OfType<ReadingEntry>()];
        }
    }

    [Fact]
    public async Task What_stands_in_a_damaged_group_is_not_found_and_the_log_says_so_once()
    {
        await using var log = _bench.Open();
        await Append(log, Reading(1, padding: 500));
        for (var i = 2; i < 100; i++)
            await Append(log, Reading(i, padding: 500));
        await Keyed();
        _bench.Disk.Change(_bench.Segments[0], bytes => bytes[SegmentHeader.LargestSize + GroupHeader.Size + 30] ^= 1);
        await Append(log, Reading(1, padding: 500), Reading(2, padding: 500));
        var again = ReadAll(log, from: 100).Cast<ReadingEntry>().ToList();
        var before = log.OpenEarlier();
        Assert.Empty(before(again[0], 0));
        Assert.Empty(before(again[0], 0));
        Assert.Equal([2], before(again[1], 0).Select(entry => entry.Position));
        Assert.Single(_bench.Logger.Lines, line => line.Contains("is damaged: what stands there can't be told from what is sent again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_a_key_that_stands_in_every_segment_only_what_is_asked_for_is_read()
    {
        await using var log = _bench.Open();
        for (var i = 0; i < 300; i++)
            await Append(log, Reading(7, padding: 500));
        await Keyed();
        var last = (ReadingEntry)ReadAll(log, from: 300)[0];
        Assert.Equal(Enumerable.Range(0, 64).Select(i => 299L - i), log.OpenEarlier()(last, 0).Take(64).Select(entry => entry.Position));
    }

    [Fact]
    public async Task Retention_takes_the_index_with_its_segment_and_what_is_gone_is_not_found()
    {
        await using var log = _bench.Open(Small with { Keep = TimeSpan.FromHours(10), DuplicateWindow = TimeSpan.FromHours(1) });
        var before = log.OpenEarlier();
        for (var i = 1; i <= 200; i++)
            await Append(log, Reading(i, padding: 500));
        await Keyed();
        _bench.Time.Advance(TimeSpan.FromHours(11));
        await Append(log, Reading(1, padding: 500), Reading(200, padding: 500));
        var again = ReadAll(log, from: 201).Cast<ReadingEntry>().ToList();
        Assert.Equal([1], before(again[0], 0).Select(entry => entry.Position));
        log.HoldBack(log.Committed);
        await _bench.Until(() => log.First > 100, advance: true);
        Assert.Empty(before(again[0], 0));
        await _bench.Until(() => Firsts(LogNames.KeysSuffix).All(first => Firsts(".log").Contains(first)));
    }

    [Fact]
    public async Task Segments_behind_the_window_get_no_index_and_are_read_all_the_same()
    {
        await using (var log = _bench.Open())
        {
            for (var i = 1; i <= 100; i++)
                await Append(log, Reading(i, padding: 500));
            await Keyed();
            _bench.Time.Advance(TimeSpan.FromHours(5));
            for (var i = 101; i <= 200; i++)
                await Append(log, Reading(i, padding: 500));
            await Keyed();
        }
        foreach (var name in _bench.Disk.Names.Where(name => name.EndsWith(LogNames.KeysSuffix, StringComparison.Ordinal)))
            _bench.Disk.Delete(name);
        await using var again = _bench.Open(Small with { DuplicateWindow = TimeSpan.FromHours(1) });
        await Append(again, Reading(1), Reading(150));
        var sent = ReadAll(again, from: 201).Cast<ReadingEntry>().ToList();
        var before = again.OpenEarlier();
        Assert.Equal([150], before(sent[1], sent[1].Time - 3_600_000).Select(entry => entry.Position));
        Assert.Equal([1], before(sent[0], 0).Select(entry => entry.Position));
        await _bench.Until(() => Firsts(LogNames.KeysSuffix).Count > 0 && Firsts(LogNames.KeysSuffix)[^1] == Firsts(".log")[^2]);
        Assert.DoesNotContain(1, Firsts(LogNames.KeysSuffix));
    }

    private List<long> Firsts(string suffix) =>
        [.. _bench.Disk.Names.Where(name => name.EndsWith(suffix, StringComparison.Ordinal) && !name.Contains("kept", StringComparison.Ordinal)).Select(name => long.Parse(Path.GetFileName(name)[..20], System.Globalization.CultureInfo.InvariantCulture))];

    private Task Keyed() =>
        _bench.Until(() => Firsts(LogNames.KeysSuffix).Count == _bench.Segments.Count - 1 && !_bench.Disk.Names.Any(name => name.EndsWith(LogNames.Unfinished, StringComparison.Ordinal)));

    private static async Task Fill(DurableLog log, Random random, int batches)
    {
        for (var i = 0; i < batches; i++)
            await Append(log, [.. Enumerable.Range(0, random.Next(1, 6)).Select(LogEntry (_) => random.Next(5) == 0 ? new TickEntry() : Any(random))]);
    }

    private static ReadingEntry Any(Random random)
    {
        var (sent, sequence) = (random.Next(3) == 0 ? (long?)null : random.Next(30), random.Next(3) == 0 ? (long?)null : random.Next(10));
        return new ReadingEntry(new Reading
        {
            Gateway = "g1",
            Family = "tunnel",
            Device = "d" + random.Next(6),
            SentTime = sent,
            Sequence = sequence,
            EventTime = sent ?? 0,
            Marks = sent is null ? TimeMarks.NoTime : TimeMarks.None,
            Values = [new ChannelValue("note", ValueKind.State, 0, new string('x', random.Next(600)), Quality.Good)],
        });
    }

    private static void AssertFindsWhatAScanFinds(DurableLog log, Func<ReadingEntry, long, IEnumerable<ReadingEntry>>? before = null) =>
        AssertFindsWhatAScanFinds([.. ReadAll(log).OfType<ReadingEntry>()], before ?? log.OpenEarlier());

    private static void AssertFindsWhatAScanFinds(List<ReadingEntry> all, Func<ReadingEntry, long, IEnumerable<ReadingEntry>> before)
    {
        Assert.NotEmpty(all);
        foreach (var entry in all.Where(entry => entry.Reading.SentTime is not null || entry.Reading.Sequence is not null))
        {
            var expected = all.Where(earlier => earlier.Position < entry.Position && earlier.Reading.Device == entry.Reading.Device && earlier.Reading.SentTime == entry.Reading.SentTime && earlier.Reading.Sequence == entry.Reading.Sequence);
            Assert.Equal(expected.Select(earlier => earlier.Position).Reverse(), before(entry, 0).Select(earlier => earlier.Position));
        }
    }
}
