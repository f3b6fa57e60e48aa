using Telemetry.Ingest.Log;
using Telemetry.Rules.Model;
using static Telemetry.Ingest.Tests.Log.LogBench;

namespace Telemetry.Ingest.Tests.Log;

public class RecoveryTests
{
    private readonly LogBench _bench = new();

    [Fact]
    public async Task A_tail_torn_at_any_byte_of_the_last_group_is_cut_and_said_so_and_all_before_is_there()
    {
        var (path, before, after) = await TwoGroupsAndALast();
        var whole = _bench.Disk.Bytes(path);
        for (var torn = before; torn < after; torn++)
        {
            var bench = new LogBench { Disk = _bench.Disk.Copy() };
            bench.Disk.Change(path, bytes => bytes.AsSpan(torn, after - torn).Clear());
            // Where the bytes that are missing happened to be zeros, the group is whole, written though not acknowledged: also right.
            var isWhole = bench.Disk.Bytes(path).AsSpan().SequenceEqual(whole);
            await using var log = bench.Open();
            Assert.Equal(isWhole ? [1, 2, 3, 4, 5] : [1, 2, 3], Sequences(ReadAll(log)));
            Assert.Equal(torn > before && !isWhole, bench.Logger.Lines.Any(l => l.Contains("torn tail cut", StringComparison.Ordinal)));
            var next = log.Committed + 1;
            Assert.Equal(next, await Append(log, Reading(next)));
        }
    }

    [Fact]
    public async Task A_tail_torn_in_its_beginning_is_cut_and_what_follows_it_is_readable_after_another_restart()
    {
        var (path, before, _) = await TwoGroupsAndALast();
        _bench.Disk.Change(path, bytes => bytes.AsSpan(before, 20).Clear());
        await using (var log = _bench.Open())
        {
            Assert.Equal(3, log.Committed);
            await Append(log, Reading(9));
        }
        await using var again = _bench.Open();
        Assert.Equal([1, 2, 3, 9], Sequences(ReadAll(again)));
        Assert.Single(_bench.Logger.Lines, l => l.Contains("torn tail cut", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_flipped_bit_anywhere_before_the_last_group_is_refused_with_file_offset_and_positions()
    {
        var (path, before, _) = await TwoGroupsAndALast();
        for (var at = SegmentHeaderSize; at < before; at++)
        {
            var bench = new LogBench { Disk = _bench.Disk.Copy() };
            var flipped = at;
            bench.Disk.Change(path, bytes => bytes[flipped] ^= 0x10);
            var damage = Assert.Throws<LogDamageException>(() => bench.Open());
            Assert.Equal(path, damage.File);
            Assert.InRange(at, damage.Offset, before);
            Assert.InRange(damage.FirstPosition, 1, 3);
            Assert.NotNull(damage.LastPosition);
            Assert.Contains(path, damage.Message, StringComparison.Ordinal);
            Assert.Equal(bench.Disk.Bytes(path), Flipped(_bench.Disk.Bytes(path), at));
        }
    }

    [Fact]
    public async Task A_damaged_segment_header_is_refused()
    {
        var (path, _, _) = await TwoGroupsAndALast();
        _bench.Disk.Change(path, bytes => bytes[30] ^= 1);
        Assert.Contains("header", Assert.Throws<LogDamageException>(() => _bench.Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_segment_in_the_middle_is_refused_with_the_positions_that_are_gone()
    {
        await using (var log = _bench.Open())
        {
            for (var i = 1; i <= 60; i++)
                await Append(log, Reading(i, padding: 2_000));
            await _bench.Until(() => _bench.Disk.Names.Count(n => n.EndsWith(".idx", StringComparison.Ordinal)) == _bench.Segments.Count - 1);
        }
        var segments = _bench.Segments;
        _bench.Disk.Delete(segments[1]);
        var damage = Assert.Throws<LogDamageException>(() => _bench.Open());
        Assert.Equal(segments[0], damage.File);
    }

    [Fact]
    public async Task Damage_in_a_sealed_segment_shows_when_it_is_read()
    {
        await using (var log = _bench.Open())
        {
            for (var i = 1; i <= 60; i++)
                await Append(log, Reading(i, padding: 2_000));
            await _bench.Until(() => _bench.Disk.Names.Count(n => n.EndsWith(".idx", StringComparison.Ordinal)) == _bench.Segments.Count - 1);
        }
        _bench.Disk.Change(_bench.Segments[0], bytes => bytes[5_000] ^= 1);
        await using var again = _bench.Open();
        Assert.Equal(_bench.Segments[0], Assert.Throws<LogDamageException>(() => ReadAll(again)).File);
    }

    [Fact]
    public async Task What_a_device_sends_cannot_pass_for_a_group_behind_a_torn_one()
    {
        byte[] valid;
        await using (var log = _bench.Open())
        {
            await Append(log, new TickEntry());
            valid = _bench.Disk.Bytes(_bench.Segments[0])[SegmentHeaderSize..(SegmentHeaderSize + 45)];
        }
        // A well-formed group of a later position, but under another segment's mark: as much as anyone outside can make.
        BitConverter.TryWriteBytes(valid.AsSpan(24), 3L);
        valid.AsSpan(0, 8).Fill(7);
        BitConverter.TryWriteBytes(valid.AsSpan(8), System.IO.Hashing.Crc32.HashToUInt32(valid.AsSpan(12)));
        await using (var log = _bench.Open())
            await Append(log, new DeadLetterEntry { Topic = "t", Reason = "malformed", Detail = "", Payload = valid });
        _bench.Disk.Change(_bench.Segments[0], bytes => bytes[SegmentHeaderSize + 45 + 41] ^= 1);
        await using var again = _bench.Open();
        Assert.Equal(1, again.Committed);
    }

    [Fact]
    public async Task A_failed_fsync_is_never_retried_on_the_same_file_and_the_group_goes_into_a_new_segment()
    {
        await using (var log = _bench.Open())
        {
            await Append(log, Reading(1));
            var path = _bench.Segments[0];
            var failed = 0;
            _bench.Disk.FailSync = p => p.StartsWith(path, StringComparison.Ordinal) && failed++ >= 0;
            Assert.Equal(2, await Append(log, Reading(2)));
            Assert.Equal(3, await Append(log, Reading(3)));
            Assert.Equal(1, failed);
        }
        var after = new LogBench { Disk = _bench.Disk.AfterPowerLoss(new Random(1)) };
        await using var again = after.Open();
        Assert.Equal([1, 2, 3], Sequences(ReadAll(again)));
    }

    [Fact]
    public async Task Over_random_schedules_of_faults_and_power_loss_what_was_acknowledged_is_there_and_nothing_that_was_not_sent()
    {
        for (var seed = 0; seed < 60; seed++)
            await PowerLosses(new Random(seed), seed);
    }

    private static async Task PowerLosses(Random random, int seed)
    {
        var bench = new LogBench();
        var acknowledged = new HashSet<long>();
        var sent = 0L;
        for (var life = 0; life < 4; life++)
        {
            bench = new LogBench { Disk = bench.Disk };
            var disk = bench.Disk;
            var log = bench.Open();
            var there = Sequences(ReadAll(log));
            Assert.True(acknowledged.IsSubsetOf(there), $"seed {seed}: lost {string.Join(',', acknowledged.Except(there))}");
            Assert.True(there.TrueForAll(s => s <= sent) && there.SequenceEqual(there.Distinct().Order()), $"seed {seed}: {string.Join(',', there)}");
            var failing = random.Next(3) == 0;
            disk.FailSync = _ => failing && random.Next(8) == 0;
            disk.FailWrite = _ => failing && random.Next(20) == 0;
            disk.FailDirectorySync = () => failing && random.Next(6) == 0;
            var pending = new List<(long Sequence, Task<long> Commit)>();
            for (var i = random.Next(40); i > 0; i--)
            {
                sent++;
                var begun = Begin(log, Reading(sent, padding: random.Next(3_000)));
                await bench.Until(() => begun.IsCompleted, advance: true);
                pending.Add((sent, await begun));
                if (random.Next(3) == 0)
                    await bench.Until(() => pending[^1].Commit.IsCompleted || log.Unwritable is not null);
            }
            // Asked before the power goes: what completes in between may or may not be there.
            acknowledged.UnionWith(pending.Where(p => p.Commit.IsCompletedSuccessfully).Select(p => p.Sequence));
            var after = disk.AfterPowerLoss(random);
            disk.FailSync = disk.FailWrite = _ => false;
            disk.FailDirectorySync = () => false;
            await bench.Until(() => pending.TrueForAll(p => p.Commit.IsCompletedSuccessfully), advance: true);
            await log.DisposeAsync();
            bench.Disk = after;
        }
    }

    private const int SegmentHeaderSize = 160;

    private static byte[] Flipped(byte[] bytes, int at)
    {
        bytes[at] ^= 0x10;
        return bytes;
    }

    private async Task<(string Path, int BeforeLast, int End)> TwoGroupsAndALast()
    {
        int before, after;
        await using var log = _bench.Open();
        // Padded, so that no group ends in zeros and its end can be seen from outside.
        await Append(log, Reading(1, padding: 9));
        await Append(log, Reading(2), Reading(3, padding: 9));
        before = UsedBytes();
        await Append(log, Reading(4), Reading(5, padding: 40));
        after = UsedBytes();
        return (_bench.Segments[0], before, after);
    }

    private int UsedBytes() => _bench.Disk.Bytes(_bench.Segments[0]).AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
}
