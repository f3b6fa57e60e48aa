using CsCheck;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Tests.Pipeline;

/// <summary>Promise 4: readings in any order between the same ticks give, after the last one, the same alarms at the same times.</summary>
public class PermutationTests
{
    private const int Seconds = 300;

    private static readonly Gen<(int Kind, int Device, int Value, double At, int Late)> Sent =
        Gen.Select(Gen.Int[0, 5], Gen.Int[1, 2], Gen.Int[0, 40], Gen.Int[0, Seconds * 4].Select(quarter => quarter / 4.0), Gen.Int[0, Seconds]);

    /// <summary>Few times, so that many readings share one.</summary>
    private static readonly Gen<(int Kind, int Device, int Value, double At, int Late)> Together =
        Gen.Select(Gen.Int[0, 5], Gen.Int[1, 2], Gen.Int[0, 40], Gen.Int[0, Seconds / 30].Select(half => half * 30.0), Gen.Int[0, Seconds]);

    [Fact]
    public void Readings_in_any_order_give_the_same_alarms() =>
        Sent.Array[1, 40].Sample(sent => Of(sent).AssertSame(Seconds, [.. sent.OrderBy(one => one.At).Select(ReceivedAt)]), iter: 200);

    [Fact]
    public void Readings_of_one_time_in_any_order_give_the_same_alarms() =>
        Together.Array[1, 30].Sample(sent => Of(sent).AssertSame(Seconds, [.. sent.OrderBy(one => one.At).Select(ReceivedAt)]), iter: 200);

    [Fact]
    public void A_backlog_newest_first_gives_the_same_alarms() =>
        Sent.Array[1, 60].Sample(sent => Of(sent).AssertSame(Seconds, [.. Enumerable.Range(0, sent.Length).Select(place => Seconds - place)]), iter: 50);

    private static int ReceivedAt((int Kind, int Device, int Value, double At, int Late) sent) => (int)Math.Ceiling(sent.At) + sent.Late;

    private static Permuted Of((int Kind, int Device, int Value, double At, int Late)[] sent)
    {
        var permuted = new Permuted(
            Families.PumpOverTime,
            new Device { Id = "ps-1", Family = "pump", Gateway = "gw", Links = new Dictionary<string, string> { ["other"] = "ps-2" } });
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
