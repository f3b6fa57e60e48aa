using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Backtest;

/// <summary>What is compared with what, over which log.</summary>
/// <param name="Data">The service's data directory.</param>
/// <param name="Window">Duplicate window that the service ran with, ms.</param>
/// <param name="Old">Null for the rules as they were recorded.</param>
/// <param name="OldName">What people call it.</param>
public sealed record BacktestRequest(string Data, BacktestSpan Span, long Window, IReadOnlyList<LoadPosition> Positions, FamilySet? Old, string OldName, FamilySet New, string NewName)
{
    public const string AsRecorded = "the rules as recorded";

    /// <summary>The directory of the log.</summary>
    public string Log => Path.Combine(Data, "log");

    /// <summary>Where the journal is.</summary>
    public string State => Path.Combine(Data, "state.db");

    /// <summary>Over the log of a service that runs with these options.</summary>
    public static BacktestRequest For(ServiceOptions options, BacktestSpan span, FamilySet? old, string oldName, FamilySet young, string newName) =>
        new(options.DataPath, span, (long)options.Log.DuplicateWindow.TotalMilliseconds, options.Positions, old, oldName, young, newName);

    /// <summary>Both sides at once, each on a thread of its own, where both have to be evaluated; each reads the log for itself.</summary>
    public async Task<OutcomeComparison> CompareAsync(Action<double> report, CancellationToken cancellationToken)
    {
        var (compared, why) = await Task.Run(() => CompareWithJournal(report, cancellationToken), cancellationToken);
        if (compared is not null)
            return compared;
        var (was, now) = (0.0, 0.0);
        var old = Task.Run(() => Play(Old, share => report(((was = share) + now) / 2), cancellationToken), cancellationToken);
        var young = Task.Run(() => Play(New, share => report((was + (now = share)) / 2), cancellationToken), cancellationToken);
        return OutcomeComparison.Of(Span, await old, await young, why);
    }

    /// <summary>One side after the other on this thread: half the memory, and one core is left to the service.</summary>
    public OutcomeComparison Compare(Action<double> report, CancellationToken cancellationToken)
    {
        var (compared, why) = CompareWithJournal(report, cancellationToken);
        if (compared is not null)
            return compared;
        var was = Play(Old, share => report(share / 2), cancellationToken);
        return OutcomeComparison.Of(Span, was, Play(New, share => report((1 + share) / 2), cancellationToken), why);
    }

    public string Page(OutcomeComparison comparison) => BacktestPage.Write(comparison, OldName, NewName, new ReadingsAround(Log));

    /// <summary>Where the old rules have to be evaluated, why.</summary>
    private (OutcomeComparison? Compared, string? Why) CompareWithJournal(Action<double> report, CancellationToken cancellationToken)
    {
        using var log = DurableLog.OpenReadOnly(Log, new FileSystem());
        if (log.TimeOf(log.First) is not { } first || log.TimeOf(log.Last) is not { } last)
            throw new InvalidDataException($"{Log} is empty");
        if (first >= Span.To || last < Span.From)
            throw new InvalidDataException($"nothing was received from {Iso.Time(Span.From)} to {Iso.Time(Span.To)}: {Log} goes from {Iso.Time(first)} to {Iso.Time(last)}");
        using var recorded = JournalReuse.TryOpen(this, log, out var why);
        if (recorded is null)
            return (null, why);
        var now = Play(New, report, cancellationToken, recorded);
        return recorded.Flaw is { } flaw ? (null, flaw) : (OutcomeComparison.Of(Span, recorded.Finish(now.Readings), now, null), null);
    }

    private Outcome Play(FamilySet? rules, Action<double> report, CancellationToken cancellationToken, RecordedSide? beside = null) =>
        new Playback(Log, Span, Window, Positions).Run(rules, beside, report, cancellationToken);
}
