namespace Telemetry.Ingest.Notify.Delivery;

/// <summary>
/// Whether a channel works. After so many failures in a row it is dead: nothing waits for it any more, and after a while one message tries it again. Pure but
/// for its own memory; for one thread at a time. Times are Unix ms.
/// </summary>
internal sealed class Circuit
{
    /// <summary>In a row.</summary>
    public const int Failures = 5;

    private const long Shortest = 30_000, Longest = 5 * LocalTime.Minute;

    private int _failures;
    private long _closedFor = Shortest;
    private bool _probing;

    /// <summary>Since when; null while it works.</summary>
    public long? DeadSince { get; private set; }

    /// <summary>What it failed with last.</summary>
    public string? Reason { get; private set; }

    /// <summary>When one message may try it again.</summary>
    public long RetryAt { get; private set; }

    /// <summary>A channel that was dead when the process ended is so still: the next message tries it.</summary>
    public void Restore(long deadSince, string? reason) => (DeadSince, Reason, _failures) = (deadSince, reason, Failures);

    /// <summary>Whether a message may go by it now. Of a dead one only the message that tries it, and only one at a time.</summary>
    public bool Enter(long now)
    {
        if (DeadSince is null)
            return true;
        if (_probing || now < RetryAt)
            return false;
        return _probing = true;
    }

    /// <summary>What has entered was not attempted: another message may try it.</summary>
    public void Left() => _probing = false;

    /// <returns>True if it died, or works again.</returns>
    public bool Took(Outcome outcome, long now)
    {
        var probed = _probing;
        _probing = false;
        if (outcome == Outcome.UnknownRecipient)
            return false;
        // It will not take this message, and said so: it works.
        if (outcome.Verdict != Verdict.Later)
        {
            var wasDead = DeadSince is not null;
            (DeadSince, Reason, _failures, _closedFor) = (null, null, 0, Shortest);
            return wasDead;
        }
        Reason = outcome.Detail is { } detail ? $"{outcome.Result}, {detail}" : outcome.Result;
        // What was under way when it died says nothing new.
        if (++_failures < Failures || (DeadSince is not null && !probed))
            return false;
        if (DeadSince is not null)
            _closedFor = Math.Min(_closedFor * 2, Longest);
        RetryAt = now + _closedFor;
        var died = DeadSince is null;
        DeadSince ??= now;
        return died;
    }
}
