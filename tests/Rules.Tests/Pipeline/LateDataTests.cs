using System.Reactive.Subjects;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Tests.Pipeline;

/// <summary>Late data as timelines: what it tells, what it changes, and what it never takes away.</summary>
public sealed class LateDataTests : IDisposable
{
    private readonly Timeline _timeline = new(Families.Pump);

    public void Dispose() => _timeline.Dispose();

    private Alarm Last => _timeline.Transitions[^1].Alarm;

    private static long At(double seconds) => Timeline.Zero + (long)(seconds * 1000);

    private void Levels(double from, double to, double level)
    {
        for (var at = from; at <= to; at += 10)
            _timeline.At(at).Reading("ps-1", FormattableString.Invariant($"level={level}"));
    }

    private void Late(double now, double from, double to, string values)
    {
        _timeline.At(now);
        for (var at = from; at <= to; at += 10)
            _timeline.Reading("ps-1", values, eventTime: at);
        _timeline.Tick();
    }

    [Fact]
    public void An_alarm_that_is_over_before_anybody_knew_is_history_and_tells_nobody()
    {
        Levels(0, 90, 1);
        Levels(150, 600, 1);
        Late(605, 100, 140, "level=2.3");
        Assert.Equal(["02:10 ps-1 level_high Normal High amended_by_late_data"], _timeline.Look());
        Assert.Equal((true, At(130), At(270), null, null), (Last.Retrospective, Last.RaisedAt, Last.ClearedAt, Last.AnnouncedAt, Last.SoundedAt));
        Assert.Empty(_timeline.Pipeline.OpenAlarms);
    }

    [Fact]
    public void An_alarm_that_should_not_have_been_is_not_removed_and_whoever_acknowledged_it_is_told()
    {
        _timeline.At(0).Reading("ps-1", "cover=open").TicksTo(12).Act("acknowledge");
        _timeline.Look();
        _timeline.At(20).Reading("ps-1", "cover=closed", eventTime: 5).Tick();
        Assert.Equal(["00:10 ps-1 cover_open ClearedUnacknowledged Critical amended_by_late_data"], _timeline.Look());
        Assert.Equal((At(20), At(20), null), (Last.RetractedAt, Last.AmendedAt, Last.AcknowledgedAt));
        _timeline.Act("acknowledge");
        Assert.Equal(["00:20 ps-1 cover_open Normal Critical acknowledged"], _timeline.Look());
    }

    [Fact]
    public void An_alarm_whose_times_were_others_keeps_its_id_and_its_state()
    {
        Levels(0, 60, 2.3);
        var before = Last;
        _timeline.Reading("ps-1", "level=1", eventTime: 5).Tick();
        Assert.Equal((before.Id, AlarmState.ActiveUnacknowledged, At(40), At(60)), (Last.Id, Last.State, Last.RaisedAt, Last.AmendedAt!.Value));
    }

    [Fact]
    public void An_alarm_that_late_data_shows_to_be_over_clears_at_that_time()
    {
        _timeline.At(0).Reading("ps-1", "cover=open").TicksTo(12).At(100).Reading("ps-1", "cover=open").Tick();
        _timeline.At(200).Reading("ps-1", "cover=closed", eventTime: 20).Tick();
        Assert.Contains("01:20 ps-1 cover_open ClearedUnacknowledged Critical amended_by_late_data", _timeline.Look());
        Assert.Equal(At(110), Last.RaisedAt);
        Assert.Equal(AlarmState.ActiveUnacknowledged, Last.State);
    }

    [Fact]
    public void A_shelve_until_the_condition_ends_ends_where_late_data_end_it()
    {
        _timeline.At(0).Reading("ps-1", "cover=open").TicksTo(12).Act("shelve", reason: "known", until: 1500, second: "Wang", oneShot: true);
        _timeline.At(100).Reading("ps-1", "cover=open").Tick();
        _timeline.Look();
        _timeline.At(200).Reading("ps-1", "cover=closed", eventTime: 20).Tick();
        Assert.Equal(["01:20 ps-1 cover_open Normal Critical amended_by_late_data", "01:50 ps-1 cover_open ActiveUnacknowledged Critical raised"], _timeline.Look());
    }

    [Fact]
    public void A_life_alarm_of_the_last_day_pages_though_it_is_over()
    {
        Late(300, 200, 240, "command.1=true run.1=true");
        _timeline.Look();
        Late(301, 100, 140, "command.1=true run.1=false");
        Assert.Equal(
            ["02:00 ps-1 not_started/1 ActiveUnacknowledged High raised", "03:20 ps-1 not_started/1 LatchedUnacknowledged High cleared"],
            _timeline.Look().Where(line => line.Contains("not_started", StringComparison.Ordinal)));
        Assert.Equal(At(301), Last.AnnouncedAt);
    }

    [Fact]
    public void A_life_alarm_that_somebody_has_looked_after_since_is_history()
    {
        for (var at = 300; at <= 330; at += 10)
            _timeline.At(at).Reading("ps-1", "command.1=true run.1=false");
        _timeline.At(340).Reading("ps-1", "command.1=true run.1=true").Act("acknowledge").Act("reset");
        _timeline.Look();
        Late(350, 200, 240, "command.1=true run.1=true");
        Late(351, 100, 140, "command.1=true run.1=false");
        // It was one latched alarm all along, and that was reset.
        Assert.Equal(["05:40 ps-1 not_started/1 Normal High amended_by_late_data"], _timeline.Look().Where(line => line.Contains("not_started", StringComparison.Ordinal)));
        Assert.Equal((At(120), At(340)), (Last.RaisedAt, Last.ClearedAt));
    }

    [Fact]
    public void A_reading_beyond_the_family_s_lateness_amends_nothing()
    {
        _timeline.At(0).Reading("ps-1", "command.1=true run.1=true");
        _timeline.At(90_000).Reading("ps-1", "command.1=true run.1=true").Tick();
        _timeline.Look();
        Late(90_001, 100, 140, "command.1=true run.1=false");
        Assert.DoesNotContain(_timeline.Look(), line => line.Contains("not_started", StringComparison.Ordinal));
    }

    [Fact]
    public void An_alarm_that_was_over_days_ago_is_not_the_beginning_of_today_s()
    {
        const double Today = 3 * 86_400;
        Levels(0, 60, 2.3);
        Levels(70, 300, 1);
        Levels(Today, Today + 60, 2.3);
        Assert.Contains("00:30 ps-1 level_high ActiveUnacknowledged High raised", _timeline.Look());
        Late(Today + 65, Today + 35, Today + 35, "level=2.3");
        Assert.DoesNotContain(_timeline.Look(), line => line.Contains("level_high", StringComparison.Ordinal));
        Assert.Equal(At(Today + 30), Assert.Single(_timeline.Pipeline.OpenAlarms, alarm => alarm.Rule == "level_high").RaisedAt);
    }

    [Fact]
    public void What_was_before_a_change_of_settings_is_not_judged_by_them()
    {
        Levels(0, 60, 2.3);
        _timeline.At(70).Register(new Device { Id = "ps-1", Family = "pump", Gateway = "gw", Settings = new Dictionary<string, string> { ["high"] = "4" } });
        _timeline.Look();
        Late(75, 5, 25, "level=2.4");
        Assert.Empty(_timeline.Look());
    }

    [Fact]
    public void Buffered_data_is_judged_by_its_own_times_ThingsBoard_8191_and_6773()
    {
        _timeline.TicksTo(3600);
        _timeline.Look();
        for (var at = 0; at <= 400; at += 10)
            _timeline.Reading("ps-1", FormattableString.Invariant($"level={(at is >= 100 and <= 200 ? 2.3 : 1)}"), eventTime: at);
        _timeline.Tick();
        Assert.Equal(
            ["02:10 ps-1 level_high ActiveUnacknowledged High raised", "05:30 ps-1 level_high ClearedUnacknowledged High cleared"],
            _timeline.Look().Where(line => line.Contains("level_high", StringComparison.Ordinal)));
        Assert.Equal((At(130), At(3600)), (Last.RaisedAt, Last.RaisedReceivedAt));
    }

    [Fact]
    public void Readings_out_of_order_have_one_meaning_Kapacitor_1058()
    {
        var permuted = new Permuted(Families.Pump, new Device { Id = "ps-1", Family = "pump", Gateway = "gw" });
        for (var at = 0; at <= 200; at += 10)
            permuted.Add("ps-1", at, null, new ChannelValue("level", ValueKind.Number, at is >= 50 and < 100 ? 2.3 : 1, null, Quality.Good));
        // Each pair the wrong way round, a few seconds apart.
        permuted.AssertSame(300, [.. Enumerable.Range(0, 21).Select(i => (i % 2 == 0 ? i + 1 : i - 1) * 10 + 3)]);
    }

    [Fact]
    public void Two_hours_down_and_eight_hours_forward_are_no_storm()
    {
        for (var at = 0; at <= 60; at += 10)
        {
            _timeline.TicksTo(at);
            Fleet(2);
        }
        _timeline.At(60 + 7200).Add(new ServiceStartedEntry("test"));
        for (var at = 7260; at <= 7330; at += 10)
        {
            _timeline.TicksTo(at);
            Fleet(2);
        }
        _timeline.At(7331 + 28_800).Add(new ClockStepEntry(28_800_000));
        for (var at = 7331 + 28_800; at <= 7331 + 28_870; at += 10)
        {
            _timeline.TicksTo(at);
            Fleet(2);
        }
        Assert.Equal(["clock_step", "clock_step"], _timeline.Transitions.Select(transition => transition.Alarm.Rule));

        void Fleet(double level)
        {
            for (var device = 1; device <= 20; device++)
                _timeline.Reading($"ps-{device}", FormattableString.Invariant($"level={level} cover=closed"));
        }
    }

    [Fact]
    public void What_is_read_again_takes_no_work_order_from_other_devices()
    {
        using var timeline = new Timeline(Families.PumpInPlaces);
        timeline.Add(new CalendarEntry(new CalendarItem("W-1", CalendarKind.WorkOrder, "entry", CalendarScope.City, null, At(95), At(500), "Li", null), cancelled: false));
        for (var at = 0; at <= 90; at += 10)
            timeline.At(at).Reading("ps-1", "level=1.5").Reading("ps-2", "level=1.5");
        timeline.At(95).Reading("ps-1", "level=1.4", eventTime: 55).Tick();
        Assert.Equal(["01:35 ps-1 working ActiveUnacknowledged Low raised", "01:35 ps-2 working ActiveUnacknowledged Low raised"], timeline.Look().Where(line => line.Contains("working", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_backlog_newest_first_is_looked_at_once_a_tick()
    {
        var log = new List<LogEntry>(_timeline.Log);
        var asked = 0;
        var history = Timeline.History(log);
        var pipeline = new RulePipeline((long)TimeSpan.FromDays(7).TotalMilliseconds, (device, from, to) =>
        {
            // What was before its beginning is asked for by itself.
            asked += to == long.MaxValue ? 1 : 0;
            return history(device, from, to);
        });
        using var entries = new Subject<LogEntry>();
        using var running = pipeline.Run(entries).Subscribe(_ => { });
        foreach (var entry in log)
            entries.OnNext(entry);
        for (var tick = 0; tick < 3; tick++)
        {
            for (var i = 0; i < 100; i++)
                Take(new ReadingEntry(new Reading { Gateway = "gw", Family = "pump", Device = "ps-1", SentTime = At(9000 - (tick * 1000) - (i * 10)), EventTime = At(9000 - (tick * 1000) - (i * 10)), Values = [new("level", ValueKind.Number, 1, null, Quality.Good)] }));
            Take(new TickEntry());
        }
        Assert.Equal(3, asked);

        void Take(LogEntry entry)
        {
            (entry.Position, entry.Time) = (log.Count + 1, At(10_000));
            log.Add(entry);
            entries.OnNext(entry);
        }
    }

    /// <summary>Promise 5: a rerun is no reading. Pump 2 has said nothing since 0:24.</summary>
    [Fact]
    public void What_is_past_its_hold_is_not_ended_by_a_rerun()
    {
        using var timeline = new Timeline(Families.PumpOverTime);
        timeline.TicksTo(16).Reading("ps-1", "level=1.8").TicksTo(24).Reading("ps-1", "command.2=true run.2=false").TicksTo(39).Reading("ps-1", "level=1.8")
            .TicksTo(447).Reading("ps-1", "cover=closed").TicksTo(475).Reading("ps-1", "command.1=true run.1=true").Reading("ps-1", "level=3.5").TicksTo(480);
        Assert.DoesNotContain(timeline.Look(), line => line.Contains("not_started/2", StringComparison.Ordinal) && !line.EndsWith("raised", StringComparison.Ordinal));
    }
}
