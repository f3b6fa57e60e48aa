namespace Telemetry.Ingest.Notify.Delivery;

/// <summary>What one attempt came to.</summary>
public enum Verdict : byte
{
    Sent,

    /// <summary>Perhaps later: what the channel said has nothing to do with this message. So many in a row, and the channel is dead.</summary>
    Later,

    /// <summary>Never by this channel: it works, and will not take this message.</summary>
    Refused,
}

/// <summary>A value between the channels and the policy: no channel throws for what a network or a provider does.</summary>
/// <param name="Result">
/// The one name for it in history, log and metrics: sent, timed_out, unreachable, busy, failed, denied, bad_answer, refused, unknown_recipient.
/// </param>
/// <param name="Detail">A status or a code; never a number or an address of a person.</param>
/// <param name="RetryAfter">What the receiver asked for; null where it said nothing.</param>
public sealed record Outcome(Verdict Verdict, string Result, string? Detail = null, TimeSpan? RetryAfter = null)
{
    public static readonly Outcome Sent = new(Verdict.Sent, "sent");

    public static readonly Outcome TimedOut = new(Verdict.Later, "timed_out");

    /// <summary>The person has left the file, or has no browser.</summary>
    public static readonly Outcome UnknownRecipient = new(Verdict.Refused, "unknown_recipient");

    public static Outcome Unreachable(string detail) => new(Verdict.Later, "unreachable", detail);

    public static Outcome Busy(string detail, TimeSpan? retryAfter = null) => new(Verdict.Later, "busy", detail, retryAfter);

    public static Outcome Failed(string detail) => new(Verdict.Later, "failed", detail);

    public static Outcome Denied(string detail) => new(Verdict.Later, "denied", detail);

    public static Outcome BadAnswer(string detail) => new(Verdict.Later, "bad_answer", detail);

    public static Outcome Refused(string detail) => new(Verdict.Refused, "refused", detail);
}
