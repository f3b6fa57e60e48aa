using System.Globalization;
using System.Text.Json;
using CsCheck;
using Microsoft.Data.Sqlite;
using Telemetry.Ingest.Backtest;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.State;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Tests.Pipeline;

namespace Telemetry.Ingest.Tests.Backtest;

/// <summary>The journal stands for the old rules only where it is what they would give, and then it gives what they would.</summary>
public sealed class RecordedSideTests
{
    private const string Delay = "delay: {on: 30s, off: 120s}    # it comes";

    private static readonly FamilySet AsRecorded = FamilySet.Load([]).Families!;

    [Fact]
    public Task Of_any_log_the_journal_says_what_the_rules_say_and_the_same_rules_differ_in_nothing() =>
        Gen.Select(RandomLog.Step.Array[20, 120], Gen.Int[0, 300].Array[2], Gen.Int[0, 1000].Array[0, 3]).Repeatably().SampleAsync(
            async (steps, span, cuts) =>
            {
                using var timeline = RandomLog.Begin();
                RandomLog.Write(timeline, steps);
                await using var log = await RecordedLog.OfAsync(timeline.Log);
                log.Judge([.. cuts.Select(cut => 1L + (cut % timeline.Log.Count)).Append(timeline.Log.Count).Order()]);
                var (from, to) = (Math.Min(Timeline.Zero + (span.Min() * 1000L), timeline.Log[^1].Time), Timeline.Zero + (span.Max() * 4000L) + 1);
                var journal = Compare(log, AsRecorded, from, to);
                Assert.Null(journal.WhyEvaluated);
                Assert.Empty(journal.Differences);
                File.Delete(Path.Combine(log.Data, "state.db"));
                var evaluated = Compare(log, AsRecorded, from, to);
                Assert.NotNull(evaluated.WhyEvaluated);
                Assert.Equal(Text(evaluated.Was), Text(journal.Was));
                Assert.Equal(Text(evaluated.Is), Text(journal.Was));
            },
            iter: 60);

    /// <summary>Levels of 2.3 m for a while, ten minutes apart, none of them a jump: what two delays make of them is known without any rules.</summary>
    [Fact]
    public Task Another_delay_moves_adds_and_removes_exactly_what_it_must() =>
        Gen.Select(Gen.Int[1, 60].Array[1, 8], Gen.Int[0, 30], Gen.Int[0, 30]).Repeatably().SampleAsync(
            async (floods, old, young) =>
            {
                var (was, now) = ((old * 10) + 5, (young * 10) + 5);
                var (entries, expected, second) = (Begin(was), new List<string>(), 0);
                foreach (var length in floods)
                {
                    (string Change, int? At, int? WasAt)? change = (length * 10 > was, length * 10 > now) switch
                    {
                        (true, true) when was != now => (now < was ? "earlier" : "later", second + now, second + was),
                        (true, false) => ("removed", null, second + was),
                        (false, true) => ("added", second + now, null),
                        _ => null,
                    };
                    if (change is { } some)
                        expected.Add($"{some.Change} {some.At} {some.WasAt}");
                    second = Level(entries, second, 2.3, length * 10);
                    second = Level(entries, second, 1.98, 600);
                }
                await using var log = await RecordedLog.OfAsync(entries);
                log.Judge();

                var compared = Compare(log, Rules(now), RecordedLog.Zero, RecordedLog.Zero + (second * 1000L));

                Assert.Null(compared.WhyEvaluated);
                Assert.Equal(expected, compared.Differences.Where(difference => difference.Of.Alarm.Rule == "level_high").Select(difference => $"{difference.Change.ToString().ToLowerInvariant()} {Second(difference.Is)} {Second(difference.Was)}"));
                Assert.All(compared.Differences, difference => Assert.Equal("level_high", difference.Of.Alarm.Rule));
            },
            iter: 30);

    [Fact]
    public async Task The_folder_that_was_in_force_is_taken_from_the_journal_too()
    {
        await using var log = await FloodAsync();
        Assert.Null(Compare(log, Rules(5), old: Rules(35)).WhyEvaluated);
        Assert.Equal("old is not what was in force all the time", Compare(log, Rules(5), old: Rules(25)).WhyEvaluated);
        // Of one family alone, the others as they were.
        var (alone, _) = FamilySet.Load(Files(35).Where(file => file.File == "drainage_pump.yaml"));
        Assert.Null(Compare(log, Rules(5), old: alone).WhyEvaluated);
    }

    [Fact]
    public async Task A_folder_that_was_changed_in_between_is_evaluated()
    {
        var entries = Begin(35);
        Level(entries, Level(entries, 0, 1, 60), 2.3, 300);
        var other = Rules(25).Find("drainage_pump")!;
        Add(entries, 400, new FamilyEntry(other.Name, other.Text, other.Hash));
        await using var log = await RecordedLog.OfAsync(entries);
        log.Judge();
        Assert.Equal("old is not what was in force all the time", Compare(log, Rules(5), old: Rules(35)).WhyEvaluated);
        Assert.Null(Compare(log, Rules(5), old: Rules(35), to: RecordedLog.Zero + 400_000).WhyEvaluated);
        Assert.Null(Compare(log, Rules(5)).WhyEvaluated);
    }

    [Fact]
    public async Task Where_the_journal_may_say_something_else_the_old_rules_are_evaluated_and_the_reason_is_said()
    {
        await using var log = await FloodAsync();
        var all = Text(Compare(log, Rules(5)).Was);

        Assert.Equal("from position 1 on the service ran with --Log:DuplicateWindow 168 h 0 min; this backtest with 24 h 0 min", Compare(log, Rules(5), window: 86_400_000).WhyEvaluated);
        Assert.StartsWith("readings are kept since 2026-06-20T00:00:00", Compare(log, Rules(5), from: RecordedLog.Zero + 60_000, warmUp: 1000).WhyEvaluated, StringComparison.Ordinal);
        await AssertEvaluated("the journal has a gap at position", "DELETE FROM journal WHERE (position, ordinal) = (SELECT position, ordinal FROM journal ORDER BY position, ordinal LIMIT 1)");
        await AssertEvaluated("is not of this log", "UPDATE journal SET position = position + 1");
        await AssertEvaluated("the journal can't be read: ", "UPDATE journal SET alarm = '{\"id\": \"x\"}'");
        await AssertEvaluated("the journal does not say by which version its first transitions were written", "DELETE FROM journal_by");
        await AssertEvaluated("the journal does not say by which version", "DROP TABLE journal_by");
        await AssertEvaluated("the journal does not say by which version", "UPDATE journal_by SET position = 2");
        await AssertEvaluated($"from position 9 on the journal was written by version 1 of the rules' engine; this is {FirstEntries.EngineVersion}", "INSERT INTO journal_by VALUES (9, '1', 0)");
        await AssertEvaluated("the journal goes to position 20 alone, and the log further within --to", "UPDATE meta SET position = 20");
        await AssertEvaluated("it is another log's", "UPDATE meta SET position = 1000000");
        await AssertEvaluated("can't be read: ", "DROP TABLE meta");

        async Task AssertEvaluated(string why, string sql)
        {
            foreach (var file in Directory.GetFiles(log.Data, "state.db*"))
                File.Delete(file);
            log.Judge();
            await using (var connection = new SqliteConnection($"Data Source={Path.Combine(log.Data, "state.db")};Pooling=False"))
            {
                connection.Open();
                await using var command = connection.CreateCommand();
                command.CommandText = sql;
                command.ExecuteNonQuery();
            }
            var compared = Compare(log, Rules(5));
            Assert.Contains(why, compared.WhyEvaluated, StringComparison.Ordinal);
            Assert.Equal(all, Text(compared.Was));
        }
    }

    private static OutcomeComparison Compare(
        RecordedLog log, FamilySet rules, long from = RecordedLog.Zero, long to = 4_000_000_000_000, FamilySet? old = null, long window = RecordedLog.Window, long warmUp = BacktestSpan.DefaultWarmUp) =>
        new BacktestRequest(log.Data, new BacktestSpan(from, to, warmUp), window, LoadPosition.Whole, old, "old", rules, "new").Compare(_ => { }, CancellationToken.None);

    private static string Text(Outcome outcome) => JsonSerializer.Serialize(new
    {
        Occurrences = outcome.Occurrences.Select(occurred => (occurred.Alarm.ToString(), occurred.Severity, occurred.Calls).ToString()),
        // Of what is shelved, what lies beneath is hidden, and not in the journal.
        Load = outcome.Load.Select(load => load with { Shelved = [] }),
        outcome.CallsPerHour,
        Families = outcome.Families.Select(family => $"{family.Name} {family.Hash}"),
        outcome.Readings,
    });

    private static async Task<RecordedLog> FloodAsync()
    {
        var entries = Begin(35);
        Level(entries, Level(entries, Level(entries, 0, 1, 60), 2.3, 300), 1, 300);
        var log = await RecordedLog.OfAsync(entries);
        log.Judge();
        return log;
    }

    private static FamilySet Rules(int delay) => FamilySet.Load(Files(delay)).Families!;

    private static IEnumerable<(string File, string Text)> Files(int delay) => FamilySet.ShippedFiles().Select(file =>
        (file.File, file.Text.Replace(Delay, Delay.Replace("30s", string.Create(CultureInfo.InvariantCulture, $"{delay}s"), StringComparison.Ordinal), StringComparison.Ordinal)));

    private static List<LogEntry> Begin(int delay)
    {
        var entries = new List<LogEntry>();
        Add(entries, 0, new ServiceStartedEntry(FirstEntries.EngineVersion));
        foreach (var family in Rules(delay).All)
            Add(entries, 0, new FamilyEntry(family.Name, family.Text, family.Hash));
        return entries;
    }

    /// <summary>Station PS-1 says its level every 10 s for so many seconds; returns when they are over.</summary>
    private static int Level(List<LogEntry> entries, int second, double level, int seconds)
    {
        for (var end = second + seconds; second < end; second++)
        {
            if (second % 10 == 0)
                Add(entries, second, RecordedLog.Level(RecordedLog.Zero + (second * 1000L), level));
            Add(entries, second + 1, new TickEntry());
        }
        return second;
    }

    private static void Add(List<LogEntry> entries, int second, LogEntry entry)
    {
        (entry.Position, entry.Time) = (entries.Count + 1, RecordedLog.Zero + (second * 1000L));
        entries.Add(entry);
    }

    private static long? Second(Occurred? occurred) => (occurred?.RaisedAt - RecordedLog.Zero) / 1000;
}
