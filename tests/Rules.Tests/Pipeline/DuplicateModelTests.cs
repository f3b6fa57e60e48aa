using System.Reactive.Subjects;
using System.Text;
using CsCheck;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Rules.Tests.Pipeline;

/// <summary>Random logs full of readings that are sent again, judged by the filter and by a dictionary that remembers every value's key for good.</summary>
public class DuplicateModelTests
{
    private const long Window = 8 * 60_000;
    private const long AheadAtMost = 5 * 60_000;
    private const long WithoutClock = 10 * 60_000;

    private readonly record struct Key(string Device, string Channel, long? Sent, long? Sequence, string? Content);

    // How a time is sent: near now, whole seconds, far ahead, of an unset clock, none, of a clock that runs ahead as declared.
    private static readonly Gen<(int Device, int Time, int Back, int Sequence, int[] Values, int Step)> Step =
        Gen.Select(Gen.Int[0, 1], Gen.Int[0, 7], Gen.Int[0, 12], Gen.Int[0, 3], Gen.Int[0, 5].Array[1, 4], Gen.Int[0, 40]);

    [Fact]
    public void The_filter_says_what_a_dictionary_of_every_value_says() =>
        Step.Array[10, 120].Repeatably().Sample(steps =>
        {
            var log = Log(steps);
            var expected = Model(log);
            Assert.Equal(expected, Run(log, Timeline.Earlier(log), restartAfter: null));
            Assert.Equal(expected, Run(log, earlier: null, restartAfter: null));
        }, iter: 1000);

    [Fact]
    public void A_restart_at_any_entry_changes_no_verdict() =>
        Gen.Select(Step.Array[10, 80], Gen.Int[0, 1000]).Repeatably().Sample((steps, cut) =>
        {
            var log = Log(steps);
            Assert.Equal(Model(log), Run(log, Timeline.Earlier(log), restartAfter: cut % log.Count));
        }, iter: 500);

    private static List<LogEntry> Log((int Device, int Time, int Back, int Sequence, int[] Values, int Step)[] steps)
    {
        var log = new List<LogEntry> { new FamilyEntry("pump", Families.Pump.ReplaceLineEndings("\n"), "hash") { Time = Timeline.Zero } };
        var now = Timeline.Zero;
        foreach (var (device, time, back, sequence, values, step) in steps)
        {
            // Redeliveries come at once or much later; the window passes several times.
            now += step < 20 ? step * 100 : step * 6000;
            var near = (now / 20_000 * 20_000) - (back * 10_000);
            var (sent, at, marks) = time switch
            {
                0 => ((long?)null, now, TimeMarks.NoTime),
                1 => (near / 1000, near, TimeMarks.Seconds),
                2 => (near + 320_000, now, TimeMarks.ClockAhead),
                3 => (back, now, TimeMarks.ClockUnset),
                4 => (near, near - 30_000, TimeMarks.Shifted),
                _ => (near, near, TimeMarks.None),
            };
            // What was ahead of its time may come again when it no longer is.
            if (marks == TimeMarks.ClockAhead && sent <= now + AheadAtMost)
                (at, marks) = (sent.Value, TimeMarks.None);
            log.Add(new ReadingEntry(new Reading
            {
                Gateway = "gw",
                Family = "pump",
                Device = "ps-" + device,
                SentTime = sent,
                EventTime = at,
                Marks = marks,
                Sequence = sequence == 0 ? null : sequence,
                Values = [.. values.Select(Value)],
            })
            { Time = now });
        }
        for (var i = 0; i < log.Count; i++)
            log[i].Position = i + 1;
        return log;
    }

    private static ChannelValue Value(int choice) => choice switch
    {
        0 or 1 => new ChannelValue("level", ValueKind.Number, choice, null, Quality.Good),
        2 or 3 => new ChannelValue("temperature", ValueKind.Number, choice, null, Quality.Good),
        _ => new ChannelValue("cover", ValueKind.State, 0, choice == 4 ? "open" : "closed", Quality.Good),
    };

    private static List<string> Model(List<LogEntry> log)
    {
        var seen = new Dictionary<Key, List<(long Time, string Content)>>();
        return [.. log.OfType<ReadingEntry>().Select(entry =>
        {
            var reading = entry.Reading;
            var hasClock = (reading.Marks & (TimeMarks.NoTime | TimeMarks.ClockUnset)) == 0;
            if (reading.Sequence is null && !hasClock)
                return Line(entry, reading.Values.Select(_ => ValueVerdict.Accept), false);
            if (reading.EventTime < entry.Time - Window)
                return Line(entry, reading.Values.Select(_ => ValueVerdict.LookUp), false);
            var (verdicts, conflict) = (new List<ValueVerdict>(), false);
            foreach (var value in reading.Values)
            {
                var content = $"{value.Number} {value.State}";
                var key = new Key(reading.Device, value.Channel, reading.SentTime, reading.Sequence, reading.Sequence is null ? content : null);
                if (!seen.TryGetValue(key, out var before))
                    seen[key] = before = [];
                var inReach = before.Where(each => each.Time >= entry.Time - (hasClock ? Window + AheadAtMost : WithoutClock)).ToList();
                verdicts.Add(inReach.Count > 0 ? ValueVerdict.Drop : ValueVerdict.Accept);
                conflict |= inReach.Count > 0 && inReach.All(each => each.Content != content);
                before.Add((entry.Time, content));
            }
            return Line(entry, verdicts, conflict);
        })];
    }

    private static List<string> Run(List<LogEntry> log, EarlierReadings? earlier, int? restartAfter)
    {
        var lines = new List<string>();
        var pipeline = new RulePipeline(Window, null, earlier);
        var entries = new Subject<LogEntry>();
        var running = pipeline.Run(entries).Subscribe(_ => { });
        for (var i = 0; i < log.Count; i++)
        {
            entries.OnNext(log[i]);
            if (log[i] is ReadingEntry entry)
                lines.Add(Line(entry, pipeline.Moment.Verdicts ?? new ValueVerdict[entry.Reading.Values.Length], pipeline.Moment.DeadLetters.Count > 0));
            if (i != restartAfter)
                continue;
            running.Dispose();
            entries.Dispose();
            var saved = new MemoryStream();
            using (var into = new BinaryWriter(saved, Encoding.UTF8, leaveOpen: true))
                pipeline.Save(into);
            pipeline = new RulePipeline(Window, null, earlier);
            pipeline.Load(new BinaryReader(new MemoryStream(saved.ToArray())));
            entries = new Subject<LogEntry>();
            running = pipeline.Run(entries).Subscribe(_ => { });
        }
        running.Dispose();
        entries.Dispose();
        return lines;
    }

    private static string Line(ReadingEntry entry, IEnumerable<ValueVerdict> verdicts, bool conflict) =>
        $"{entry.Position} {entry.Reading.Device} {entry.Reading.SentTime} {entry.Reading.Sequence}: {string.Join(' ', verdicts)}{(conflict ? " conflict" : "")}";
}
