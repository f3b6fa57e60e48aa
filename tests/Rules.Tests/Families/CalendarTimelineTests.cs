using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Tests.Pipeline;

namespace Telemetry.Rules.Tests.Families;

/// <summary>The shipped rules that ask for work orders, forecasts and opening hours. Second 0 is 22:13:20 in the city.</summary>
public sealed class CalendarTimelineTests : IDisposable
{
    private const int Hour = 3600;

    private Timeline _timeline = null!;
    private string _family = "";

    public void Dispose() => _timeline?.Dispose();

    private void Of(string family, params (string Setting, string Value)[] settings)
    {
        _family = family;
        _timeline = new Timeline(FamilySet.ShippedFiles().Single(file => file.File == family + ".yaml").Text);
        _timeline.At(0).Register(new Device
        {
            Id = "d", Family = family, Gateway = "gw", District = "East", Street = "Willow Road", Parent = "P", Settings = settings.ToDictionary(setting => setting.Setting, setting => setting.Value),
        });
    }

    private void At(double seconds, string values) => _timeline.At(seconds).Reading("d", values, family: _family);

    private void Every(double from, double to, double every, string values)
    {
        for (var at = from; at <= to; at += every)
            At(at, values);
    }

    private void WorkOrder(string name, double from, double to, CalendarScope scope = CalendarScope.Device, string? place = "d", bool cancelled = false) =>
        Enter(CalendarKind.WorkOrder, name, from, to, scope, place, cancelled);

    private void Enter(CalendarKind kind, string? name, double from, double to, CalendarScope scope, string? place, bool cancelled = false) =>
        _timeline.Add(new CalendarEntry(new CalendarItem("W-1", kind, name, scope, place, Ms(from), Ms(to), "Li", null), cancelled));

    private static long Ms(double seconds) => Timeline.Zero + (long)(seconds * 1000);

    private string[] Told(string rule) => [.. _timeline.Look().Where(line => line.Split(' ')[2].Split('/')[0] == rule).Select(line => line.Replace(" d ", " ", StringComparison.Ordinal))];

    [Fact]
    public void Bad_air_is_an_alarm_only_while_somebody_is_down_there()
    {
        Of("manhole_cover");
        At(0, "methane_lel=12 oxygen=20.9");
        WorkOrder("entry", 60, 600);
        _timeline.TicksTo(59);
        Assert.Empty(Told("entry_gas"));
        // Nothing was reported since: the order itself makes it one, when it begins.
        _timeline.TicksTo(61);
        Assert.Equal(["01:00 entry_gas ActiveUnacknowledged Critical raised"], Told("entry_gas"));
        _timeline.TicksTo(1000);
        Assert.Equal(["15:00 entry_gas LatchedUnacknowledged Critical cleared"], Told("entry_gas"));
    }

    [Theory]
    [InlineData("cover", CalendarScope.Device, "d", false)]
    [InlineData("entry", CalendarScope.Device, "other", false)]
    [InlineData("entry", CalendarScope.Parent, "P", true)]
    [InlineData("entry", CalendarScope.Street, "Willow Road", true)]
    [InlineData("entry", CalendarScope.District, "East", true)]
    [InlineData("entry", CalendarScope.District, "West", false)]
    [InlineData("entry", CalendarScope.Gateway, "gw", true)]
    [InlineData("entry", CalendarScope.Family, "manhole_cover", true)]
    [InlineData("entry", CalendarScope.City, null, true)]
    public void A_work_order_is_of_a_kind_and_for_a_place(string name, CalendarScope scope, string? place, bool raised)
    {
        Of("manhole_cover");
        WorkOrder(name, 0, 600, scope, place);
        At(10, "oxygen=19.4");
        Assert.Equal(raised ? 1 : 0, Told("entry_gas").Length);
    }

    [Theory]
    [InlineData(59.999, false)]
    [InlineData(60, true)]
    [InlineData(119.999, true)]
    [InlineData(120, false)]
    public void A_work_order_holds_from_its_begin_and_not_at_its_end(double at, bool raised)
    {
        Of("manhole_cover");
        WorkOrder("entry", 60, 120);
        At(at, "oxygen=19.4");
        Assert.Equal(raised ? 1 : 0, Told("entry_gas").Length);
    }

    [Fact]
    public void A_reading_that_comes_late_is_judged_by_the_work_order_of_its_time()
    {
        Of("manhole_cover");
        WorkOrder("entry", 60, 120);
        _timeline.TicksTo(300).Reading("d", "oxygen=19.4", 100, family: _family);
        Assert.Equal("01:40 entry_gas ActiveUnacknowledged Critical raised", Told("entry_gas")[0]);
    }

    [Fact]
    public void A_cancelled_work_order_is_over()
    {
        Of("manhole_cover");
        WorkOrder("entry", 0, 600);
        At(10, "oxygen=19.4");
        _timeline.TicksTo(30);
        WorkOrder("entry", 0, 600, cancelled: true);
        _timeline.TicksTo(400);
        Assert.Equal(["00:10 entry_gas ActiveUnacknowledged Critical raised", "05:30 entry_gas LatchedUnacknowledged Critical cleared"], Told("entry_gas"));
        Assert.Equal(Ms(30), Assert.Single(_timeline.Pipeline.Fleet.Calendar.All).To);
    }

    [Fact]
    public void A_work_order_that_is_moved_holds_where_it_is_now()
    {
        Of("manhole_cover");
        WorkOrder("entry", 0, 600);
        WorkOrder("entry", 300, 600);
        At(10, "oxygen=19.4");
        Assert.Empty(Told("entry_gas"));
        At(300, "oxygen=19.4");
        Assert.Single(Told("entry_gas"));
    }

    [Fact]
    public void Water_that_rises_while_people_are_below_calls_them_out()
    {
        Of("manhole_cover");
        WorkOrder("entry", 0, 600);
        for (var at = 0; at <= 240; at += 30)
            At(at, FormattableString.Invariant($"well_water_level={0.5 + (at * 0.06 / 60)}"));
        Assert.Equal(["01:30 entry_level ActiveUnacknowledged Critical raised"], Told("entry_level"));
    }

    [Fact]
    public void An_opening_under_a_work_order_is_an_event_and_one_without_is_none()
    {
        Of("manhole_cover");
        At(0, "cover_state=open");
        Assert.Empty(Told("planned_opening"));
        WorkOrder("cover", 0, 600);
        _timeline.TicksTo(1);
        Assert.Equal(["00:00 planned_opening Normal Low raised"], Told("planned_opening"));
    }

    [Fact]
    public void An_odour_is_no_ticket_while_the_crew_is_there()
    {
        Of("manhole_cover");
        WorkOrder("entry", 0, 1200);
        Every(0, 1800, 60, "hydrogen_sulfide=8");
        _timeline.TicksTo(1810);
        // Ten minutes from the end of the order, not from the first smell.
        Assert.Equal(["30:00 h2s_odour ActiveUnacknowledged Low raised"], Told("h2s_odour"));
    }

    [Fact]
    public void Air_that_traffic_may_breathe_is_bad_for_a_crew_inside()
    {
        Of("tunnel");
        Every(0, 300, 10, "carbon_monoxide=21 nitrogen_dioxide=0.1 extinction_coefficient=0.001");
        Assert.Empty(Told("maintenance_air"));
        WorkOrder("inside", 300, 4 * Hour, CalendarScope.Parent, "P");
        Every(310, 500, 10, "carbon_monoxide=21 nitrogen_dioxide=0.1 extinction_coefficient=0.001");
        Assert.Equal(["07:00 maintenance_air ActiveUnacknowledged Critical raised"], Told("maintenance_air"));
    }

    [Fact]
    public void A_pump_out_of_automatic_is_an_alarm_unless_someone_works_on_it_and_graver_before_rain()
    {
        Of("drainage_pump");
        WorkOrder("pump", 0, 600);
        Every(0, 2460, 10, "control_mode.1=manual sump_level=1");
        Assert.Equal(["40:00 not_in_auto/1 ActiveUnacknowledged Medium raised"], Told("not_in_auto"));
        _timeline.Add(new CalendarEntry(new CalendarItem("F-1", CalendarKind.RainForecast, null, CalendarScope.City, null, Ms(2500), Ms(6000), "weather service", null)));
        Every(2470, 2510, 10, "control_mode.1=manual sump_level=1");
        Assert.Equal(["41:40 not_in_auto/1 ActiveUnacknowledged High climbed"], Told("not_in_auto"));
    }

    [Fact]
    public void Water_that_runs_at_night_is_a_leak()
    {
        // Closes at 22:20, 400 s from now.
        Of("public_toilet", ("open_hours", "06:00-22:20"));
        At(0, "water_volume=100 stall_occupied.1=false");
        At(300, "water_volume=100.03");
        _timeline.TicksTo(399);
        Assert.Empty(Told("water_leak"));
        _timeline.TicksTo(401);
        Assert.Equal(["06:40 water_leak ActiveUnacknowledged Low raised"], Told("water_leak"));
    }

    [Fact]
    public void A_holiday_is_closed_all_day()
    {
        Of("public_toilet", ("open_hours", "00:00-24:00"));
        At(0, "water_volume=100 stall_occupied.1=false");
        At(300, "water_volume=100.03");
        Enter(CalendarKind.Holiday, null, 330, 4000, CalendarScope.Family, "public_toilet");
        _timeline.TicksTo(400);
        Assert.Equal(["05:30 water_leak ActiveUnacknowledged Low raised"], Told("water_leak"));
    }

    [Theory]
    [InlineData("00:00-24:00", "Low")]
    [InlineData("06:00-22:00", "Medium")]
    public void Someone_who_does_not_move_is_a_duty_operators_when_the_attendant_has_gone_home(string hours, string severity)
    {
        Of("public_toilet", ("open_hours", hours));
        Every(0, 1860, 60, "stall_occupied.1=true stall_motion.1=false");
        Assert.Equal([$"30:00 overstay/1 ActiveUnacknowledged {severity} raised"], Told("overstay"));
    }

    [Fact]
    public void What_is_long_over_is_forgotten()
    {
        Of("manhole_cover");
        WorkOrder("entry", 0, 60);
        _timeline.At(60 + (24 * Hour) - 1).Tick();
        Assert.Single(_timeline.Pipeline.Fleet.Calendar.All);
        _timeline.At(60 + (24 * Hour)).Tick();
        Assert.Empty(_timeline.Pipeline.Fleet.Calendar.All);
    }
}
