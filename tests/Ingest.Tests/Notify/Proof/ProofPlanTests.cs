using CsCheck;
using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Notify.Proof;

namespace Telemetry.Ingest.Tests.Notify.Proof;

/// <summary>When the weekly tests are due, and how their answers are judged.</summary>
public sealed class ProofPlanTests
{
    private static readonly ProofPlan Monday = new(DayOfWeek.Monday, new TimeOnly(10, 0), "duty", 4 * LocalTime.Hour);

    [Theory]
    [InlineData("2026-11-30 10:00", "2026-11-30 10:00", "2026-11-30 10:00")]
    [InlineData("2026-11-30 09:59", "2026-11-23 10:00", null)]
    [InlineData("2026-11-30 23:59", "2026-11-30 10:00", "2026-11-30 10:00")]
    [InlineData("2026-12-01 00:00", "2026-11-30 10:00", null)]
    [InlineData("2026-12-06 12:00", "2026-11-30 10:00", null)]
    public void It_is_due_at_its_hour_of_China_and_what_was_kept_back_goes_out_on_the_same_day_only(string now, string due, string? toSend)
    {
        Assert.Equal(Files.At(due), Monday.LastDue(Files.At(now)));
        Assert.Equal(toSend is null ? null : Files.At(toSend), Monday.ToSend(Files.At(now)));
    }

    [Fact]
    public void Every_week_has_exactly_one_whatever_zone_and_holidays_say() =>
        Gen.Select(Gen.Enum<DayOfWeek>(), Gen.Int[0, 1439], Gen.Long[946_656_000_000, 4_100_000_000_000]).Repeatably().Sample((day, minute, now) =>
        {
            var plan = Monday with { Day = day, At = TimeOnly.FromTimeSpan(TimeSpan.FromMinutes(minute)) };
            var (last, next) = (plan.LastDue(now), plan.NextDue(now));
            Assert.True(last <= now && now < next);
            Assert.Equal(7 * 86_400_000L, next - last);
            Assert.Equal(last, plan.LastDue(last));
            Assert.Equal(last - (7 * 86_400_000L), plan.LastDue(last - 1));
            Assert.Equal((day, minute), (LocalTime.At(last).DayOfWeek, (int)LocalTime.At(last).TimeOfDay.TotalMinutes));
        });

    // Now is Tuesday noon; the week's test was due on Monday at 10:00.
    [Theory]
    [InlineData("", "never", null)]
    [InlineData("0-confirmed", "confirmed", null)]
    [InlineData("0", "overdue", "王伟 has not confirmed the test of 2026-11-30 10:00")]
    [InlineData("25", "waiting", null)]
    [InlineData("25 0", "waiting", "王伟 has not confirmed the test of 2026-11-30 10:00")]
    [InlineData("25 0-confirmed", "waiting", null)]
    [InlineData("25-confirmed 0", "confirmed", null)]
    [InlineData("-168-confirmed", "overdue", "the test of 2026-11-30 10:00 did not go out")]
    public void A_channel_is_judged_by_its_last_test_that_is_decided(string hoursAfterMonday, string word, string? unproven)
    {
        var due = Files.At("2026-11-30 10:00");
        var proofs = hoursAfterMonday.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text =>
        {
            var at = due + (long.Parse(text.Replace("-confirmed", "", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture) * LocalTime.Hour);
            return new ChannelProof($"{at}.sms", at, "sms", "wang", "王伟", null, "1234", at + Monday.Within, "key") { ConfirmedAt = text.EndsWith("-confirmed", StringComparison.Ordinal) ? at + 1 : null };
        }).ToList();
        var state = ProofState.Of("sms", proofs, Monday, Files.At("2026-12-01 12:00"));
        Assert.Equal((word, unproven), (state.Word, state.Unproven));
    }
}
