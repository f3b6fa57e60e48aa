using CsCheck;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Tests.Pipeline;

namespace Telemetry.Rules.Tests.Alarms;

/// <summary>What an operator had to bear: domain.md's table, by hand-counted examples.</summary>
public sealed class LoadTests
{
    private readonly LoadScript _script = new();

    [Fact]
    public void A_flood_begins_with_the_eleventh_alarm_in_ten_minutes_and_ends_when_fewer_than_five_are_left()
    {
        _script.At(0);
        for (var i = 0; i < 10; i++)
            _script.At(i * 30).Raise($"d{i}");
        Assert.Null(_script.City().Flood);
        _script.At(300).Raise("d10");
        Assert.Equal(new Flood(LoadScript.Zero + 300_000, null, 11), _script.City().Flood);
        // At 779 s those from 180 to 300 s are left, at 780 s the one of 180 s is ten minutes old.
        Assert.Equal((5, false), (_script.At(779).City().Last10Minutes, _script.City().Flood is null));
        Assert.Equal((4, true), (_script.At(780).City().Last10Minutes, _script.City().Flood is null));
        var figures = _script.At(1000).City();
        Assert.Equal((1, 11, 480_000), (figures.Floods, figures.FloodPeak, figures.FloodTime));
        Assert.Equal(0.48, figures.FloodShare!.Value, 9);
    }

    [Fact]
    public void Windows_of_ten_minutes_the_last_ten_minutes_and_the_last_day_are_counted()
    {
        _script.At(0);
        for (var i = 0; i < 11; i++)
            _script.At(600 + i).Raise($"d{i}");
        _script.At(3000).Raise("late");
        var figures = _script.City();
        Assert.Equal((1, 12), (figures.Last10Minutes, figures.LastDay));
        // Windows from 0 to 3,600 s; one of six has more than ten.
        Assert.Equal(1.0 / 6, figures.WindowsOver10!.Value, 9);
        Assert.Equal(1, _script.At(86_400 + 1800).City().LastDay);
        Assert.Equal(12, _script.City().Alarms);
        Assert.Equal(0, _script.City(days: 1).Alarms);
        Assert.Equal(0, _script.At(40 * 86_400).City().Alarms);
    }

    [Fact]
    public void The_last_day_stands_window_by_window_with_its_severities_also_after_a_restart()
    {
        _script.At(0).Raise("a", severity: Severity.Critical).Raise("b");
        _script.At(1300).Raise("c", severity: Severity.Low, district: "Xihu");
        LoadWindow[] expected = [new(LoadScript.Zero, 1, 1, 0, 0), new(LoadScript.Zero + 600_000, 0, 0, 0, 0), new(LoadScript.Zero + 1_200_000, 0, 0, 0, 1)];
        Assert.Equal(expected, _script.Ledger.Windows(LoadOf.Position, "city"));
        Assert.Equal(expected, _script.Restart().Ledger.Windows(LoadOf.Position, "city"));
        Assert.Equal([0, 0, 1], _script.Ledger.Windows(LoadOf.District, "Xihu").Select(window => window.All));
        Assert.Empty(_script.Ledger.Windows(LoadOf.Position, "nowhere"));
        // A day later the first window has left.
        var day = _script.At(86_400).Ledger.Windows(LoadOf.Position, "city");
        Assert.Equal((144, 1, LoadScript.Zero + 600_000), (day.Count, day.Sum(window => window.All), day[0].Begin));
    }

    [Fact]
    public void A_minute_has_the_last_hour_and_the_last_day_by_severity()
    {
        _script.At(0).Raise("a", severity: Severity.Critical).Raise("b").Raise("c", severity: Severity.Low);
        _script.At(4000).Raise("b", severity: Severity.Medium, to: AlarmState.ActiveUnacknowledged).Raise("ticket", kind: AlarmKind.Ticket);
        var minute = Assert.Single(_script.Ledger.Minute(_script.Open));
        // 4,000 s is in the window from 3,600 s; the hour begins with that from 600 s.
        Assert.Equal((1, 1, 4), (minute.Last10Minutes, minute.LastHour, minute.LastDay));
        Assert.Equal((1, 1, 1, 1), (minute.Critical, minute.High, minute.Medium, minute.Low));
        Assert.Equal((4, 0, 0, "city"), (minute.Standing, minute.Stale, minute.Shelved, minute.Position));
        Assert.Equal(1, minute.TopTenShare);
        // The first three are a day old, the fourth is not.
        minute = _script.At(86_400 + 600).Ledger.Minute(_script.Open)[0];
        Assert.Equal((1, 0, 0, 1, 0), (minute.LastDay, minute.Critical, minute.High, minute.Medium, minute.Low));
        Assert.Equal((4, 3), (minute.Standing, minute.Stale));
        Assert.Equal(0, _script.At(3 * 86_400).Ledger.Minute([])[0].Medium);
    }

    [Fact]
    public void A_flood_counts_for_the_minutes_of_the_last_day_that_it_lasted()
    {
        _script.At(0);
        for (var i = 0; i < 11; i++)
            _script.At(i * 10).Raise($"d{i}");
        Assert.True(_script.At(160).Ledger.Minute(_script.Open)[0].Flood);
        Assert.Equal(60_000, _script.Ledger.Minute(_script.Open)[0].FloodTime);
        Assert.False(_script.At(2000).Ledger.Minute(_script.Open)[0].Flood);
        // From the eleventh at 100 s to 660 s, when four are left.
        Assert.Equal(560_000, _script.Ledger.Minute(_script.Open)[0].FloodTime);
        Assert.Equal(100_000, _script.At(86_400 + 560).Ledger.Minute(_script.Open)[0].FloodTime);
    }

    [Fact]
    public void Each_position_has_a_minute_of_its_own_districts()
    {
        var script = new LoadScript([new LoadPosition("north", ["N"]), new LoadPosition("south", ["S"])]).At(0);
        script.Raise("a", district: "N").Raise("b", district: "S").Raise("c", district: "S").Raise("d");
        Assert.Equal(["north 1", "south 2", "unassigned 1"], script.Ledger.Minute(script.Open).Select(minute => $"{minute.Position} {minute.Standing}"));
        Assert.Equal([1, 2, 1], script.Restart([new LoadPosition("north", ["N"]), new LoadPosition("south", ["S"])]).Ledger.Minute(script.Open).Select(minute => minute.High));
    }

    [Fact]
    public void Only_what_calls_an_operator_counts()
    {
        _script.At(0).Raise("ticket", kind: AlarmKind.Ticket).Raise("event", kind: AlarmKind.Event, to: AlarmState.Normal)
            .Raise("shelved", to: AlarmState.Shelved).Raise("suppressed", to: AlarmState.Suppressed).Raise("out", to: AlarmState.OutOfService);
        Assert.Equal(0, _script.City().Last10Minutes);
        _script.Raise("d").Then("d", AlarmState.ActiveUnacknowledged, "commented").Then("d", AlarmState.ActiveUnacknowledged, "re_sounded").Then("d", AlarmState.ActiveUnacknowledged, "descended");
        Assert.Equal(1, _script.City().Last10Minutes);
        _script.Then("d", AlarmState.ActiveUnacknowledged, "climbed");
        _script.Then("suppressed", AlarmState.ActiveUnacknowledged, "cause_over");
        _script.Acknowledge("d").Then("d", AlarmState.LatchedAcknowledged, "cleared").Then("d", AlarmState.ActiveUnacknowledged, "recurred");
        Assert.Equal(4, _script.City().Last10Minutes);
        Assert.Equal((2, 1), (_script.City().Standing, _script.City().Shelved.Count));
    }

    [Fact]
    public void Tests_drills_and_what_late_data_enters_as_history_call_nobody_and_a_rule_that_lifts_another_does()
    {
        _script.At(0).Raise("d").Then("d", AlarmState.ActiveUnacknowledged, "escalated");
        Assert.Equal(2, _script.City().Last10Minutes);
        _script.Then("d", AlarmState.Shelved, "shelved").Then("d", AlarmState.ActiveUnacknowledged, "shelve_expired", alarm => alarm with { Mode = "drill" });
        _script.Then("d", AlarmState.ClearedUnacknowledged, "cleared").Then("d", AlarmState.LatchedUnacknowledged, "amended_by_late_data", alarm => alarm with { Mode = null, Retrospective = true });
        Assert.Equal(2, _script.City().Last10Minutes);
    }

    [Fact]
    public void What_stands_in_a_test_or_a_drill_is_not_among_what_stands()
    {
        _script.At(0).Raise("real").Raise("tried").Then("tried", AlarmState.ActiveUnacknowledged, "re_sounded", alarm => alarm with { Mode = "test", Chattering = true })
            .Raise("away").Then("away", AlarmState.Shelved, "shelved", alarm => alarm with { Mode = "drill" });
        Assert.Equal((1, 0), (_script.City().Standing, _script.City().Shelved.Count));
        Assert.Equal((1, 0, 0), _script.Ledger.Minute(_script.Open)[0] is var minute ? (minute.Standing, minute.Chattering, minute.Shelved) : default);
    }

    [Fact]
    public void False_alarms_count_against_their_rule_with_the_reasons()
    {
        _script.At(0).Raise("a").Raise("b").Raise("c");
        foreach (var (device, reason) in new[] { ("a", "a cat"), ("b", "a cat"), ("c", "") })
            _script.Then(device, AlarmState.ActiveUnacknowledged, "false_alarm", alarm => alarm with { FalseAlarm = reason });
        var tally = Assert.Single(_script.Ledger.Month(2026, 11));
        Assert.Equal((3, "a cat 2, no reason 1"), (tally.FalseAlarms, string.Join(", ", tally.Reasons.Select(reason => $"{reason.Key} {reason.Value}"))));
        Assert.Empty(_script.Ledger.Month(2026, 10));
    }

    [Fact]
    public void Priorities_and_the_ten_most_frequent_alarms()
    {
        _script.At(0);
        for (var i = 0; i < 20; i++)
            _script.At(i * 100).Raise($"d{i:00}", severity: i < 16 ? Severity.Low : i < 19 ? Severity.High : Severity.Critical);
        for (var i = 0; i < 5; i++)
            _script.At(3000 + (i * 100)).Raise("d19", "other");
        var figures = _script.City();
        Assert.Equal((1, 8, 16, 25), (figures.Critical, figures.High, figures.MediumAndLow, figures.Alarms));
        Assert.Equal(new LoadCount("d19 other", 5), figures.TopAlarms[0]);
        Assert.Equal(14.0 / 25, figures.TopTenShare!.Value, 9);
        Assert.Equal([new LoadCount("pump/level_high", 20), new LoadCount("pump/other", 5)], figures.TopRules);
    }

    [Fact]
    public void Three_occurrences_in_a_minute_chatter_and_the_on_delay_that_would_have_removed_them_is_proposed()
    {
        _script.At(0).Raise("d").At(12).Clear("d").At(25).Raise("d").At(40).Clear("d").At(59).Raise("d").At(70).Clear("d");
        _script.At(75).Raise("d").At(80).Clear("d");
        // The first two were over before the third came and nobody could know.
        Assert.Equal((1, 2), (_script.City().Chattering, _script.City().Fleeting));
        var tally = Assert.Single(_script.Ledger.Month(2026, 11));
        // The longest stood for 15 s; 10 s on-delay and 20 s off-delay: its condition held for 5 s.
        Assert.Equal((4, 1, 6000L), (tally.Alarms, tally.Chattering, tally.ProposedOnDelay));
        // Quiet for more than a minute: the next three are chattering again.
        foreach (var at in new[] { 200, 210, 220 })
            _script.At(at).Raise("d").At(at + 5).Clear("d");
        Assert.Equal(2, _script.City().Chattering);
    }

    [Fact]
    public void Three_occurrences_in_more_than_a_minute_do_not_chatter()
    {
        _script.At(0).Raise("d").At(25).Raise("d").At(61).Raise("d").At(100).Raise("d").At(140).Raise("d");
        Assert.Equal(0, _script.City().Chattering);
    }

    [Fact]
    public void An_alarm_that_goes_in_seconds_is_fleeting_unless_someone_has_seen_it()
    {
        _script.At(0).Raise("a").At(30).Clear("a").At(100).Raise("b").At(105).Acknowledge("b").At(110).Clear("b").At(200).Raise("c").At(231).Clear("c");
        Assert.Equal(1, _script.City().Fleeting);
        // 30 s with 10 s on and 20 s off: the condition held for 20 s, so 21 s of on-delay would have been enough.
        Assert.Equal(21_000, Assert.Single(_script.Ledger.Month(2026, 11)).ProposedOnDelay);
    }

    [Fact]
    public void Acknowledging_in_time_late_and_never()
    {
        _script.At(0).Raise("in time").At(300).Acknowledge("in time").At(400).Raise("late").At(701).Acknowledge("late");
        _script.At(800).Raise("never");
        Assert.Equal(1, Assert.Single(_script.Ledger.Month(2026, 11)).AcknowledgedLate);
        _script.At(1101);
        Assert.Equal(2, Assert.Single(_script.Ledger.Month(2026, 11)).AcknowledgedLate);
        _script.At(1200).Then("never", AlarmState.Normal, "rule_removed");
        Assert.Equal(2, Assert.Single(_script.Ledger.Month(2026, 11)).AcknowledgedLate);
        _script.At(1300).Raise("shelved").At(1310).Then("shelved", AlarmState.Shelved, "shelved").At(3000);
        Assert.Equal(2, Assert.Single(_script.Ledger.Month(2026, 11)).AcknowledgedLate);
        Assert.Equal((2, 1, 1), (_script.City().Acknowledge.Count, _script.City().Ended, _script.City().WithoutAction));
    }

    [Fact]
    public void Median_and_95th_percentile_are_within_6_percent()
    {
        _script.At(0);
        for (var i = 1; i <= 100; i++)
            _script.At(i * 1000).Raise($"d{i}").At((i * 1000) + i).Acknowledge($"d{i}").At((i * 1000) + (3 * i)).Clear($"d{i}");
        var (acknowledge, clear) = (_script.City().Acknowledge, _script.City().Clear);
        Assert.Equal((100, 100), (acknowledge.Count, clear.Count));
        Assert.InRange(acknowledge.Median!.Value, 50_000 * 0.94, 50_000 * 1.06);
        Assert.InRange(acknowledge.Percentile95!.Value, 95_000 * 0.94, 95_000 * 1.06);
        Assert.InRange(clear.Median!.Value, 150_000 * 0.94, 150_000 * 1.06);
    }

    [Fact]
    public void What_stands_for_more_than_a_day_is_stale()
    {
        _script.At(0).Raise("old").At(1).Raise("new").At(86_401);
        Assert.Equal((2, 1), (_script.City().Standing, _script.City().Stale));
    }

    [Fact]
    public void Each_position_has_the_load_of_its_districts_and_what_nobody_hears_is_unassigned()
    {
        IReadOnlyList<LoadPosition> positions = [new("north", ["Donghu", "Xihu"]), new("south", ["Xihu"])];
        var script = new LoadScript(positions).At(0).Raise("a", district: "Donghu").Raise("b", district: "Xihu").Raise("c", district: "Honggutan").Raise("d");
        var figures = script.Ledger.Figures(31, script.Open);
        Assert.Equal(
            [("north", 2), ("south", 1), ("unassigned", 2), ("Donghu", 1), ("Honggutan", 1), ("Xihu", 1), ("_", 1)],
            figures.Select(scope => (scope.Name, scope.Standing)));
        Assert.Equal(figures.Select(scope => scope.Standing), figures.Select(scope => scope.Last10Minutes));
        // North hears something else now: it begins anew and says so; south goes on.
        script.At(100).Restart([new("north", ["Donghu"]), new("south", ["Xihu"])]).At(101);
        Assert.Equal([("north", 0), ("south", 1), ("unassigned", 0)], script.Ledger.Figures(31, script.Open).Take(3).Select(scope => (scope.Name, scope.Last10Minutes)));
        Assert.Equal([LoadScript.Zero + 101_000, LoadScript.Zero], script.Ledger.Figures(31, script.Open).Take(2).Select(scope => scope.Since));
    }

    [Fact]
    public void Twenty_thousand_alarms_in_ten_seconds_are_one_flood_and_every_one_is_counted()
    {
        using var timeline = new Timeline(Pipeline.Families.Pump);
        var ledger = new LoadLedger();
        for (var second = 0; second < 10; second++)
        {
            timeline.At(second);
            for (var device = 0; device < 2000; device++)
                timeline.Reading($"ps-{second}-{device}", "cover=open");
        }
        timeline.At(10).TicksTo(25);
        foreach (var transition in timeline.Transitions)
            ledger.Apply(transition, null);
        ledger.Advance(Timeline.Zero + 25_000);
        var figures = ledger.Figures(31, timeline.Pipeline.OpenAlarms)[0];
        Assert.Equal((20_000, 20_000, 20_000, 20_000), (figures.Last10Minutes, figures.Alarms, figures.Critical, figures.Standing));
        Assert.Equal((1, 20_000, 20_000), (figures.Floods, figures.Flood!.Value.Peak, Assert.Single(figures.TopRules).Count));
        // One that calls often stands out of the storm, although the storm was more than can be told apart.
        foreach (var transition in timeline.Transitions.Take(1).SelectMany(first => Enumerable.Repeat(first, 30)))
            ledger.Apply(transition, null);
        Assert.Equal(timeline.Transitions[0].Alarm.Device + " cover_open", ledger.Figures(31, [])[0].TopAlarms[0].Name);
    }

    private static readonly Gen<(int Wait, int Device, int Action)> Step = Gen.Select(Gen.Frequency((6, Gen.Int[0, 40]), (1, Gen.Int[0, 3000]), (1, Gen.Int[0, 200_000])), Gen.Int[0, 4], Gen.Int[0, 6]);

    [Fact]
    public void A_restart_anywhere_gives_the_same_figures() =>
        Gen.Select(Step.Array[10, 120], Gen.Int[0, 119]).Repeatably().Sample(
            (steps, cut) =>
            {
                var (whole, cutOff) = (new LoadScript().At(0), new LoadScript().At(0));
                var now = 0.0;
                for (var i = 0; i < steps.Length; i++)
                {
                    now += steps[i].Wait;
                    Act(whole.At(now), steps[i]);
                    Act(cutOff.At(now), steps[i]);
                    if (i == cut % steps.Length)
                        cutOff.Restart();
                }
                Assert.Equal(whole.All(), cutOff.All());
            },
            iter: 300);

    private static void Act(LoadScript script, (int Wait, int Device, int Action) step)
    {
        var device = $"d{step.Device}";
        var state = script.Open.LastOrDefault(alarm => alarm.Device == device)?.State;
        if (state is null)
            script.Raise(device, district: step.Device == 0 ? null : $"district {step.Device % 2}", severity: (Severity)(step.Action % 4));
        else if (step.Action < 3 && state == AlarmState.ActiveUnacknowledged)
            script.Acknowledge(device);
        else if (step.Action is 3 or 4 && state is AlarmState.ActiveUnacknowledged or AlarmState.ActiveAcknowledged)
            script.Clear(device);
        else if (step.Action == 5)
            script.Then(device, AlarmState.ActiveUnacknowledged, "climbed");
        else
            script.Then(device, AlarmState.Normal, "recurred").Raise(device);
    }
}
