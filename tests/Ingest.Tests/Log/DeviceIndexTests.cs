using Telemetry.Ingest.Log;
using static Telemetry.Ingest.Tests.Log.LogBench;

namespace Telemetry.Ingest.Tests.Log;

public class DeviceIndexTests
{
    private readonly LogBench _bench = new();

    [Fact]
    public async Task The_index_finds_what_a_full_scan_finds()
    {
        var random = new Random(3);
        await using var log = _bench.Open();
        for (var i = 0; i < 300; i++)
            await Append(log, [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => Reading(i, "d" + random.Next(20), random.Next(300), eventTime: random.Next(1_000)))]);
        await Indexed();
        AssertIndexEqualsScan(log, random);
    }

    [Fact]
    public async Task A_damaged_index_is_built_again_at_open_and_a_missing_one_too()
    {
        var random = new Random(4);
        await using (var log = _bench.Open())
        {
            for (var i = 0; i < 200; i++)
                await Append(log, Reading(i, "d" + i % 7, 500, eventTime: i));
            await Indexed();
        }
        var indexes = _bench.Disk.Names.Where(n => n.EndsWith(".idx", StringComparison.Ordinal)).ToArray();
        _bench.Disk.Change(indexes[0], bytes => bytes[20] ^= 1);
        _bench.Disk.Change(indexes[1], bytes => bytes[100] ^= 1);
        _bench.Disk.Delete(indexes[2]);
        await using var again = _bench.Open();
        AssertIndexEqualsScan(again, random);
        await Indexed();
        AssertIndexEqualsScan(again, random);
    }

    private Task Indexed() =>
        _bench.Until(() => _bench.Disk.Names.Count(n => n.EndsWith(".idx", StringComparison.Ordinal)) == _bench.Segments.Count - 1 && !_bench.Disk.Names.Any(n => n.EndsWith(".new", StringComparison.Ordinal)));

    private static void AssertIndexEqualsScan(DurableLog log, Random random)
    {
        var all = ReadAll(log).OfType<Telemetry.Rules.Model.ReadingEntry>().ToList();
        for (var i = 0; i < 40; i++)
        {
            var device = "d" + random.Next(22);
            long from = random.Next(1_000), to = from + random.Next(500);
            Assert.Equal(
                all.Where(e => e.Reading.Device == device && e.Reading.EventTime >= from && e.Reading.EventTime < to).Select(e => e.Position),
                log.ReadDevice(device, from, to).Select(e => e.Position));
        }
    }
}
