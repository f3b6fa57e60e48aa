using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Backtest;

/// <summary>What is compared with what, over which log.</summary>
/// <param name="Log">The directory of the log.</param>
/// <param name="Window">Duplicate window that the service ran with, ms.</param>
/// <param name="Old">Null for the rules as they were recorded.</param>
/// <param name="OldName">What people call it.</param>
public sealed record BacktestRequest(string Log, BacktestSpan Span, long Window, IReadOnlyList<LoadPosition> Positions, FamilySet? Old, string OldName, FamilySet New, string NewName)
{
    public const string AsRecorded = "the rules as recorded";

    /// <summary>Both sides at once, each on a thread of its own; each reads the log for itself.</summary>
    public async Task<OutcomeComparison> CompareAsync(Action<double> report, CancellationToken cancellationToken)
    {
        var (was, now) = (0.0, 0.0);
        var old = Task.Run(() => Play(Old, share => report(((was = share) + now) / 2), cancellationToken), cancellationToken);
        var young = Task.Run(() => Play(New, share => report((was + (now = share)) / 2), cancellationToken), cancellationToken);
        return OutcomeComparison.Of(Span, await old, await young);
    }

    /// <summary>One side after the other on this thread: half the memory, and one core is left to the service.</summary>
    public OutcomeComparison Compare(Action<double> report, CancellationToken cancellationToken)
    {
        var was = Play(Old, share => report(share / 2), cancellationToken);
        return OutcomeComparison.Of(Span, was, Play(New, share => report((1 + share) / 2), cancellationToken));
    }

    public string Page(OutcomeComparison comparison) => BacktestPage.Write(comparison, OldName, NewName, new ReadingsAround(Log));

    private Outcome Play(FamilySet? rules, Action<double> report, CancellationToken cancellationToken) => new Playback(Log, Span, Window, Positions).Run(rules, report, cancellationToken);
}
