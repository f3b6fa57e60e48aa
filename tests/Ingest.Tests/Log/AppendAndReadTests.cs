using Telemetry.Ingest.Log;
using Telemetry.Rules.Model;
using static Telemetry.Ingest.Tests.Log.LogBench;

namespace Telemetry.Ingest.Tests.Log;

/// <summary>What is the embedded log's own; what every log keeps stands in <see cref="LogContract"/>.</summary>
public class AppendAndReadTests
{
    private readonly LogBench _bench = new();

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
    public async Task A_reader_that_has_seen_more_than_there_is_is_refused()
    {
        await using var log = _bench.Open();
        await Append(log, new TickEntry());
        var error = Assert.Throws<InvalidOperationException>(() => log.OpenReader("store", 3));
        Assert.Contains("'store' asks for position 3", error.Message, StringComparison.Ordinal);
    }
}
