using Telemetry.Rules.Families;

namespace Telemetry.Rules.Tests.Families;

public sealed class ToiletTimelines() : FamilyTimeline("public_toilet")
{
    internal static IReadOnlyList<Rung> Rungs { get; } =
    [
        new("sos", "Critical", "sos_active.1=false", "sos_active.1=true", 0, "sos_active.1=false") { Latched = true },
        new("long_stay", "event", "stall_occupied.1=false", "stall_occupied.1=true", 900) { Every = 300 },
        new("overstay", "ticket", "stall_occupied.1=false stall_motion.1=false", "stall_occupied.1=true stall_motion.1=false", 1800, "stall_occupied.1=false stall_motion.1=false") { Settings = "open_hours=00:00-24:00", Every = 300 },
        new("overstay", "Medium", "stall_occupied.1=false stall_motion.1=false", "stall_occupied.1=true stall_motion.1=false", 1800, "stall_occupied.1=false stall_motion.1=false") { Settings = "open_hours=06:00-22:00", Every = 300 },
        new("ammonia_high", "ticket", "ammonia=1.44", "ammonia=1.45", 300, "ammonia=1", 600) { Keeps = "ammonia=1.01" },
        new("ammonia_high", "ticket", "ammonia=0.43", "ammonia=0.44", 300, "ammonia=0.3", 600) { Settings = "ammonia_limit=0.43", Keeps = "ammonia=0.302" },
        new("ammonia_high", "ticket", "ammonia=4.31", "ammonia=4.32", 300, "ammonia=3", 600) { Settings = "ammonia_limit=4.31", Keeps = "ammonia=3.02" },
        new("ammonia_high", "Low", "ammonia=4.32", "ammonia=4.33", 300, "ammonia=3.88", 600) { Keeps = "ammonia=3.89", Over = "ammonia=50.1!uncertain", Before = "ticket", Settle = 310 },
        new("h2s_high", "ticket", "hydrogen_sulfide=0.1", "hydrogen_sulfide=0.11", 300, "hydrogen_sulfide=0.069", 600) { Keeps = "hydrogen_sulfide=0.071", Over = "hydrogen_sulfide=10.1!uncertain" },
        new("h2s_danger", "High", "hydrogen_sulfide=7", "hydrogen_sulfide=7.1", 60, "hydrogen_sulfide=6", 300) { Keeps = "hydrogen_sulfide=6.1", Over = "hydrogen_sulfide=10.1!uncertain" },
    ];

    public static TheoryData<string> RungNames => Rung.Names(Rungs);

    [Theory]
    [MemberData(nameof(RungNames))]
    public void Limit_deadband_and_delays_of(string rung) => Rung.Run(Family, Rungs, rung);

    [Theory]
    [InlineData("sos_active.1=false", "ticket: sos")]
    [InlineData("ammonia=1", "ticket: ammonia_high")]
    [InlineData("hydrogen_sulfide=0.01", "ticket: h2s_danger")]
    [InlineData("soap_level=50 stall_occupied.1=false", "")]
    public void A_lost_channel_is(string values, string told) => Assert.Equal(told, Blind(values));

    [Fact]
    [Shows("sos")]
    public void A_button_that_is_released_still_calls_until_someone_has_been_there()
    {
        At(0, "sos_active.1=true");
        At(3, "sos_active.1=false");
        Timeline.TicksTo(3600);
        Assert.Equal(["00:00 sos/1 ActiveUnacknowledged Critical raised", "00:03 sos/1 LatchedUnacknowledged Critical cleared"], Told("sos"));
        Timeline.Act("acknowledge", "sos").Act("reset", "sos");
        Assert.Equal(["LatchedAcknowledged", "Normal"], Told("sos").Select(line => line.Split(' ')[2]));
    }

    [Fact]
    [Shows("sos_misused")]
    public void A_button_pressed_three_times_in_a_week_is_looked_at_and_one_pressed_three_times_in_eight_days_is_not()
    {
        const int Day = 86400;
        foreach (var at in new[] { 0, 3 * Day, (7 * Day) + 1 })
            Press(at);
        Assert.Empty(Told("sos_misused"));
        Press((9 * Day) + 3600);
        Assert.Equal(["00:00 sos_misused/1 ActiveUnacknowledged Low raised"], Told("sos_misused"));

        void Press(int at)
        {
            At(at, "sos_active.1=true");
            At(at + 10, "sos_active.1=false");
        }
    }

    [Fact]
    [Shows("overstay", "long_stay")]
    public void Someone_who_moves_in_a_stall_for_three_quarters_of_an_hour_is_looked_for()
    {
        Of("open_hours=00:00-24:00");
        Every(0, 2699, 60, _ => "stall_occupied.1=true stall_motion.1=true");
        Assert.Empty(Told("overstay"));
        Every(2700, 2760, 60, _ => "stall_occupied.1=true stall_motion.1=true");
        Assert.Equal(["45:00 overstay/1 ActiveUnacknowledged Low raised"], Told("overstay"));
    }

    [Fact]
    [Shows("overstay")]
    public void Someone_who_moved_after_ten_minutes_is_looked_for_half_an_hour_later()
    {
        Of("open_hours=00:00-24:00");
        Every(0, 600, 60, _ => "stall_occupied.1=true stall_motion.1=true");
        Every(660, 2459, 60, _ => "stall_occupied.1=true stall_motion.1=false");
        Timeline.TicksTo(2459);
        Assert.Empty(Told("overstay"));
        Timeline.TicksTo(2461);
        Assert.Equal(["41:00 overstay/1 ActiveUnacknowledged Low raised"], Told("overstay"));
    }

    [Fact]
    [Shows("overstay", "long_stay")]
    public void Two_visitors_one_after_the_other_are_not_one_long_stay()
    {
        Every(0, 1800, 60, at => "stall_occupied.1=" + (at == 840 ? "false" : "true") + " stall_motion.1=false");
        Assert.Equal(["30:00 long_stay/1 Normal Low raised"], [.. Told("long_stay"), .. Told("overstay")]);
    }

    [Fact]
    [Shows("overstay")]
    public void A_stall_that_nobody_has_opened_ten_minutes_after_the_attendant_was_told_is_the_operator_s()
    {
        Of("open_hours=00:00-24:00");
        Every(0, 2100, 300, _ => "stall_occupied.1=true stall_motion.1=false");
        Timeline.TicksTo(2399);
        Assert.Equal(["30:00 overstay/1 ActiveUnacknowledged Low raised"], Told("overstay"));
        Timeline.TicksTo(2401);
        Assert.Equal(["40:00 overstay/1 ActiveUnacknowledged High climbed"], Told("overstay"));
        At(2460, "stall_occupied.1=false stall_motion.1=false");
        Assert.Equal(["41:00 overstay/1 ClearedUnacknowledged High cleared"], Told("overstay"));
    }

    [Fact]
    [Shows("overstay")]
    public void A_stall_that_is_still_occupied_when_the_toilet_closes_is_an_alarm_from_then_on()
    {
        // It is 22:13:20 in Nanchang at 0:00, so that it closes at 31:40.
        Of("open_hours=06:00-22:45");
        Every(0, 1800, 300, _ => "stall_occupied.1=true stall_motion.1=false");
        Timeline.TicksTo(1899);
        Assert.Equal(["30:00 overstay/1 ActiveUnacknowledged Low raised"], Told("overstay"));
        Timeline.TicksTo(1901);
        Assert.Equal(["31:40 overstay/1 ActiveUnacknowledged Medium climbed"], Told("overstay"));
    }

    [Theory]
    [Shows("water_leak")]
    [InlineData(0.005, "false", "06:00-22:00", null)]
    [InlineData(0.0051, "false", "06:00-22:00", "ticket")]
    [InlineData(0.25, "false", "06:00-22:00", "ticket")]
    [InlineData(0.251, "false", "06:00-22:00", "Medium")]
    [InlineData(0.25, "true", "06:00-22:00", null)]
    [InlineData(0.25, "false", "00:00-24:00", null)]
    public void Water_that_runs_while_the_toilet_is_closed_and_empty_is_a_leak(double inAQuarter, string occupied, string hours, string? told)
    {
        Of($"open_hours={hours}");
        Every(0, 3600, 900, at => Number("water_volume", 100 + (inAQuarter * at / 900)) + $" stall_occupied.1={occupied} stall_occupied.2=false");
        var last = Timeline.Transitions.LastOrDefault(transition => transition.Alarm.Rule == "water_leak")?.Alarm;
        Assert.Equal(told, last?.Kind == AlarmKind.Ticket ? "ticket" : last?.Severity.ToString());
    }

    [Fact]
    [Shows("water_leak")]
    public void A_leak_is_over_when_an_hour_has_passed_without_or_the_toilet_opens()
    {
        Of("open_hours=06:00-22:00");
        Every(0, 900, 900, at => Number("water_volume", 100 + (at / 9000)) + " stall_occupied.1=false");
        Assert.Equal(["15:00 water_leak ActiveUnacknowledged Low raised"], Told("water_leak"));
        Every(1800, 4500, 900, _ => "water_volume=100.1 stall_occupied.1=false");
        Assert.Equal(["15:00 water_leak ClearedUnacknowledged Low cleared"], Told("water_leak"));
    }

    [Fact]
    [Shows("ammonia_high")]
    public void Cleaning_that_lifts_ammonia_for_ten_minutes_is_a_ticket_at_most()
    {
        Every(0, 600, 60, _ => "ammonia=0.5");
        Every(660, 1200, 60, _ => "ammonia=3");
        Every(1260, 1800, 60, _ => "ammonia=0.5");
        Assert.All(Timeline.Transitions, transition => Assert.Equal(AlarmKind.Ticket, transition.Alarm.Kind));
        Assert.Equal(["16:00 ammonia_high ActiveUnacknowledged Low raised"], Told("ammonia_high"));
    }

    [Fact]
    [Shows("h2s_danger", "h2s_high")]
    public void A_sensor_that_warms_up_is_no_septic_gas()
    {
        // The decoder makes its sentinels bad.
        Every(0, 600, 60, _ => "hydrogen_sulfide=65.535!bad");
        Assert.Equal(["00:10 unknown ActiveUnacknowledged Low raised"], Timeline.Look().Select(line => line.Replace(" d ", " ", StringComparison.Ordinal)));
    }

    [Fact]
    [Shows("offline")]
    public void A_toilet_is_visited_after_half_an_hour() => Silence("ammonia=0", 1800, "ticket");

    [Fact]
    [Shows("offline")]
    public void A_panel_for_help_is_called_after_ten_minutes()
    {
        Of(model: "sos_panel");
        Silence("sos_active.1=false", 600, "Medium");
    }
}
