using CsCheck;
using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.State;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using static Telemetry.Ingest.Tests.State.Samples;

namespace Telemetry.Ingest.Tests.State;

public sealed class AlarmFilterTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    [Theory]
    [InlineData("active", "active_unacknowledged active_acknowledged latched_unacknowledged latched_acknowledged")]
    [InlineData("acknowledged", "active_acknowledged latched_acknowledged")]
    [InlineData("cleared", "normal cleared_unacknowledged")]
    [InlineData("latched", "latched_unacknowledged latched_acknowledged")]
    [InlineData("shelved", "shelved")]
    [InlineData("suppressed", "suppressed")]
    [InlineData("out_of_service", "out_of_service")]
    [InlineData("all", "normal active_unacknowledged active_acknowledged cleared_unacknowledged latched_unacknowledged latched_acknowledged shelved suppressed out_of_service")]
    public void A_state_of_the_list_stands_for_these_states(string name, string states)
    {
        var filter = new AlarmFilter { State = name };
        Assert.Equal(states.Split(' '), Enum.GetValues<AlarmState>().Where(state => filter.Matches(Alarm("a", T0, state))).Select(AlarmJson.Name));
    }

    [Fact]
    public void An_unknown_state_is_refused_with_the_right_ones()
    {
        var error = Assert.Throws<FormatException>(() => new AlarmFilter { State = "activ" }.States());
        Assert.Contains("\"activ\"", error.Message, StringComparison.Ordinal);
        Assert.Contains("acknowledged", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("12")]
    [InlineData("x.a")]
    [InlineData("12.")]
    public void A_place_that_no_answer_gave_is_refused(string text) => Assert.Throws<FormatException>(() => AlarmCursor.Parse(text));

    [Theory]
    [InlineData(null, 10L, true)]
    [InlineData(null, 5L, false)]
    [InlineData(8L, null, true)]
    [InlineData(9L, null, false)]
    [InlineData(6L, 7L, true)]
    public void An_occurrence_from_5_to_8_overlaps(long? from, long? to, bool overlaps)
    {
        var alarm = Alarm("a", T0 + 5, AlarmState.Normal) with { ClearedAt = T0 + 8 };
        Assert.Equal(overlaps, new AlarmFilter { From = T0 + from, To = T0 + to }.Matches(alarm));
    }

    [Theory]
    [InlineData(AlarmState.Normal, false, false)]
    [InlineData(AlarmState.Normal, true, true)]
    [InlineData(AlarmState.ClearedUnacknowledged, false, true)]
    public void An_alarm_that_late_data_took_back_is_hidden_once_somebody_has_seen_it_off(AlarmState state, bool retracted, bool shown) =>
        Assert.Equal(shown, new AlarmFilter { Retracted = retracted }.Matches(Alarm("a", T0, state) with { RetractedAt = T0 + 1 }));

    [Fact]
    public void Lists_equal_those_of_a_naive_search_and_pages_make_the_whole()
    {
        var alarm =
            from raised in Gen.Long[0, 20]
            from lasted in Gen.Long[-1, 10]
            from state in Gen.Enum<AlarmState>()
            from kind in Gen.Enum<AlarmKind>()
            from severity in Gen.Enum<Severity>()
            from place in Gen.Int[0, 2]
            select Alarm("", raised, state) with
            {
                Kind = kind,
                Severity = severity,
                ClearedAt = lasted < 0 ? null : raised + lasted,
                Family = $"family{place}",
                Device = $"D-{place}",
                District = place == 0 ? null : $"district{place}",
            };
        var filter =
            from state in Gen.OneOf(AlarmFilter.StateNames.ToArray())
            from kind in Gen.OneOf<string?>(null, "alarm", "ticket")
            from severity in Gen.OneOf<string?>(null, null, "high")
            from place in Gen.OneOf<int?>(null, null, 1)
            from start in Gen.OneOf<long?>(Gen.Const((long?)null), Gen.Long[-5, 35].Select(value => (long?)value))
            from end in Gen.OneOf<long?>(Gen.Const((long?)null), Gen.Long[-5, 35].Select(value => (long?)value))
            select new AlarmFilter
            {
                State = state,
                Kind = kind,
                Severity = severity,
                Family = place is null ? null : $"family{place}",
                District = place is null ? null : $"district{place}",
                Device = place is null ? null : $"D-{place}",
                From = start,
                To = end,
            };
        var run = 0;
        Gen.Select(alarm.Array[0, 40], filter.Array[8], Gen.Int[1, 5]).Repeatably().Sample(
            (alarms, filters, limit) =>
            {
                using var database = StateDatabase.Open(_directory.File($"{run++}.db"));
                var named = alarms.Select((each, i) => each with { Id = $"{i * 7919 % 41:x8}", Position = 1 }).ToArray();
                database.Apply(Batch(1, [.. named.Select((each, i) => Transition(1, i, each))]));
                foreach (var each in filters)
                {
                    var expected = named.Where(each.Matches).OrderByDescending(found => found.RaisedAt).ThenBy(found => found.Id, StringComparer.Ordinal).ToArray();
                    Assert.Equal(expected, database.Alarms(each));
                    Assert.Equal(expected, Pages(database.Alarms, each with { Limit = limit }));
                }
            },
            iter: 20,
            threads: 1);
    }

    public void Dispose() => _directory.Dispose();

    internal static IEnumerable<Alarm> Pages(Func<AlarmFilter, IReadOnlyList<Alarm>> list, AlarmFilter filter)
    {
        IReadOnlyList<Alarm> page;
        do
        {
            page = list(filter);
            Assert.InRange(page.Count, 0, filter.Limit!.Value);
            foreach (var alarm in page)
                yield return alarm;
            if (page.Count > 0)
                filter = filter with { After = AlarmCursor.Of(page[^1]).ToString() };
        }
        while (page.Count == filter.Limit);
    }
}
