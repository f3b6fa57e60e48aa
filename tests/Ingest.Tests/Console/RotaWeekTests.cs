using Telemetry.Ingest.OperatorPage.OnDuty;
using Telemetry.Ingest.Tests.Notify;

namespace Telemetry.Ingest.Tests.Console;

/// <summary>A week of a rota as a row of days.</summary>
public sealed class RotaWeekTests
{
    private static readonly DateOnly Monday = new(2026, 11, 23);

    [Fact]
    public void A_night_shift_goes_on_into_the_next_day_and_the_day_without_one_is_a_gap()
    {
        var team = Files.Right(
            """
            people:
              wang: {name: 王伟, phone: "+8613800000001"}
              li:   {name: 李娜, phone: "+8613800000002"}
            teams:
              duty:
                title: {en: Duty crew, zh: 值班班组}
                shifts:
                  day:   {hours: 08:00-20:00, people: [wang], days: [monday]}
                  night: {hours: 20:00-08:00, people: [li], days: [monday]}
            routes:
              - to: duty
            """).Teams[0];
        var week = RotaWeek.Of(team, Monday, 7);
        Assert.Equal(7, week.Count);
        Assert.Equal([(Files.At("2026-11-23 00:00"), false, null), (Files.At("2026-11-23 08:00"), true, "wang"), (Files.At("2026-11-23 20:00"), true, "li")], week[0].Select(duty => (duty.From, duty.Begins, duty.Person)));
        Assert.Equal([(Files.At("2026-11-24 00:00"), false, "li"), (Files.At("2026-11-24 08:00"), true, null)], week[1].Select(duty => (duty.From, duty.Begins, duty.Person)));
        var gap = Assert.Single(week[2]);
        Assert.Equal((false, null), (gap.Begins, gap.Person));
    }
}
