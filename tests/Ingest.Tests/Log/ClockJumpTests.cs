using Microsoft.Extensions.Time.Testing;
using Telemetry.Ingest.Log;
using static Telemetry.Ingest.Tests.Log.LogBench;

namespace Telemetry.Ingest.Tests.Log;

/// <summary>The machine's clock is set while the log is written, and once more while the service is down.</summary>
public class ClockJumpTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(8)]
    [InlineData(-8)]
    public async Task A_clock_that_jumps_by_hours_loses_nothing_and_log_time_never_goes_back(int hours)
    {
        var bench = new LogBench();
        var wall = new JumpingClock(bench.Time);
        var sequence = 0L;
        for (var life = 0; life < 2; life++)
        {
            await using var log = bench.Open(time: wall);
            for (var i = 0; i < 20; i++)
            {
                if (i == 10)
                    wall.Offset += TimeSpan.FromHours(hours);
                bench.Time.Advance(TimeSpan.FromSeconds(1));
                Assert.Equal(++sequence, await Append(log, Reading(sequence, padding: 2_000)));
            }
            wall.Offset += TimeSpan.FromHours(hours);
        }
        await using var again = bench.Open(time: wall);
        var entries = ReadAll(again);
        Assert.Equal(Enumerable.Range(1, 40).Select(i => (long)i), Sequences(entries));
        Assert.Equal(entries.Select(entry => entry.Time).Order(), entries.Select(entry => entry.Time));
        // Forward it follows at once; after a step back it goes on from where it was, more slowly.
        var length = TimeSpan.FromMilliseconds(entries[^1].Time - entries[0].Time);
        Assert.InRange(length, hours > 0 ? TimeSpan.FromHours(3 * hours) : TimeSpan.FromSeconds(9), hours > 0 ? TimeSpan.FromHours(3 * hours) + TimeSpan.FromMinutes(1) : TimeSpan.FromMinutes(1));
        Assert.Empty(new LogVerification(bench.Disk, Folder).Run(_ => { }).SelectMany(file => file.Damage));
    }

    private sealed class JumpingClock(FakeTimeProvider time) : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + Offset;

        public override long GetTimestamp() => time.GetTimestamp();

        public override long TimestampFrequency => time.TimestampFrequency;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => time.CreateTimer(callback, state, dueTime, period);
    }
}
