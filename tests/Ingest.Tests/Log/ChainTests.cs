using Telemetry.Ingest.Log;
using Telemetry.Rules.Model;
using static Telemetry.Ingest.Tests.Log.LogBench;

namespace Telemetry.Ingest.Tests.Log;

/// <summary>Whoever changes what was sealed is found out; a head noted elsewhere finds out whoever makes the whole chain anew.</summary>
public sealed class ChainTests
{
    private static readonly LogOptions KeepAnHour = Small with { Keep = TimeSpan.FromHours(1) };

    private LogBench _bench = new();

    [Fact]
    public async Task Segments_are_linked_over_restarts_and_the_head_moves_with_the_log()
    {
        for (var life = 0; life < 3; life++)
        {
            await using var log = _bench.Open();
            await FillAsync(log, 30);
        }
        var before = Verify();
        Assert.Empty(before.Broken);
        Assert.Equal(1, before.Begins);
        Assert.Equal(90, before.Head!.Position);
        await using (var log = _bench.Open())
            await FillAsync(log, 30);
        Assert.Empty(Verify(before.Head).Broken);
        Assert.Equal(120, Verify().Head!.Position);
    }

    [Fact]
    public async Task A_byte_changed_in_a_sealed_segment_with_its_checksum_made_right_is_found_and_the_file_named()
    {
        await using (var log = _bench.Open())
            await FillAsync(log, 60);
        Forge(_bench.Segments[1]);
        Assert.Empty(Files().SelectMany(file => file.Damage));
        Assert.StartsWith(_bench.Segments[1], Assert.Single(Verify().Broken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chain_that_was_made_anew_does_not_contain_the_head_that_was_noted()
    {
        await using (var log = _bench.Open())
            await FillAsync(log, 60);
        var noted = Verify().Head!;
        var forged = new LogBench();
        await using (var log = forged.Open())
            await FillAsync(log, 60, value: 1);
        _bench = forged;
        Assert.Empty(Verify().Broken);
        Assert.Contains("does not hold up to position 60", Assert.Single(Verify(noted).Broken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_end_that_was_cut_does_not_contain_the_head_that_was_noted()
    {
        await using (var log = _bench.Open())
            await FillAsync(log, 60);
        var noted = Verify().Head!;
        _bench.Disk.Delete(_bench.Segments[^1]);
        Assert.Contains("position 60 is not there", Assert.Single(Verify(noted).Broken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_front_that_was_deleted_is_told_from_one_that_retention_has_removed()
    {
        await using (var log = _bench.Open())
            await FillAsync(log, 60);
        _bench.Disk.Delete(_bench.Segments[0]);
        Assert.Contains("it was not retention", Assert.Single(Verify().Broken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retention_leaves_a_chain_that_can_be_followed_and_covers_what_it_kept()
    {
        await RemoveSomeAsync();
        var chain = Verify();
        Assert.Empty(chain.Broken);
        Assert.True(chain.Begins > 1);
        // Sealed by retention's first run, so a later segment's header names it.
        var kept = _bench.Disk.Names.First(name => name.Contains("kept-", StringComparison.Ordinal));
        Forge(kept);
        Assert.Empty(Files().SelectMany(file => file.Damage));
        Assert.StartsWith(kept, Assert.Single(Verify().Broken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kept_file_whose_line_was_forged_with_it_is_found_by_the_segments_that_began_since()
    {
        await RemoveSomeAsync();
        await using (var log = _bench.Open(KeepAnHour))
            await FillAsync(log, 60);
        Assert.Empty(Verify().Broken);
        var lines = RemovedBook.Read(Folder, _bench.Disk);
        string? before = null;
        var forged = lines.ConvertAll(line =>
        {
            var made = RemovedSegment.After(before, line.First, line.Last, line.LastTime, line.Hash, line.Kept is null ? null : new string('a', 64));
            before = made.Value;
            return made;
        });
        _bench.Disk.Change(Folder + "/removed", bytes => System.Text.Encoding.UTF8.GetBytes(string.Concat(forged.Select(line => line.Line))).CopyTo(bytes, 0));
        Assert.Contains(Verify().Broken, broken => broken.Contains("is not what it was when", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_removal_that_did_not_come_to_its_end_breaks_no_link()
    {
        await RemoveSomeAsync();
        var segments = LogRecovery.Look(Folder, _bench.Disk);
        var book = new RemovedBook(Folder, _bench.Disk);
        book.Load(_bench.Logger);
        var (_, kept) = KeptEntries.Copy(_bench.Disk, Folder, segments[0]);
        book.Add(segments[0], segments[1].Header.Chain!.Value.Before, kept);
        Assert.Empty(Verify().Broken);
        await using (var log = _bench.Open(KeepAnHour))
            await FillAsync(log, 30);
        Assert.Empty(Verify().Broken);
        Assert.DoesNotContain(_bench.Logger.Lines, line => line.Contains("it was not retention", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_kept_file_that_was_deleted_is_missed()
    {
        await RemoveSomeAsync();
        var kept = _bench.Disk.Names.First(name => name.Contains("kept-", StringComparison.Ordinal));
        _bench.Disk.Delete(kept);
        Assert.Contains("is gone, before its three years are over", Assert.Single(Verify().Broken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_removed_segments_that_is_damaged_is_put_aside_and_the_log_goes_on()
    {
        await RemoveSomeAsync();
        _bench.Disk.Change(Folder + "/removed", bytes => bytes.AsSpan().Clear());
        await using (var log = _bench.Open(KeepAnHour))
            await FillAsync(log, 30);
        Assert.Contains(_bench.Logger.Lines, line => line.Contains("/log/removed is damaged and was put aside", StringComparison.Ordinal));
        Assert.Contains("/log/removed.damaged", _bench.Disk.Names);
    }

    [Fact]
    public async Task A_failed_fsync_and_a_segment_that_stays_empty_break_no_link()
    {
        await using (var log = _bench.Open())
        {
            await FillAsync(log, 20);
            var failures = 0;
            _bench.Disk.FailSync = path => path.EndsWith(".log", StringComparison.Ordinal) && failures++ < 2;
            await FillAsync(log, 40);
        }
        Assert.Empty(Verify().Broken);
        Assert.Equal(60, Verify().Head!.Position);
    }

    [Fact]
    public async Task Over_random_power_losses_the_chain_holds_and_contains_every_head_that_was_durable()
    {
        for (var seed = 0; seed < 25; seed++)
        {
            _bench = new LogBench();
            var random = new Random(seed);
            LogHead? noted = null;
            for (var life = 0; life < 4; life++)
            {
                _bench = new LogBench { Disk = _bench.Disk };
                var log = _bench.Open();
                _bench.Disk.FailSync = _ => random.Next(12) == 0;
                for (var i = random.Next(30); i > 0; i--)
                {
                    var begun = await Begin(log, Reading(i, padding: random.Next(3_000)));
                    await _bench.Until(() => begun.IsCompleted, advance: true);
                }
                _bench.Disk.FailSync = _ => false;
                var committed = log.Committed;
                var after = _bench.Disk.AfterPowerLoss(random);
                await log.DisposeAsync();
                _bench.Disk = after;
                await _bench.Open().DisposeAsync();
                var chain = Verify(noted);
                Assert.True(chain.Broken.Count == 0, $"seed {seed}: {string.Join("; ", chain.Broken)}");
                Assert.True(chain.Head is null ? committed == 0 : chain.Head.Position >= committed, $"seed {seed}");
                noted = chain.Head;
            }
        }
    }

    /// <summary>Appends until the first segments, one of them with an operator's action, have been removed.</summary>
    private async Task RemoveSomeAsync()
    {
        await using var log = _bench.Open(KeepAnHour);
        await Append(log, new ActionEntry { Action = "reset", Alarm = "a", By = "Li" });
        await FillAsync(log, 60);
        _bench.Time.Advance(TimeSpan.FromHours(2));
        log.HoldBack(40);
        await _bench.Until(() => log.First > 10, advance: true);
        await FillAsync(log, 1);
    }

    private static async Task FillAsync(DurableLog log, int entries, long value = 0)
    {
        for (var i = 1; i <= entries; i++)
            await Append(log, Reading(i + value, padding: 2_000));
    }

    /// <summary>As somebody does who may write the files and knows the format: another byte, the right checksum.</summary>
    private void Forge(string path)
    {
        using var file = _bench.Disk.Open(path, writable: true);
        var first = LogNames.Firsts([Path.GetFileName(path)], path.Contains("kept-", StringComparison.Ordinal) ? LogNames.KeptPrefix : "").Single();
        var header = SegmentHeader.Read(file, path, first);
        var groups = new GroupReader(file, header.Mark);
        Assert.Equal(GroupState.Valid, groups.Read(header.Size, null));
        var group = new byte[groups.Header.TotalLength];
        file.Read(header.Size, group);
        group[^1] ^= 1;
        groups.Header.Seal(group);
        file.Write(header.Size, group);
        file.Sync();
    }

    private List<VerifiedFile> Files() => [.. new LogVerification(_bench.Disk, Folder, hashes: true).Run(_ => { })];

    private VerifiedChain Verify(LogHead? expected = null) => new ChainVerification(Folder, _bench.Disk).Run(Files(), expected);
}
