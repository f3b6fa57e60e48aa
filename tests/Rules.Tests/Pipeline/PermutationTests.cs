using CsCheck;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Tests.Pipeline;

/// <summary>Promise 4: readings in any order between the same ticks give, after the last one, the same alarms at the same times.</summary>
public class PermutationTests
{
    private const int Seconds = 300;

    /// <summary>15 logs; 20,000 with TELEMETRY_LONG=1.</summary>
    private static readonly int LongDays = Environment.GetEnvironmentVariable("TELEMETRY_LONG") is { Length: > 0 } ? 20_000 : 15;

    private static readonly Gen<(int Kind, int Device, int Value, double At, int Late)> Sent =
        Gen.Select(Gen.Int[0, 5], Gen.Int[1, 2], Gen.Int[0, 40], Gen.Int[0, Seconds * 4].Select(quarter => quarter / 4.0), Gen.Int[0, Seconds]);

    /// <summary>Few times, so that many readings share one.</summary>
    private static readonly Gen<(int Kind, int Device, int Value, double At, int Late)> Together =
        Gen.Select(Gen.Int[0, 5], Gen.Int[1, 2], Gen.Int[0, 40], Gen.Int[0, Seconds / 30].Select(half => half * 30.0), Gen.Int[0, Seconds]);

    private static readonly Gen<(int Kind, int Device, int Value, double At, int Late)> OfADay =
        Gen.Select(Gen.Int[0, 5], Gen.Int[1, 2], Gen.Int[0, 40], Gen.Int[0, 3000 * 4].Select(quarter => quarter / 4.0), Gen.Int[0, 300]);

    /// <summary>So many within ten seconds that values beyond what the level can have done wait for each other.</summary>
    private static readonly Gen<(int Kind, int Device, int Value, double At, int Late)> Close =
        Gen.Select(Gen.Int[0, 5], Gen.Int[1, 2], Gen.Int[0, 40], Gen.Int[0, 60 * 4].Select(quarter => quarter / 4.0), Gen.Int[0, 60]);

    /// <summary>300 logs; 20,000 with TELEMETRY_LONG=1.</summary>
    [Fact]
    public void Jumps_in_any_order_give_the_same_alarms() =>
        Gen.Select(Close.Array[1, 40], Gen.Int[1, 20], Gen.Bool).Repeatably().Sample(
            (sent, rate, beside) => Of(sent, Families.WithMaxRate(beside ? Families.PumpBeside : Families.PumpOverTime, $"{rate} m/min"), beside ? "P-1" : null)
                .AssertSame(70, [.. sent.OrderBy(one => one.At).Select(ReceivedAt)], anchorsApart: 1 + (sent[0].Value / 4)),
            iter: Math.Max(LongDays, 300));

    [Fact]
    public void Readings_in_any_order_give_the_same_alarms() =>
        Sent.Array[1, 40].Repeatably().Sample(sent => Of(sent).AssertSame(Seconds, [.. sent.OrderBy(one => one.At).Select(ReceivedAt)]), iter: 200);

    [Fact]
    public void Readings_of_one_time_in_any_order_give_the_same_alarms() =>
        Together.Array[1, 30].Repeatably().Sample(sent => Of(sent).AssertSame(Seconds, [.. sent.OrderBy(one => one.At).Select(ReceivedAt)]), iter: 200);

    [Fact]
    public void A_backlog_newest_first_gives_the_same_alarms() =>
        Sent.Array[1, 60].Repeatably().Sample(sent => Of(sent).AssertSame(Seconds, [.. Enumerable.Range(0, sent.Length).Select(place => Seconds - place)]), iter: 50);

    /// <summary>So long that a late reading is judged from a beginning of its own, not from the first reading; anchors are some few readings apart.</summary>
    [Fact]
    public void Late_readings_of_a_long_day_give_the_same_alarms() =>
        OfADay.Array[100, 200].Repeatably().Sample(
            sent => Of(sent).AssertSame(3000, [.. sent.OrderBy(one => one.At).Select(ReceivedAt)], anchorsApart: 1 + sent[0].Value), iter: LongDays);

    [Fact]
    public void What_changes_by_itself_sees_no_linked_value_of_later() =>
        AssertSame((1, 1, 31, 149.75, 222), (4, 2, 14, 249, 165), (0, 2, 15, 67.75, 169), (1, 2, 21, 137.25, 62), (1, 2, 3, 76, 97));

    [Fact]
    public void Two_alarms_that_late_data_joins_are_one() =>
        AssertSame((3, 2, 9, 125.75, 292), (2, 1, 26, 117, 21), (3, 2, 0, 75.5, 138), (0, 2, 23, 145.75, 177), (4, 2, 35, 0.25, 41), (1, 1, 11, 295.25, 298), (0, 2, 3, 39.5, 75));

    [Fact]
    public void An_alarm_that_has_ended_stands_again_where_another_one_stands() =>
        AssertSame((1, 1, 0, 132.75, 77), (0, 1, 9, 59.5, 283), (0, 2, 0, 166.25, 9), (1, 2, 19, 245.25, 139), (4, 1, 23, 95.75, 27), (1, 1, 5, 268, 100), (5, 2, 17, 71, 288), (2, 1, 6, 189.25, 203), (4, 1, 24, 159.75, 83));

    /// <summary>Between the jump and the value that refutes it, those who link the device still look at the jump.</summary>
    [Fact]
    public void A_jump_that_is_refuted_is_seen_by_link_until_then()
    {
        (int Kind, int Device, int Value, double At, int Late)[] sent =
            [(1, 2, 20, 45.25, 46), (1, 2, 26, 12, 39), (0, 2, 8, 39.5, 44), (5, 2, 27, 50.75, 26), (0, 2, 22, 16, 40), (0, 2, 10, 0, 44), (3, 1, 22, 3.5, 16), (5, 2, 18, 31, 54)];
        Of(sent, Families.WithMaxRate(Families.PumpOverTime, "2 m/min")).AssertSame(70, [.. sent.OrderBy(one => one.At).Select(ReceivedAt)]);
    }

    /// <summary>A jump counts, and the next reading of its device is bad: the neighbour must have seen it count.</summary>
    [Fact]
    public void What_a_jump_was_is_told_to_the_neighbour_before_the_next_reading()
    {
        (int Kind, int Device, int Value, double At, int Late)[] sent =
            [(5, 1, 26, 15, 12), (2, 2, 39, 3, 22), (3, 1, 32, 30.5, 57), (5, 1, 35, 9.5, 12), (3, 1, 29, 12.75, 58), (4, 1, 4, 27, 30), (0, 2, 2, 32.75, 48), (0, 1, 14, 16, 51), (1, 1, 37, 12.25, 54), (5, 2, 37, 48.25, 16)];
        Of(sent, Families.WithMaxRate(Families.PumpBeside, "1 m/min"), "P-1").AssertSame(70, [.. sent.OrderBy(one => one.At).Select(ReceivedAt)], anchorsApart: 7);
    }

    private static void AssertSame(params (int Kind, int Device, int Value, double At, int Late)[] sent) =>
        Of(sent).AssertSame(Seconds, [.. sent.OrderBy(one => one.At).Select(ReceivedAt)]);

    private static int ReceivedAt((int Kind, int Device, int Value, double At, int Late) sent) => (int)Math.Ceiling(sent.At) + sent.Late;

    private static Permuted Of((int Kind, int Device, int Value, double At, int Late)[] sent, string? family = null, string? parent = null)
    {
        var linking = new Device { Id = "ps-1", Family = "pump", Gateway = "gw", Parent = parent, Links = new Dictionary<string, string> { ["other"] = "ps-2" } };
        var permuted = parent is null
            ? new Permuted(family ?? Families.PumpOverTime, linking)
            : new Permuted(family!, linking, new Device { Id = "ps-2", Family = "pump", Gateway = "gw", Parent = parent });
        var sequence = 0;
        foreach (var (kind, device, value, at, _) in sent.OrderBy(one => one.At))
            permuted.Add($"ps-{device}", at, ++sequence, Values(kind, value));
        return permuted;
    }

    private static ChannelValue[] Values(int kind, int value) => kind switch
    {
        0 or 1 => [new("level", ValueKind.Number, value / 10.0, null, Quality.Good)],
        2 => [new($"command.{1 + (value % 2)}", ValueKind.Boolean, 1, null, Quality.Good), new($"run.{1 + (value % 2)}", ValueKind.Boolean, value % 3 == 0 ? 1 : 0, null, Quality.Good)],
        3 => [new("cover", ValueKind.State, 0, value % 2 == 0 ? "open" : "closed", Quality.Good)],
        4 => [new("level", ValueKind.Number, 0, null, value % 2 == 0 ? Quality.Bad : Quality.Stale)],
        _ => [new("temperature", ValueKind.Number, 30 + value, null, Quality.Good)],
    };
}
