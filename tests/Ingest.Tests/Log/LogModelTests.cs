using Telemetry.Ingest.Log;
using Telemetry.Rules.Model;
using static Telemetry.Ingest.Tests.Log.LogBench;

namespace Telemetry.Ingest.Tests.Log;

/// <summary>Random actions against the simplest model of a log: a list. Found seeds are added as rows.</summary>
public class LogModelTests
{
    [Theory]
    [InlineData(0, 60)]
    public async Task The_log_behaves_like_a_list(int firstSeed, int seeds)
    {
        for (var seed = firstSeed; seed < firstSeed + seeds; seed++)
            await Run(seed);
    }

    private static async Task Run(int seed)
    {
        var random = new Random(seed);
        var bench = new LogBench();
        var options = Small with { Keep = TimeSpan.FromHours(1) };
        var model = new List<(long Position, long? Sequence)>();
        var log = bench.Open(options);
        var reader = log.OpenReader("model", 1);
        var read = new List<LogEntry>();
        for (var step = 0; step < 60; step++)
        {
            switch (random.Next(8))
            {
                case 0 or 1 or 2 or 3:
                    LogEntry[] entries = [.. Enumerable.Range(0, random.Next(1, 8)).Select(LogEntry (_) => random.Next(4) == 0 ? new TickEntry() : Reading(random.Next(), padding: random.Next(1_500)))];
                    var last = await Append(log, entries);
                    Assert.Equal(model.Count + entries.Length, last);
                    model.AddRange([.. entries.Select((e, i) => (last - entries.Length + i + 1, (e as ReadingEntry)?.Reading.Sequence))]);
                    break;
                case 4:
                    reader.Read(read, random.Next(1, 50));
                    break;
                case 5:
                    reader.Done(reader.Next - 1);
                    log.HoldBack(random.Next(model.Count + 1));
                    break;
                case 6:
                    bench.Time.Advance(TimeSpan.FromMinutes(random.Next(90)));
                    break;
                case 7:
                    reader.Dispose();
                    await log.DisposeAsync();
                    if (random.Next(2) == 0)
                        bench.Disk = bench.Disk.AfterPowerLoss(random);
                    log = bench.Open(options);
                    reader = log.OpenReader("model", reader.Next);
                    break;
            }
            Assert.Equal(model.Count, log.Committed);
            Assert.True(log.First <= reader.Next, $"seed {seed}: retention passed the reader");
            // Retention runs beside the test, so the beginning may move while it reads; what follows must be all there.
            var all = ReadAll(log);
            Assert.Equal(model.Where(m => all.Count > 0 && m.Position >= all[0].Position), all.Select(e => (e.Position, (e as ReadingEntry)?.Reading.Sequence)));
            Assert.True(all.Count == 0 ? model.Count == 0 : all[0].Position <= log.First, $"seed {seed}");
        }
        while (reader.Read(read, 100) > 0)
        {
        }
        Assert.Equal(model, read.Select(e => (e.Position, (e as ReadingEntry)?.Reading.Sequence)));
        reader.Dispose();
        await log.DisposeAsync();
    }
}
