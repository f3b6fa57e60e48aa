using System.Reactive.Subjects;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Rules.Tests.Pipeline;

/// <summary>What the filter makes of a reading that comes again, or comes too late to tell.</summary>
public sealed class DuplicateTests : IDisposable
{
    private static readonly long Window = (long)TimeSpan.FromDays(7).TotalMilliseconds;

    private readonly Timeline _timeline = new(Families.Pump);

    public void Dispose() => _timeline.Dispose();

    [Fact]
    public void A_reading_that_contradicts_itself_in_several_channels_is_one_dead_letter()
    {
        _timeline.At(10).Reading("ps-1", "level=1 temperature=20", eventTime: 10, sequence: 7);
        _timeline.At(11).Reading("ps-1", "level=2 temperature=21", eventTime: 10, sequence: 7);
        var letter = Assert.Single(_timeline.Pipeline.Moment.DeadLetters);
        Assert.Equal("conflicting_duplicate", letter.Reason);
        Assert.Contains("level, temperature", letter.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_reading_again_is_no_dead_letter()
    {
        _timeline.At(10).Reading("ps-1", "level=1", eventTime: 10, sequence: 7);
        _timeline.At(11).Reading("ps-1", "level=1", eventTime: 10, sequence: 7);
        Assert.Empty(_timeline.Pipeline.Moment.DeadLetters);
    }

    [Fact]
    public void A_reading_older_than_the_window_is_late_and_for_the_store_alone()
    {
        _timeline.At(10).Reading("ps-1", "level=9", eventTime: 10 - (8 * 86400));
        Assert.True(_timeline.Pipeline.Moment.Late);
        Assert.Equal([ValueVerdict.LookUp], _timeline.Pipeline.Moment.Verdicts);
        _timeline.TicksTo(60);
        Assert.Empty(_timeline.Look());
    }

    [Fact]
    public void A_contradiction_that_is_sent_again_is_no_further_dead_letter()
    {
        _timeline.At(10).Reading("ps-1", "level=1", eventTime: 10, sequence: 7);
        _timeline.At(11).Reading("ps-1", "level=2", eventTime: 10, sequence: 7);
        Assert.Single(_timeline.Pipeline.Moment.DeadLetters);
        _timeline.At(12).Reading("ps-1", "level=2", eventTime: 10, sequence: 7);
        Assert.Empty(_timeline.Pipeline.Moment.DeadLetters);
        Assert.Equal([ValueVerdict.Drop], _timeline.Pipeline.Moment.Verdicts);
    }

    [Fact]
    public void A_channel_that_stands_twice_in_one_reading_counts_once()
    {
        _timeline.At(10).Reading("ps-1", "level=1 level=1 temperature=20 temperature=21", eventTime: 10, sequence: 7);
        Assert.Equal([ValueVerdict.Accept, ValueVerdict.Drop, ValueVerdict.Accept, ValueVerdict.Drop], _timeline.Pipeline.Moment.Verdicts);
        Assert.Contains("channel temperature:", Assert.Single(_timeline.Pipeline.Moment.DeadLetters).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_clock_that_was_never_set_says_again_is_said_anew()
    {
        _timeline.At(0).Tick();
        foreach (var (cover, until) in new[] { ("open", 20), ("closed", 100), ("open", 120) })
            _timeline.Reading("ps-1", $"cover={cover}", marks: TimeMarks.ClockUnset, sent: 3_000).TicksTo(until);
        var raised = _timeline.Transitions.Where(transition => transition is { To: AlarmState.ActiveUnacknowledged, Alarm.Rule: "cover_open" }).ToList();
        Assert.Equal([10, 110], raised.Select(transition => (transition.At - Timeline.Zero) / 1000));
        Assert.Equal(2, raised.DistinctBy(transition => transition.Alarm.Id).Count());
    }

    [Theory]
    [InlineData(TimeMarks.ClockUnset, 600, true)]
    [InlineData(TimeMarks.ClockUnset, 601, false)]
    [InlineData(TimeMarks.NoTime, 600, true)]
    [InlineData(TimeMarks.NoTime, 601, false)]
    [InlineData(TimeMarks.ClockAhead, 601, true)]
    [InlineData(TimeMarks.ClockUnset | TimeMarks.Redecoded, 601, true)]
    public void A_sequence_without_a_clock_begins_anew_some_time(TimeMarks marks, int after, bool isAgain)
    {
        _timeline.At(0).Reading("ps-1", "level=1", sequence: 7, marks: marks, sent: 3_000);
        _timeline.At(after).Reading("ps-1", "level=1", sequence: 7, marks: marks, sent: 3_000);
        Assert.Equal(isAgain ? [ValueVerdict.Drop] : null, _timeline.Pipeline.Moment.Verdicts);
    }

    [Fact]
    public void The_log_is_asked_as_far_back_for_a_reading_without_a_clock_as_for_any()
    {
        var asked = new List<long>();
        var pipeline = new RulePipeline(Window, null, (entry, since) =>
        {
            asked.Add(entry.Time - since);
            return [];
        });
        using var entries = new Subject<LogEntry>();
        using var running = pipeline.Run(entries).Subscribe(_ => { });
        entries.OnNext(new FamilyEntry("pump", Families.Pump.ReplaceLineEndings("\n"), "hash"));
        foreach (var (at, sent, marks) in new[] { (0, 5_000L, TimeMarks.None), (1, null, TimeMarks.NoTime), (2, 4_000L, TimeMarks.None), (3, (long?)null, TimeMarks.NoTime) })
        {
            var now = Timeline.Zero + (at * 1000);
            var reading = new Reading { Gateway = "gw", Family = "pump", Device = "ps-1", SentTime = Timeline.Zero + sent, Sequence = 7, EventTime = now, Marks = marks, Values = [new ChannelValue("level", ValueKind.Number, 1, null, Quality.Good)] };
            entries.OnNext(new ReadingEntry(reading) { Position = at + 2, Time = now });
        }
        Assert.Equal([Window + 300_000, Window + 300_000, Window + 300_000], asked);
    }

    [Fact]
    public void Channels_of_one_time_may_come_in_readings_of_their_own()
    {
        _timeline.At(10).Reading("ps-1", "level=1", eventTime: 10);
        _timeline.At(10).Reading("ps-1", "temperature=20", eventTime: 10);
        Assert.Null(_timeline.Pipeline.Moment.Verdicts);
        _timeline.At(11).Reading("ps-1", "level=1 temperature=21", eventTime: 10);
        Assert.Equal([ValueVerdict.Drop, ValueVerdict.Accept], _timeline.Pipeline.Moment.Verdicts);
    }

    [Fact]
    public void What_was_refused_before_its_family_was_known_is_taken_when_it_comes_again()
    {
        string[] texts = ["level=1", "level=2", "level=3"];
        for (var i = 0; i < texts.Length; i++)
            _timeline.At(10 + i).Reading("t-1", texts[i], eventTime: 10 + i, family: "tank");
        Assert.Equal("unknown_family", Assert.Single(_timeline.Pipeline.Moment.DeadLetters).Reason);
        _timeline.Add(new FamilyEntry("tank", Families.Pump.ReplaceLineEndings("\n").Replace("family: pump", "family: tank", StringComparison.Ordinal), "hash"));
        // The newest first: the others are no newer than what has been heard.
        for (var i = texts.Length - 1; i >= 0; i--)
        {
            _timeline.At(20).Reading("t-1", texts[i], eventTime: 10 + i, family: "tank");
            Assert.Null(_timeline.Pipeline.Moment.Verdicts);
        }
        _timeline.At(21).Reading("t-1", "level=1", eventTime: 10, family: "tank");
        Assert.Equal([ValueVerdict.Drop], _timeline.Pipeline.Moment.Verdicts);
    }

    [Fact]
    public void A_redelivery_reads_one_reading_and_a_stuck_clock_no_more_than_the_latest()
    {
        var (log, read) = (new List<LogEntry>(), 0);
        var inLog = Timeline.Earlier(log);
        var pipeline = new RulePipeline(Window, null, (entry, since) => inLog(entry, since).Select(earlier =>
        {
            read++;
            return earlier;
        }));
        using var entries = new Subject<LogEntry>();
        using var running = pipeline.Run(entries).Subscribe(_ => { });
        entries.OnNext(new FamilyEntry("pump", Families.Pump.ReplaceLineEndings("\n"), "hash"));
        for (var i = 0; i < 1000; i++)
            Send(sent: Timeline.Zero + (i * 1000), level: i);
        Assert.Equal(0, read);
        for (var i = 0; i < 1000; i++)
            Send(sent: Timeline.Zero + (i * 1000), level: i);
        Assert.Equal((1000, ValueVerdict.Drop), (read, Assert.Single(pipeline.Moment.Verdicts!)));

        // 1970, without a sequence: every value is another key.
        for (var i = 0; i < 1000; i++)
            Send(sent: 0, level: i);
        read = 0;
        Send(sent: 0, level: 1000);
        Assert.Equal(DropDuplicates.MostCompared, read);
        Send(sent: 0, level: 1000 - DropDuplicates.MostCompared + 1);
        Assert.Equal([ValueVerdict.Drop], pipeline.Moment.Verdicts);
        Send(sent: 0, level: 1000 - DropDuplicates.MostCompared);
        Assert.Null(pipeline.Moment.Verdicts);

        void Send(long sent, double level)
        {
            var at = sent == 0 ? Timeline.Zero + 1_000_000 : sent;
            log.Add(new ReadingEntry(new Reading { Gateway = "gw", Family = "pump", Device = "ps-1", SentTime = sent, EventTime = at, Values = [new ChannelValue("level", ValueKind.Number, level, null, Quality.Good)] })
            {
                Position = log.Count + 2,
                Time = Timeline.Zero + 1_000_000,
            });
            entries.OnNext(log[^1]);
        }
    }
}
