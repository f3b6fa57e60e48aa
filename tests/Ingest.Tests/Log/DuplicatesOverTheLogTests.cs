using System.Reactive.Subjects;
using System.Text;
using Telemetry.Ingest.Log;
using Telemetry.Rules;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;
using static Telemetry.Ingest.Tests.Log.LogBench;

namespace Telemetry.Ingest.Tests.Log;

/// <summary>The rules' duplicate filter over a log on a disk, through crashes and restarts, against one that keeps every reading in memory. Found seeds are added as rows.</summary>
public class DuplicatesOverTheLogTests
{
    private static readonly LogOptions Options = Small with { DuplicateWindow = TimeSpan.FromHours(1), Keep = TimeSpan.FromHours(8) };
    private static readonly Family Tunnel = FamilySet.Shipped().Find("tunnel")!;

    [Theory]
    [InlineData(0, 15)]
    public async Task Verdicts_are_those_of_a_filter_that_forgets_nothing(int firstSeed, int seeds)
    {
        for (var seed = firstSeed; seed < firstSeed + seeds; seed++)
            await Run(seed);
    }

    private static async Task Run(int seed)
    {
        var (random, bench) = (new Random(seed), new LogBench());
        var log = bench.Open(Options);
        await Append(log, new FamilyEntry(Tunnel.Name, Tunnel.Text, Tunnel.Hash));
        var (model, judge) = (new Judge(log, inMemory: true), new Judge(log));
        for (var step = 0; step < 150; step++)
        {
            await Append(log, [.. Enumerable.Range(0, random.Next(1, 40)).Select(LogEntry (_) => Any(random, bench.Time.GetUtcNow().ToUnixTimeMilliseconds()))]);
            bench.Time.Advance(TimeSpan.FromSeconds(random.Next(10) == 0 ? random.Next(2000) : random.Next(10)));
            if (random.Next(3) == 0)
                continue;
            Assert.Equal(model.Go(log), judge.Go(log));
            if (random.Next(12) > 0)
                continue;
            await log.DisposeAsync();
            bench.Disk = bench.Disk.AfterPowerLoss(random);
            log = bench.Open(Options);
            var checkpoint = judge.Save();
            judge.Dispose();
            judge = new Judge(log, checkpoint);
        }
        Assert.True(bench.Segments.Count > 3 && model.Dropped > 100 && model.Accepted > 100, $"seed {seed} shows nothing: {bench.Segments.Count} segments, {model.Dropped} of {model.Accepted} dropped");
        model.Dispose();
        judge.Dispose();
        await log.DisposeAsync();
    }

    private static ReadingEntry Any(Random random, long now)
    {
        // Most are near now; some come from an hour ago, from before the window, from an unset clock, or without a time.
        long? sent = random.Next(10) switch
        {
            0 => null,
            1 => random.Next(5),
            2 => now - random.Next(4_000_000),
            _ => now - random.Next(60) * 1000,
        };
        sent = sent > 1000 ? sent / 1000 * 1000 : sent;
        return new ReadingEntry(new Reading
        {
            Gateway = "g1",
            Family = "tunnel",
            Device = "d" + random.Next(8),
            SentTime = sent,
            Sequence = random.Next(2) == 0 ? null : random.Next(3),
            EventTime = sent > 1000 ? sent.Value : now,
            Marks = sent is null ? TimeMarks.NoTime : sent < 1000 ? TimeMarks.ClockUnset : TimeMarks.None,
            Values = [.. Enumerable.Range(1, random.Next(1, 4)).Select(i => new ChannelValue("fan_current." + i, ValueKind.Number, random.Next(3), null, Quality.Good))],
        });
    }

    private sealed class Judge : IDisposable
    {
        private readonly RulePipeline _pipeline;
        private readonly Subject<LogEntry> _entries = new();
        private long _next = 1;

        public Judge(DurableLog log, bool inMemory = false)
        {
            _pipeline = new RulePipeline((long)Options.DuplicateWindow.TotalMilliseconds, null, inMemory ? null : log.OpenEarlier().Invoke);
            _pipeline.Run(_entries).Subscribe(_ => { });
        }

        public Judge(DurableLog log, (byte[] Saved, long Next) checkpoint)
            : this(log)
        {
            _pipeline.Load(new BinaryReader(new MemoryStream(checkpoint.Saved)));
            _next = checkpoint.Next;
        }

        public int Dropped { get; private set; }

        public int Accepted { get; private set; }

        /// <summary>Judges what has come since.</summary>
        public List<string> Go(DurableLog log)
        {
            var lines = new List<string>();
            foreach (var entry in ReadAll(log, _next))
            {
                _entries.OnNext(entry);
                _next = entry.Position + 1;
                if (entry is not ReadingEntry { Reading: var reading })
                    continue;
                var verdicts = _pipeline.Moment.Verdicts ?? new ValueVerdict[reading.Values.Length];
                Dropped += verdicts.Count(verdict => verdict == ValueVerdict.Drop);
                Accepted += verdicts.Count(verdict => verdict == ValueVerdict.Accept);
                lines.Add($"{entry.Position} {reading.Device} {reading.SentTime} {reading.Sequence}: {string.Join(' ', verdicts)} {_pipeline.Moment.DeadLetters.Count}");
            }
            return lines;
        }

        public void Dispose() => _entries.Dispose();

        public (byte[] Saved, long Next) Save()
        {
            var saved = new MemoryStream();
            using (var into = new BinaryWriter(saved, Encoding.UTF8, leaveOpen: true))
                _pipeline.Save(into);
            return (saved.ToArray(), _next);
        }
    }
}
