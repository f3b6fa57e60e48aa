using CsCheck;
using Telemetry.Ingest.OperatorPage.Alarms;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Tests.Console;

/// <summary>A storm in as many lines as a person can take in.</summary>
public sealed class AlarmLinesTests
{
    private static readonly Dictionary<string, int> NothingExplained = [];

    private static Alarm Of(int number, string rule, string district, Severity severity, string family = "drainage_pump", AlarmState state = AlarmState.ActiveUnacknowledged) => new()
    {
        Id = $"{number:x32}", Device = $"device-{number}", Family = family, Rule = rule, District = district, Kind = AlarmKind.Alarm, Severity = severity, State = state,
        RaisedAt = number * 1000L, RaisedReceivedAt = number * 1000L, RuleVersion = "v",
    };

    private static readonly Gen<Alarm[]> Storm =
        from count in Gen.Int[0, 400]
        from parts in Gen.Select(Gen.Int[0, 7], Gen.Int[0, 5], Gen.Int[0, 3], Gen.Int[0, 2]).Array[count]
        select parts.Select((part, number) => Of(number, $"rule_{part.Item1}", $"d{part.Item2}", (Severity)part.Item3, $"family_{part.Item4}")).ToArray();

    [Fact]
    public void Few_alarms_have_a_line_each()
    {
        var alarms = Enumerable.Range(0, AlarmLines.MostSingles).Select(number => Of(number, "high_level", "d1", Severity.High)).ToList();
        Assert.Equal(Grouping.None, AlarmLines.Choose(alarms, Grouping.None));
        Assert.Equal(Grouping.Rule, AlarmLines.Choose([.. alarms, Of(99, "high_level", "d1", Severity.High)], Grouping.None));
    }

    [Fact]
    public void A_list_that_shrinks_is_not_taken_apart_before_there_is_room()
    {
        var alarms = Enumerable.Range(0, AlarmLines.MostSingles).Select(number => Of(number, "high_level", "d1", Severity.High)).ToList();
        Assert.Equal(Grouping.Rule, AlarmLines.Choose(alarms, Grouping.Rule));
        Assert.Equal(Grouping.None, AlarmLines.Choose(alarms[..(AlarmLines.MostSingles * 2 / 3)], Grouping.Rule));
    }

    [Fact]
    public void Every_alarm_stands_in_exactly_one_line_and_what_is_critical_with_its_like_alone() => Storm.Repeatably().Sample(storm =>
    {
        foreach (var grouping in Enum.GetValues<Grouping>())
        {
            var lines = AlarmLines.Of(storm, grouping, NothingExplained);
            Assert.Equal(storm.Select(alarm => alarm.Id).Order(), lines.SelectMany(line => line.Alarms).Select(alarm => alarm.Id).Order());
            Assert.Equal(lines.Count, lines.Select(line => line.Key).Distinct().Count());
            Assert.All(lines, line => Assert.Single(line.Alarms.Select(alarm => alarm.Severity == Severity.Critical).Distinct()));
            Assert.Equal(lines.OrderByDescending(line => line.Severity).Select(line => line.Severity), lines.Select(line => line.Severity));
        }
    }, iter: 200);

    [Fact]
    public void What_was_chosen_needs_no_more_lines_than_it_may_unless_nothing_is_coarser() => Storm.Repeatably().Sample(storm =>
    {
        foreach (var before in Enum.GetValues<Grouping>())
        {
            var grouping = AlarmLines.Choose(storm, before);
            if (grouping != Grouping.City)
                Assert.True(AlarmLines.Of(storm, grouping, NothingExplained).Count <= (grouping == Grouping.None ? AlarmLines.MostSingles : AlarmLines.MostLines));
            // Asked again with the same alarms it stays: the list does not flap.
            Assert.Equal(grouping, AlarmLines.Choose(storm, grouping));
        }
    }, iter: 200);

    [Fact]
    public void A_line_keeps_its_key_and_its_place_while_members_come_and_go()
    {
        var first = AlarmLines.Of([Of(1, "a", "d1", Severity.High), Of(2, "b", "d1", Severity.High)], Grouping.Rule, NothingExplained);
        var later = AlarmLines.Of([Of(1, "a", "d1", Severity.High), Of(2, "b", "d1", Severity.High), Of(3, "a", "d1", Severity.High)], Grouping.Rule, NothingExplained);
        Assert.Equal(first.Select(line => line.Key), later.Select(line => line.Key));
        Assert.Equal(2, later.Single(line => line.Rule == "a").Alarms.Count);
    }

    [Fact]
    public void What_is_real_never_stands_in_a_line_with_a_tests_or_a_drills()
    {
        Alarm[] shown = [Of(1, "a", "d1", Severity.Critical) with { Mode = "test" }, Of(2, "a", "d1", Severity.Critical) with { Mode = "drill" }, Of(3, "a", "d1", Severity.Critical), Of(4, "a", "d1", Severity.Critical) with { Mode = "test" }];
        foreach (var grouping in (Grouping[])[Grouping.Rule, Grouping.Family, Grouping.City])
            Assert.Equal(["3", "2", "1 4"], AlarmLines.Of(shown, grouping, NothingExplained).Select(line => string.Join(' ', line.Alarms.Select(alarm => alarm.Id.TrimStart('0')))));
    }

    [Fact]
    public void What_explains_others_says_how_many()
    {
        var cause = Of(1, "power_lost", "d1", Severity.High);
        Alarm[] open = [cause, Of(2, "offline", "d1", Severity.Low) with { SuppressedBy = cause.Id, State = AlarmState.Suppressed }, Of(3, "offline", "d1", Severity.Low) with { SuppressedBy = cause.Id, State = AlarmState.Suppressed }];
        Assert.Equal(2, AlarmLines.Of([cause], Grouping.None, AlarmLines.Explained(open)).Single().Explains);
    }
}
