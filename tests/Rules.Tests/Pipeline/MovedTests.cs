using Telemetry.Rules.Alarms;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Tests.Pipeline;

/// <summary>The register says that a device is elsewhere while its alarms stand: whoever answers for that place has them from then on.</summary>
public sealed class MovedTests : IDisposable
{
    private readonly Timeline _timeline = new(Families.Pump.ReplaceLineEndings("\n").Replace("heartbeat: 24s", "heartbeat: 1h", StringComparison.Ordinal));

    public void Dispose() => _timeline.Dispose();

    private static Device Station(string? district, string? street = null, string state = "live") => new() { Id = "ps-1", Family = "pump", Gateway = "gw", District = district, Street = street, State = state };

    private Alarm Alarm => _timeline.Transitions[^1].Alarm;

    [Fact]
    public void A_standing_alarm_goes_with_its_device_and_stays_what_it_is()
    {
        _timeline.At(0).Register(Station("A", "S1")).Reading("ps-1", "cover=open").TicksTo(12);
        var before = Alarm;
        Assert.Equal(("A", "S1"), (before.District, before.Street));
        _timeline.Register(Station("B", "S2")).TicksTo(14);
        Assert.Equal(before with { District = "B", Street = "S2", Transitions = 2, Position = Alarm.Position }, Alarm);
        Assert.Equal((AlarmState.ActiveUnacknowledged, AlarmState.ActiveUnacknowledged, "moved"), (_timeline.Transitions[^1].From, _timeline.Transitions[^1].To, _timeline.Transitions[^1].Cause));
        Assert.Equal(["B"], _timeline.Pipeline.OpenAlarms.Select(alarm => alarm.District));
        // Only where it is has changed.
        _timeline.Register(Station("B", "S2") with { Address = "Gate 3" }).TicksTo(15);
        Assert.Equal(2, _timeline.Transitions.Count);
        _timeline.Reading("ps-1", "cover=closed").TicksTo(200);
        Assert.Equal(("B", "cleared"), (Alarm.District, _timeline.Transitions[^1].Cause));
    }

    [Fact]
    public void That_nobody_has_come_in_time_goes_with_the_alarm()
    {
        _timeline.At(0).Register(Station("A")).Reading("ps-1", "cover=open").TicksTo(12).Act("accept").TicksTo(700);
        Assert.Equal(["A", "A"], _timeline.Pipeline.OpenAlarms.Select(alarm => alarm.District));
        _timeline.Register(Station("B"));
        Assert.Equal(["cover_open B", "response_overdue B"], _timeline.Pipeline.OpenAlarms.Select(alarm => $"{alarm.Rule} {alarm.District}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_real_alarm_that_comes_into_a_district_ends_the_drill_there()
    {
        var exercised = Station("B", state: "drill") with { Id = "ps-2", StateUntil = Iso.Time(Timeline.Zero + 3_600_000), StateReason = "exercise" };
        _timeline.At(0).Register(exercised).Reading("ps-1", "cover=open").TicksTo(12);
        Assert.Equal("drill", _timeline.Pipeline.Fleet.Find("ps-2")!.Device.State);
        _timeline.Register(Station("B"));
        Assert.Equal("live", _timeline.Pipeline.Fleet.Find("ps-2")!.Device.State);
        Assert.Contains(_timeline.Transitions, transition => transition.Alarm.Rule == "drill_ended");
    }

    [Fact]
    public void What_a_device_raised_before_anybody_said_where_it_is_comes_into_its_district()
    {
        _timeline.At(0).Tick().Reading("ps-1", "cover=open").TicksTo(12);
        Assert.Null(Alarm.District);
        _timeline.Register(Station("A")).TicksTo(13);
        Assert.Equal("A", Alarm.District);
    }

    [Fact]
    public void One_that_ends_with_its_device_is_not_moved_before()
    {
        _timeline.At(0).Register(Station("A")).Reading("ps-1", "cover=open").TicksTo(12).Register(Station("B", state: "commissioning"));
        Assert.Equal(["raised", "commissioning"], _timeline.Transitions.Select(transition => transition.Cause));
    }
}
