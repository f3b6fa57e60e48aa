using System.Reactive.Subjects;
using Telemetry.Ingest.Log;
using Telemetry.Rules;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Backtest;

/// <summary>Plays the recorded log through a rule set: arrival order, original log time, nothing written.</summary>
/// <param name="log">The directory of the log; a service may be writing there.</param>
/// <param name="duplicateWindow">Milliseconds, as the service ran with.</param>
public sealed class Playback(string log, BacktestSpan span, long duplicateWindow, IReadOnlyList<LoadPosition> positions)
{
    // Few enough to die young: entries that outlive a collection are copied by it.
    private const int Stretch = 256;

    /// <param name="rules">Null for the rules as they were recorded.</param>
    /// <param name="beside">Told of every entry that is played, as it was recorded; null for none.</param>
    /// <param name="progress">Told from time to time which share of the log is done, 0 to 1.</param>
    /// <exception cref="LogDamageException">Durable data is damaged.</exception>
    internal Outcome Run(FamilySet? rules, RecordedSide? beside, Action<double> progress, CancellationToken cancellationToken)
    {
        var files = new FileSystem();
        using var reader = DurableLog.OpenReadOnly(log, files, out var history, out var earlier);
        var (first, last) = (reader.Next, reader.Last);
        var pipeline = new RulePipeline(duplicateWindow, history.Invoke, earlier.Invoke);
        var recorder = new OutcomeRecorder(span, positions);
        var swap = new RuleSwap(rules);
        var readings = 0L;
        using var entries = new Subject<LogEntry>();
        using var running = pipeline.Run(entries).Subscribe(transition => recorder.Add(transition, pipeline.Fleet.RuleOf(transition.Alarm.Family, transition.Alarm.Rule)));
        foreach (var entry in KeptEntries.Read(files, log).TakeWhile(entry => entry.Position < first))
            Play(entry);
        var stretch = new List<LogEntry>(Stretch);
        for (var isOver = false; !isOver && reader.Read(stretch, Stretch) > 0; stretch.Clear())
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var entry in stretch.TakeWhile(entry => !(isOver = entry.Time >= span.To)))
                Play(entry);
            progress(Math.Min(1, (double)(reader.Next - first) / Math.Max(1, last + 1 - first)));
        }
        return recorder.Finish(pipeline.OpenAlarms, [.. pipeline.Fleet.Plans.Values.Select(plan => plan.Family).OrderBy(family => family.Name, StringComparer.Ordinal)], readings);

        void Play(LogEntry recorded)
        {
            if (span.Skips(recorded))
                return;
            if (recorded is ReadingEntry)
                readings++;
            if (recorded is TickEntry)
                recorder.Advance(recorded.Time);
            beside?.Take(recorded);
            foreach (var entry in swap.Apply(recorded))
                entries.OnNext(entry);
        }
    }
}
