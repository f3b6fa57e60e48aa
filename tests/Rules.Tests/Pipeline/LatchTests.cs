using Telemetry.Rules.Alarms;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Tests.Pipeline;

/// <summary>Latches, recurrences, instances and operators.</summary>
public sealed class LatchTests : IDisposable
{
    private readonly Timeline _timeline = new(Families.Pump);

    public void Dispose() => _timeline.Dispose();

    private void Pump(int number, double from, double to, string values)
    {
        for (var at = from; at <= to; at += 10)
            _timeline.At(at).Reading("ps-1", string.Join(' ', values.Split(' ').Select(value => value.Replace("=", $".{number}=", StringComparison.Ordinal))));
    }

    [Fact]
    public void Each_pump_has_its_own_alarm_that_stays_until_it_is_acknowledged_and_reset()
    {
        Pump(2, 0, 30, "command=true run=false");
        Pump(1, 31, 61, "command=true run=true");
        Pump(2, 70, 80, "command=true run=true");
        Assert.Equal(
            ["00:20 ps-1 not_started/2 ActiveUnacknowledged High raised", "01:10 ps-1 not_started/2 LatchedUnacknowledged High cleared"], _timeline.Look());
        _timeline.Act("reset");
        Assert.Empty(_timeline.Look());
        _timeline.Act("acknowledge").Act("reset");
        Assert.Equal(["01:20 ps-1 not_started/2 LatchedAcknowledged High acknowledged", "01:20 ps-1 not_started/2 Normal High reset"], _timeline.Look());
    }

    [Fact]
    public void A_latched_alarm_that_comes_back_keeps_its_id_and_is_no_longer_cleared()
    {
        Pump(1, 0, 30, "command=true run=false");
        Pump(1, 40, 40, "command=true run=true");
        var cleared = _timeline.Transitions[^1].Alarm;
        Assert.NotNull(cleared.ClearedAt);
        Pump(1, 50, 80, "command=true run=false");
        var back = _timeline.Transitions[^1];
        Assert.Equal((cleared.Id, AlarmState.ActiveUnacknowledged, "recurred", null), (back.Alarm.Id, back.To, back.Cause, back.Alarm.ClearedAt));
    }

    [Fact]
    public void A_cleared_alarm_that_comes_back_is_a_new_occurrence_and_the_old_one_ends()
    {
        _timeline.At(0).Reading("ps-1", "cover=open").TicksTo(12).Reading("ps-1", "cover=closed").TicksTo(80);
        var first = _timeline.Transitions[^1].Alarm;
        _timeline.Look();
        _timeline.At(90).Reading("ps-1", "cover=open").TicksTo(101);
        Assert.Equal(["01:40 ps-1 cover_open Normal Critical recurred", "01:40 ps-1 cover_open ActiveUnacknowledged Critical raised"], _timeline.Look());
        Assert.Equal((first.Id, first.ClearedAt), (_timeline.Transitions[^2].Alarm.Id, _timeline.Transitions[^2].Alarm.ClearedAt));
        Assert.NotEqual(first.Id, _timeline.Transitions[^1].Alarm.Id);
    }

    [Fact]
    public void Acknowledging_twice_is_one_transition()
    {
        _timeline.At(0).Reading("ps-1", "cover=open").TicksTo(12).Act("acknowledge").Act("acknowledge");
        Assert.Equal(["00:10 ps-1 cover_open ActiveUnacknowledged Critical raised", "00:12 ps-1 cover_open ActiveAcknowledged Critical acknowledged"], _timeline.Look());
    }

    [Fact]
    public void The_same_reading_again_changes_nothing_and_another_value_under_its_key_is_a_dead_letter()
    {
        _timeline.At(0).Reading("ps-1", "cover=open", sequence: 1).At(5).Reading("ps-1", "cover=open", eventTime: 0, sequence: 1);
        Assert.Equal([Operators.ValueVerdict.Drop], _timeline.Pipeline.Moment.Verdicts!);
        Assert.Empty(_timeline.Pipeline.Moment.DeadLetters);
        _timeline.At(6).Reading("ps-1", "cover=closed", eventTime: 0, sequence: 1);
        Assert.Equal("conflicting_duplicate", Assert.Single(_timeline.Pipeline.Moment.DeadLetters).Reason);
        _timeline.TicksTo(12);
        Assert.Equal(["00:10 ps-1 cover_open ActiveUnacknowledged Critical raised"], _timeline.Look());
    }

    [Fact]
    public void A_reading_older_than_the_window_is_for_the_store_alone()
    {
        _timeline.At(8 * 86_400).Reading("ps-1", "cover=open", eventTime: 0).TicksTo((8 * 86_400) + 20);
        Assert.Empty(_timeline.Look());
        _timeline.At((8 * 86_400) + 21).Reading("ps-1", "cover=open", eventTime: 1);
        Assert.Equal([Operators.ValueVerdict.LookUp], _timeline.Pipeline.Moment.Verdicts!);
    }

    [Fact]
    public void A_device_of_another_family_is_refused()
    {
        _timeline.Register(new Device { Id = "x", Family = "pump" });
        _timeline.At(1).Reading("x", "level=1", family: "gateway");
        Assert.Equal("family_mismatch", Assert.Single(_timeline.Pipeline.Moment.DeadLetters).Reason);
    }

    [Fact]
    public void A_changed_family_file_keeps_running_delays_and_latches()
    {
        Pump(1, 0, 30, "command=true run=false");
        _timeline.At(31).Reading("ps-1", "cover=open");
        var changed = Families.Pump.ReplaceLineEndings("\n").Replace("en: Cover open", "en: Manhole open", StringComparison.Ordinal);
        _timeline.At(35).Add(new FamilyEntry("pump", changed, "changed")).TicksTo(45);
        Assert.Contains("00:41 ps-1 cover_open ActiveUnacknowledged Critical raised", _timeline.Look());
        Pump(1, 50, 50, "command=true run=true");
        Assert.Equal(["00:50 ps-1 not_started/1 LatchedUnacknowledged High cleared"], _timeline.Look());
    }

    [Fact]
    public void An_alarm_whose_rule_leaves_the_family_file_ends_with_it()
    {
        _timeline.At(0).Reading("ps-1", "cover=open").TicksTo(12);
        _timeline.Look();
        var changed = Families.Pump.ReplaceLineEndings("\n");
        var (from, to) = (changed.IndexOf("  cover_open:", StringComparison.Ordinal), changed.IndexOf("  hot:", StringComparison.Ordinal));
        _timeline.At(20).Add(new FamilyEntry("pump", changed[..from] + changed[to..], "changed"));
        Assert.Equal(["00:20 ps-1 cover_open Normal Critical rule_removed"], _timeline.Look());
    }
}
