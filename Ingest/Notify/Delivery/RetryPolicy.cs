using System.IO.Hashing;
using System.Text;
using Telemetry.Ingest.Notify.Escalation;
using Telemetry.Ingest.State;
using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.Notify.Delivery;

/// <summary>How long a kind of message is tried. Milliseconds.</summary>
/// <param name="First">Wait after the first failure; each further one doubles it.</param>
/// <param name="Longest">Wait at most.</param>
/// <param name="PerWay">On one way before the next has its turn.</param>
/// <param name="Attempt">One attempt at most.</param>
/// <param name="Life">In all; then it is given up.</param>
internal sealed record RetryLimits(long First, long Longest, long PerWay, long Attempt, long Life)
{
    // A call falls through within 20 s: two attempts of 8 s and a wait fit.
    private static readonly RetryLimits Call = new(1_000, 10_000, 20_000, 8_000, LocalTime.Hour);
    private static readonly RetryLimits Notice = new(5_000, 5 * LocalTime.Minute, 2 * LocalTime.Minute, 15_000, 6 * LocalTime.Hour);
    private static readonly RetryLimits Digest = new(30_000, 15 * LocalTime.Minute, 10 * LocalTime.Minute, 30_000, LocalTime.Day);
    // A test that comes an hour late tests something else.
    private static readonly RetryLimits Proof = new(5_000, 5 * LocalTime.Minute, 10 * LocalTime.Minute, 15_000, LocalTime.Hour);
    private static readonly RetryLimits Quiet = new(15_000, 15 * LocalTime.Minute, 10 * LocalTime.Minute, 15_000, 6 * LocalTime.Hour);

    public static RetryLimits Of(MessageKind kind) => kind switch
    {
        MessageKind.Call => Call,
        MessageKind.Notice => Notice,
        MessageKind.Digest => Digest,
        MessageKind.Proof => Proof,
        _ => Quiet,
    };
}

/// <summary>What becomes of a delivery after an attempt. Pure: the jitter comes from the message's key.</summary>
internal static class RetryPolicy
{
    /// <summary>An attempt that has less left on its way is not begun, ms.</summary>
    private const long LeastAttempt = 2_000;

    /// <summary>A mail server looks for viruses before it says that it has the mail; given up meanwhile, it would come twice. Ms.</summary>
    private const long MailAttempt = 60_000;

    /// <summary>So long after it was due a call or a notice may be past, ms. What goes at once is not looked at.</summary>
    private const long Late = 30_000;

    /// <summary>Between two rounds through all ways, ms; doubles up to the longest.</summary>
    private const long BetweenRounds = 5_000, BetweenRoundsLongest = 5 * LocalTime.Minute;

    /// <summary>A sender has it in hand: from now on its time counts.</summary>
    public static Delivery Taken(Delivery delivery, long now) => delivery with { Since = delivery.Since ?? now, Begun = delivery.Begun ?? now };

    /// <summary>
    /// It was kept back (no channel worked, the service was down), and each of its places was accepted, has ended or is covered: a call now would wake somebody for nothing. What is over and not acknowledged
    /// is told all the same: nobody may have seen it.
    /// </summary>
    /// <param name="find">An alarm as it stands; null where it is not known.</param>
    public static bool IsPast(Delivery delivery, long now, Func<string, Alarm?> find) =>
        delivery is { Receiver: OutboxDatabase.Recipient, Message: { Kind: MessageKind.Call or MessageKind.Notice, Places.Count: > 0 } message } && now - message.Due > Late
        && message.Places.All(place => place.News == PlaceNews.Stands && find(place.Alarm.Id) is { } alarm && (alarm.AcceptedBy is not null || !alarm.IsShown));

    /// <summary>How long the next attempt may take, ms.</summary>
    /// <param name="delivery">Taken.</param>
    public static long Timeout(Delivery delivery, long now)
    {
        var limits = RetryLimits.Of(delivery.Message.Kind);
        var attempt = delivery.Channel == ChannelNames.Mail ? MailAttempt : limits.Attempt;
        return delivery.Ways.Count == 1 ? attempt : Math.Clamp(delivery.Since!.Value + limits.PerWay - now, LeastAttempt, attempt);
    }

    /// <param name="delivery">Taken.</param>
    /// <param name="now">When the attempt ended.</param>
    public static Delivery After(Delivery delivery, Outcome outcome, long now)
    {
        var tried = delivery with { Tries = delivery.Tries + 1, Attempts = delivery.Attempts + 1 };
        var limits = RetryLimits.Of(delivery.Message.Kind);
        switch (outcome.Verdict)
        {
            case Verdict.Sent:
                return tried with { State = DeliveryState.Sent };
            case Verdict.Refused when tried.Ways.Count == 1:
                return tried with { State = DeliveryState.Failed };
            case Verdict.Refused:
                var left = tried.Ways.Where((_, way) => way != tried.Way).ToList();
                return tried with { Ways = left, Way = tried.Way % left.Count, Tries = 0, Since = now, NextAt = now };
        }
        var at = now + Math.Max(Wait(limits.First, limits.Longest, tried.Tries, delivery.Message.Key), (long)(outcome.RetryAfter ?? TimeSpan.Zero).TotalMilliseconds);
        if (tried.Ways.Count > 1 && at + LeastAttempt > tried.Since!.Value + limits.PerWay)
            return Next(tried, now);
        return Alive(tried with { NextAt = at }, at);
    }

    /// <summary>Its channel is dead at the moment.</summary>
    /// <param name="delivery">Taken.</param>
    /// <param name="until">When the channel is tried again, Unix ms.</param>
    public static Delivery Blocked(Delivery delivery, long now, long until) =>
        delivery.Ways.Count > 1 ? Next(delivery, now) : Alive(delivery with { NextAt = Math.Max(until, now + 1) }, now);

    /// <summary>To the next way; after the last one to the first again, later.</summary>
    private static Delivery Next(Delivery delivery, long now)
    {
        if (delivery.Way + 1 < delivery.Ways.Count)
            return delivery with { Way = delivery.Way + 1, Tries = 0, Since = now, NextAt = now };
        var round = delivery.Round + 1;
        var at = now + Wait(BetweenRounds, BetweenRoundsLongest, round, delivery.Message.Key);
        return Alive(delivery with { Way = 0, Tries = 0, Round = round, Since = at, NextAt = at }, at);
    }

    private static Delivery Alive(Delivery delivery, long next) =>
        next - delivery.Begun!.Value > RetryLimits.Of(delivery.Message.Kind).Life ? delivery with { State = DeliveryState.Failed } : delivery;

    /// <summary>Doubles with each failure, less up to a quarter, so that a storm's messages do not come back all at once.</summary>
    /// <param name="failures">From 1.</param>
    internal static long Wait(long first, long longest, int failures, string key)
    {
        var whole = Math.Min(first << Math.Min(failures - 1, 20), longest);
        var share = XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(key), failures) % 1000;
        return whole - (whole / 4 * (long)share / 1000);
    }
}
