using CsCheck;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Ingest.Notify.Escalation;
using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.Tests.Notify.Delivery;

/// <summary>The policy alone, without a clock: what becomes of a message whatever its channels do.</summary>
public class RetryPolicyTests
{
    private const long Start = 1_732_440_000_000;

    private static readonly Gen<Outcome> Outcomes = Files.AnyOf(
        Outcome.Sent, Outcome.TimedOut, Outcome.Failed("http 500"), Outcome.Busy("http 429", TimeSpan.FromSeconds(7)), Outcome.Busy("http 503", TimeSpan.FromMinutes(30)), Outcome.Refused("http 400"), Outcome.Denied("http 401"));

    [Fact]
    public void A_call_falls_through_within_20_s_however_long_its_attempts_take() => Gen.Select(Gen.Long[0, 8_000], Gen.Int[0, 1000]).Repeatably().Sample((takes, key) =>
    {
        var delivery = RetryPolicy.Taken(Letters.Delivery(MessageKind.Call, "voice", "sms") with { Message = Letters.Message(key) }, Start);
        var now = Start;
        while (delivery.Channel == "voice")
        {
            var began = Math.Max(now, delivery.NextAt);
            now = began + Math.Min(takes, RetryPolicy.Timeout(delivery, began));
            delivery = RetryPolicy.After(delivery, Outcome.TimedOut, now);
            Assert.True(now <= Start + 20_000, $"an attempt ends {now - Start} ms after the first began");
        }
        Assert.Equal(DeliveryState.Open, delivery.State);
        Assert.True(delivery.NextAt <= Start + 20_000);
        Assert.True(delivery.Attempts >= 2);
    });

    [Theory]
    [InlineData(MessageKind.Call, 20_000)]
    [InlineData(MessageKind.Notice, 60_000)]
    public void A_mail_server_has_time_to_look_at_a_mail_before_it_is_sent_again(MessageKind kind, long time) =>
        Assert.Equal(time, RetryPolicy.Timeout(RetryPolicy.Taken(Letters.Delivery(kind, "mail", "sms"), Start), Start));

    [Fact]
    public void Whatever_happens_a_message_is_sent_refused_everywhere_or_given_up_after_its_time() =>
        Gen.Select(Files.AnyOf(Enum.GetValues<MessageKind>()), Gen.Int[1, 3], Outcomes.Array[0, 60], Gen.Int[0, 1000]).Repeatably().Sample((kind, ways, outcomes, key) =>
        {
            var delivery = RetryPolicy.Taken(Letters.Delivery(kind, [.. new[] { "voice", "sms", "mail" }.Take(ways)]) with { Message = Letters.Message(key, kind) }, Start);
            var (now, attempts, life) = (Start, 0, RetryLimits.Of(kind).Life);
            var refused = 0;
            while (delivery.State == DeliveryState.Open)
            {
                Assert.True(now <= Start + life, "tried after its time");
                var outcome = attempts < outcomes.Length ? outcomes[attempts] : Outcome.TimedOut;
                var after = RetryPolicy.After(delivery, outcome, now);
                refused += outcome.Verdict == Verdict.Refused ? 1 : 0;
                Assert.Equal(++attempts, after.Attempts);
                Assert.InRange(after.Way, 0, after.Ways.Count - 1);
                if (outcome.Verdict == Verdict.Sent)
                    Assert.Equal(DeliveryState.Sent, after.State);
                if (after.State == DeliveryState.Failed)
                    Assert.True(refused == ways || after.NextAt > Start + life, "given up early");
                // Never a loop without a wait: another channel at once, the same one later.
                Assert.True(after.State != DeliveryState.Open || after.NextAt > now || after.Channel != delivery.Channel || after.Ways.Count < delivery.Ways.Count);
                (delivery, now) = (after, Math.Max(now, after.NextAt));
                Assert.True(attempts < 5000);
            }
        });

    [Fact]
    public void Waits_double_up_to_the_longest_less_a_quarter_and_are_those_of_the_key() => Gen.Select(Gen.Int[1, 60], Gen.Int[0, 10_000]).Repeatably().Sample((failures, number) =>
    {
        var key = $"key-{number}";
        var whole = Math.Min(1_000L << Math.Min(failures - 1, 20), 10_000);
        var wait = RetryPolicy.Wait(1_000, 10_000, failures, key);
        Assert.InRange(wait, whole * 3 / 4, whole);
        Assert.Equal(wait, RetryPolicy.Wait(1_000, 10_000, failures, key));
    });

    [Fact]
    public void What_one_channel_refuses_goes_by_the_others_and_ends_with_the_last()
    {
        var delivery = RetryPolicy.Taken(Letters.Delivery(MessageKind.Notice, "sms", "mail"), Start);
        delivery = RetryPolicy.After(delivery, Outcome.Refused("http 400"), Start + 10);
        Assert.Equal(("mail", DeliveryState.Open, Start + 10), (delivery.Channel, delivery.State, delivery.NextAt));
        Assert.Equal(DeliveryState.Failed, RetryPolicy.After(delivery, Outcome.Refused("smtp 550"), Start + 20).State);
    }

    [Fact]
    public void A_dead_channel_is_passed_by_at_once_and_waited_for_where_it_is_the_only_one()
    {
        var delivery = RetryPolicy.Taken(Letters.Delivery(MessageKind.Call, "voice", "sms"), Start);
        Assert.Equal(("sms", Start + 5), (RetryPolicy.Blocked(delivery, Start + 5, Start + 30_000) is var next ? next.Channel : "", next.NextAt));
        var alone = RetryPolicy.Taken(Letters.Delivery(MessageKind.Call, "sms"), Start);
        Assert.Equal(Start + 30_000, RetryPolicy.Blocked(alone, Start + 5, Start + 30_000).NextAt);
    }

    [Fact]
    public void The_receiver_is_left_alone_as_long_as_it_asks()
    {
        var delivery = RetryPolicy.Taken(Letters.Delivery(MessageKind.Notice, "sms"), Start);
        Assert.True(RetryPolicy.After(delivery, Outcome.Busy("http 429", TimeSpan.FromMinutes(10)), Start).NextAt >= Start + 600_000);
    }

    [Fact]
    public void A_channel_dies_of_five_failures_in_a_row_is_tried_by_one_message_and_lives_again()
    {
        var circuit = new Circuit();
        for (var failure = 1; failure <= 4; failure++)
            Assert.False(circuit.Took(Outcome.TimedOut, Start));
        // It answered: whatever it said, it works.
        circuit.Took(Outcome.Refused("http 400"), Start);
        for (var failure = 1; failure <= 4; failure++)
            Assert.False(circuit.Took(Outcome.TimedOut, Start));
        Assert.True(circuit.Took(Outcome.Failed("http 500"), Start));
        Assert.Equal("failed, http 500", circuit.Reason);
        // Under way when it died.
        Assert.False(circuit.Took(Outcome.TimedOut, Start + 5_000));
        Assert.False(circuit.Enter(Start + 29_999));
        Assert.True(circuit.Enter(Start + 30_000));
        Assert.False(circuit.Enter(Start + 30_001));
        circuit.Took(Outcome.TimedOut, Start + 38_000);
        Assert.False(circuit.Enter(Start + 97_999));
        Assert.True(circuit.Enter(Start + 98_000));
        Assert.True(circuit.Took(Outcome.Sent, Start + 98_100));
        Assert.Null(circuit.DeadSince);
        Assert.True(circuit.Enter(Start + 98_100) && circuit.Enter(Start + 98_100));
    }

    [Fact]
    public void A_call_that_was_kept_back_and_for_which_nobody_has_to_go_any_more_is_past()
    {
        var delivery = Letters.Delivery(MessageKind.Call, "voice");
        var alarm = delivery.Message.Places[0].Alarm with { State = AlarmState.ActiveUnacknowledged };
        var late = delivery.Message.Due + 60_000;
        Assert.False(RetryPolicy.IsPast(delivery, late, _ => alarm));
        Assert.False(RetryPolicy.IsPast(delivery, late, _ => null));
        Assert.False(RetryPolicy.IsPast(delivery, delivery.Message.Due, _ => alarm with { AcceptedBy = "李娜" }));
        Assert.True(RetryPolicy.IsPast(delivery, late, _ => alarm with { AcceptedBy = "李娜" }));
        Assert.True(RetryPolicy.IsPast(delivery, late, _ => alarm with { State = AlarmState.Normal }));
        Assert.True(RetryPolicy.IsPast(delivery, late, _ => alarm with { State = AlarmState.Shelved }));
        // Over, and nobody has looked.
        Assert.False(RetryPolicy.IsPast(delivery, late, _ => alarm with { State = AlarmState.ClearedUnacknowledged }));
        Assert.False(RetryPolicy.IsPast(delivery with { Receiver = "webhook" }, late, _ => alarm with { State = AlarmState.Normal }));
        Assert.False(RetryPolicy.IsPast(Letters.Delivery(MessageKind.Digest, "mail"), late, _ => alarm with { State = AlarmState.Normal }));
        // One of several for which somebody has to go.
        var two = delivery with { Message = delivery.Message with { Places = [.. delivery.Message.Places, .. Letters.Message(2).Places] } };
        Assert.False(RetryPolicy.IsPast(two, late, id => id == alarm.Id ? alarm with { AcceptedBy = "李娜" } : alarm));
    }

    [Fact]
    public void A_dead_channel_is_tried_by_another_message_where_the_first_was_not_attempted()
    {
        var circuit = new Circuit();
        circuit.Restore(Start, "timed_out");
        Assert.True(circuit.Enter(Start));
        Assert.False(circuit.Enter(Start));
        circuit.Left();
        Assert.True(circuit.Enter(Start));
    }

    [Fact]
    public void Somebody_whom_no_file_knows_says_nothing_about_the_channel()
    {
        var circuit = new Circuit();
        for (var failure = 1; failure <= 5; failure++)
            circuit.Took(Outcome.TimedOut, Start);
        Assert.False(circuit.Took(Outcome.UnknownRecipient, Start));
        Assert.NotNull(circuit.DeadSince);
    }
}
