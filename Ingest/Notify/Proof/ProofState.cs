namespace Telemetry.Ingest.Notify.Proof;

/// <summary>How far a channel of critical alarms is proved.</summary>
/// <param name="Latest">Null where it was never tested.</param>
/// <param name="Word"><c>never</c>, <c>waiting</c>, <c>confirmed</c> or <c>overdue</c>.</param>
/// <param name="Unproven">Why the alarm stands for it; null for no reason.</param>
internal sealed record ProofState(string Channel, ChannelProof? Latest, string Word, string? Unproven)
{
    /// <param name="proofs">Of this channel, the newest first.</param>
    public static ProofState Of(string channel, IReadOnlyList<ChannelProof> proofs, ProofPlan plan, long now)
    {
        if (proofs is not [var latest, ..])
            return new ProofState(channel, null, "never", null);
        var missed = plan.LastDue(now);
        // The week's test did not go out at all.
        if (latest.At < missed && now >= missed + plan.Within)
            return new ProofState(channel, latest, "overdue", $"the test of {LocalTime.Shown(missed)} did not go out");
        // While a new one waits, the one before it counts.
        var decided = proofs.FirstOrDefault(proof => proof.ConfirmedAt is not null || proof.IsOverdue(now));
        var unproven = decided?.IsOverdue(now) == true ? $"{decided.Name} has not confirmed the test of {LocalTime.Shown(decided.At)}" : null;
        return new ProofState(channel, latest, latest.ConfirmedAt is not null ? "confirmed" : latest.IsOverdue(now) ? "overdue" : "waiting", unproven);
    }
}
