using System.Globalization;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.State;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Backtest;

/// <summary>Whether the recorded journal is what playing the log through the old rules would give: then nobody need play it.</summary>
internal static class JournalReuse
{
    /// <summary>Null where the old rules have to be evaluated.</summary>
    /// <param name="why">The reason then, with the remedy where there is one.</param>
    /// <exception cref="LogDamageException">Durable data of the log is damaged.</exception>
    public static RecordedSide? TryOpen(BacktestRequest request, LogReader log, out string? why)
    {
        RecordedJournal journal;
        if (!File.Exists(request.State))
        {
            why = $"{request.State} is not there";
            return null;
        }
        try
        {
            journal = RecordedJournal.Open(request.State);
        }
        catch (IOException error)
        {
            why = error.Message;
            return null;
        }
        why = WhyNot(journal, request) ?? WhyNot(journal, log, request.Span);
        if (why is null)
            return new RecordedSide(journal, request.Span, request.Positions);
        journal.Dispose();
        return null;
    }

    private static string? WhyNot(RecordedJournal journal, BacktestRequest request)
    {
        var now = new JournalBy(FirstEntries.EngineVersion, request.Window);
        if (journal.By is not [(1, _), ..])
            return "the journal does not say by which version its first transitions were written";
        foreach (var (position, by) in journal.By)
        {
            if (by.Engine != now.Engine)
                return Line($"from position {position} on the journal was written by version {by.Engine} of the rules' engine; this is {now.Engine}");
            if (by.DuplicateWindow != now.DuplicateWindow)
                return Line($"from position {position} on the service ran with --Log:DuplicateWindow {Words.Duration(by.DuplicateWindow)}; this backtest with {Words.Duration(now.DuplicateWindow)}");
        }
        return request.Old is null || WereInForce(new RuleSwap(request.Old), [.. journal.Families.Where(entry => entry.Time < request.Span.To)]) ? null : $"{request.OldName} is not what was in force all the time";
    }

    /// <summary>The same files at the same positions; those with which the log begins may stand in any order, since there is nothing yet that they could judge.</summary>
    private static bool WereInForce(RuleSwap rules, IReadOnlyList<FamilyEntry> recorded)
    {
        var beginning = recorded.TakeWhile((entry, i) => entry.Position == recorded[0].Position + i).LastOrDefault()?.Position;
        return InOrder(recorded.SelectMany(rules.Apply).Cast<FamilyEntry>()).SequenceEqual(InOrder(recorded));

        IEnumerable<(string Family, string Hash, long Position)> InOrder(IEnumerable<FamilyEntry> entries) => entries
            .Select(entry => (entry.Family, entry.Hash, Position: entry.Position <= beginning ? 0 : entry.Position))
            .OrderBy(entry => entry.Position).ThenBy(entry => entry.Family, StringComparer.Ordinal);
    }

    private static string? WhyNot(RecordedJournal journal, LogReader log, BacktestSpan span)
    {
        var (first, last) = (log.First, log.Last);
        if (first > 1)
            return Line($"the log begins at position {first}; what was before it is in the journal alone");
        if (journal.Position > last)
            return Line($"the journal goes to position {journal.Position} and the log only to {last}: it is another log's");
        if (log.TimeOf(first) is { } begin && begin < span.From - span.WarmUp)
            return $"readings are kept since {Iso.Time(begin)}, and --warm-up leaves the first ones out; with a --warm-up that reaches back to them the journal would do";
        if (journal.Position < last && log.TimeOf(journal.Position + 1) < span.To)
            return Line($"the journal goes to position {journal.Position} alone, and the log further within --to");
        return null;
    }

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);
}
