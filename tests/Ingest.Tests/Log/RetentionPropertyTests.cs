using CsCheck;
using Telemetry.Ingest.Log;
using static Telemetry.Ingest.Tests.Log.LogBench;

namespace Telemetry.Ingest.Tests.Log;

/// <summary>Whatever readers, appends, time and crashes do: no segment goes that somebody with a name has not done with, or that the hold-back still needs.</summary>
public class RetentionPropertyTests
{
    private enum Step
    {
        Append,
        Read,
        Join,
        Leave,
        Age,
        HoldBack,
        Restart,
        Crash,
    }

    private static readonly LogOptions KeepAnHour = Small with { Keep = TimeSpan.FromHours(1) };

    // Appends and ageing more often than the rest: without them nothing is removed.
    private static readonly Gen<Step> Steps = Gen.Frequency(
        (6, Gen.Const(Step.Append)), (4, Gen.Const(Step.Read)), (1, Gen.Const(Step.Join)), (1, Gen.Const(Step.Leave)), (3, Gen.Const(Step.Age)), (3, Gen.Const(Step.HoldBack)),
        (1, Gen.Const(Step.Restart)), (1, Gen.Const(Step.Crash)));

    [Fact]
    public async Task Nothing_is_removed_that_the_slowest_reader_or_the_hold_back_still_needs()
    {
        var removed = 0L;
        await Gen.Select(Steps, Gen.Int[0, 1_000]).Array[20, 70].Repeatably().SampleAsync(async steps => removed += await RunAsync(steps), iter: 30, threads: 1);
        Assert.True(removed > 0, "no schedule came to a removal: what was to be shown was not tried");
    }

    /// <returns>Positions that retention has removed.</returns>
    private static async Task<long> RunAsync((Step Step, int Number)[] steps)
    {
        var bench = new LogBench();
        var done = new SortedDictionary<string, long>(StringComparer.Ordinal) { ["rules"] = 0, ["store"] = 0 };
        var (holdBack, appended) = (0L, 0L);
        var log = bench.Open(KeepAnHour);
        Register(log, done);
        foreach (var (step, number) in steps)
        {
            switch (step)
            {
                case Step.Append:
                    for (var i = 0; i <= number % 12; i++)
                        appended = await Append(log, Reading(appended + 1, padding: 2_500));
                    break;
                case Step.Read:
                    var name = done.Keys.ElementAt(number % Math.Max(1, done.Count));
                    done[name] = Math.Max(done[name], Math.Min(appended, done[name] + (number % 40)));
                    using (var reader = log.OpenReader(name, done[name] + 1))
                        reader.Done(done[name]);
                    break;
                case Step.Join:
                    // Whoever joins begins where the log does: at that moment.
                    using (var reader = log.OpenReader($"r{number % 3}", 1))
                        done[$"r{number % 3}"] = reader.Next - 1;
                    break;
                case Step.Leave when done.Count > 1:
                    log.ForgetReader(done.Keys.Last());
                    done.Remove(done.Keys.Last());
                    break;
                case Step.Age:
                    bench.Time.Advance(TimeSpan.FromMinutes(10 + (number % 120)));
                    break;
                case Step.HoldBack:
                    holdBack = Math.Min(appended, done.Values.Min() + (number % 30));
                    log.HoldBack(holdBack);
                    break;
                case Step.Restart or Step.Crash:
                    if (step == Step.Restart)
                        await log.DisposeAsync();
                    var after = step == Step.Crash ? bench.Disk.AfterPowerLoss(new Random(number)) : bench.Disk;
                    if (step == Step.Crash)
                        await log.DisposeAsync();
                    bench.Disk = after;
                    log = bench.Open(KeepAnHour);
                    // Nothing goes before somebody says what is needed, and whoever reads says so first.
                    holdBack = 0;
                    AssertNothingNeededIsGone(log, done, long.MaxValue, step);
                    Register(log, done);
                    break;
            }
            AssertNothingNeededIsGone(log, done, holdBack == 0 ? long.MaxValue : holdBack, step);
        }
        log.HoldBack(Math.Max(holdBack, done.Values.Min()));
        var listings = bench.Disk.Listings;
        await bench.Until(() => bench.Disk.Listings >= listings + 2, advance: true);
        AssertNothingNeededIsGone(log, done, long.MaxValue, Step.Age);
        // And what is there is whole: each reader finds the rest of the log, without a gap.
        foreach (var (name, position) in done)
        {
            var rest = ReadAll(log, position + 1);
            Assert.Equal(Enumerable.Range(1, (int)(appended - position)).Select(i => position + i), rest.Select(entry => entry.Position));
            Assert.Equal(rest.Select(entry => entry.Position), Sequences(rest));
            Assert.NotEmpty(name);
        }
        var first = log.First;
        await log.DisposeAsync();
        return first - 1;
    }

    private static void Register(DurableLog log, SortedDictionary<string, long> done)
    {
        foreach (var (name, position) in done)
            log.OpenReader(name, position + 1).Dispose();
    }

    private static void AssertNothingNeededIsGone(DurableLog log, SortedDictionary<string, long> done, long holdBack, Step step)
    {
        var first = log.First;
        Assert.True(first <= done.Values.Min() + 1, $"after {step}: the log begins at {first}, {string.Join(", ", done.Select(reader => $"{reader.Key} is done with {reader.Value}"))}");
        Assert.True(holdBack == long.MaxValue || first <= holdBack, $"after {step}: the log begins at {first}, the hold-back is {holdBack}");
    }
}
