using CsCheck;
using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.State;
using Telemetry.Ingest.Tests.State;
using Telemetry.Rules.Alarms;
using static Telemetry.Ingest.Tests.State.Samples;

namespace Telemetry.Ingest.Tests.Alarms;

public sealed class AlarmBookTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private string File => _directory.File("state.db");

    [Fact]
    public void An_alarm_is_there_before_it_is_stored_and_after()
    {
        using var database = StateDatabase.Open(File);
        var book = new AlarmBook(database);
        var raised = Transition(5, 0, Alarm("a"));
        book.Apply(raised);
        Assert.Equal(raised.Alarm, book.Find("a"));
        Assert.Equal([raised.Alarm], book.Open());

        var ended = Transition(6, 0, Alarm("a", T0, AlarmState.Normal) with { ClearedAt = T0 + 9 });
        book.Apply(ended);
        Assert.Empty(book.Open());
        Assert.Equal([ended.Alarm], book.List(new AlarmFilter { State = "cleared" }));

        database.Apply(Batch(6, raised, ended));
        book.Stored(6);
        Assert.Equal(ended.Alarm, book.Find("a"));
        Assert.Equal([ended.Alarm], book.List(new AlarmFilter()));
    }

    [Fact]
    public void A_database_that_refuses_to_write_hides_no_alarm()
    {
        using var database = StateDatabase.Open(File);
        var old = Transition(1, 0, Alarm("old"));
        database.Apply(Batch(1, old));
        var book = new AlarmBook(database);
        database.Limit(pages: 1);

        var transitions = Enumerable.Range(0, 2000).Select(i => Transition(2 + i, 0, Alarm($"a{i}", T0 + 1 + i))).ToList();
        transitions.Add(Transition(2002, 0, Alarm("old", T0, AlarmState.Normal) with { ClearedAt = T0 + 5 }));
        transitions.ForEach(book.Apply);
        Assert.Throws<IOException>(() => database.Apply(Batch(2002, [.. transitions])));

        Assert.Equal(2000, book.Open().Count);
        Assert.Equal("a1999", book.List(new AlarmFilter { State = "active", Limit = 1 })[0].Id);
        Assert.Equal("old", Assert.Single(book.List(new AlarmFilter { State = "cleared" })).Id);
        Assert.Equal(2001, book.List(new AlarmFilter()).Count);
        Assert.Equal(AlarmState.Normal, book.Find("old")!.State);
    }

    [Fact]
    public void A_start_shows_the_open_alarms_of_the_database()
    {
        using var database = StateDatabase.Open(File);
        database.Apply(Batch(2, Transition(1, 0, Alarm("open")), Transition(2, 0, Alarm("ended", T0 + 1, AlarmState.Normal))));
        var book = new AlarmBook(database);
        Assert.Equal(["open"], book.Open().Select(alarm => alarm.Id));
        Assert.Equal(["ended", "open"], book.List(new AlarmFilter()).Select(alarm => alarm.Id));
    }

    [Fact]
    public void A_replayed_tail_does_not_show_an_alarm_as_it_was_before()
    {
        using var database = StateDatabase.Open(File);
        var raised = Transition(1, 0, Alarm("a"));
        var ended = Transition(2, 0, Alarm("a", T0, AlarmState.Normal));
        database.Apply(Batch(2, raised, ended));
        var book = new AlarmBook(database);
        book.Apply(raised);
        Assert.Empty(book.Open());
        Assert.Equal(AlarmState.Normal, book.Find("a")!.State);
    }

    [Fact]
    public void An_ended_alarm_that_changes_again_stays_in_memory_until_that_is_stored()
    {
        using var database = StateDatabase.Open(File);
        var book = new AlarmBook(database);
        var ended = Transition(1, 0, Alarm("a", T0, AlarmState.Normal));
        var commented = Transition(2, 0, Alarm("a", T0, AlarmState.Normal) with { Detail = "checked" });
        book.Apply(ended);
        book.Apply(commented);
        database.Apply(Batch(1, ended));
        book.Stored(1);
        Assert.Equal("checked", book.Find("a")!.Detail);
        Assert.Equal("checked", Assert.Single(book.List(new AlarmFilter())).Detail);
    }

    [Fact]
    public void Lists_and_pages_equal_a_naive_book_whatever_is_stored_already()
    {
        var change =
            from id in Gen.Int[0, 15]
            from state in Gen.Enum<AlarmState>()
            from store in Gen.Int[0, 3]
            select (id, state, store);
        var run = 0;
        Gen.Select(change.Array[0, 60], Gen.Int[1, 5]).Repeatably().Sample(
            (changes, limit) =>
            {
                using var database = StateDatabase.Open(_directory.File($"{run++}.db"));
                var book = new AlarmBook(database);
                var naive = new Dictionary<string, Alarm>();
                var unstored = new List<AlarmTransition>();
                foreach (var (id, state, store) in changes)
                {
                    var transition = Transition(naive.Count + unstored.Count + database.Position + 1, 0, Alarm($"a{id}", T0 + (id / 3), state));
                    book.Apply(transition);
                    unstored.Add(transition);
                    naive[transition.Alarm.Id] = transition.Alarm;
                    if (store != 0)
                        continue;
                    database.Apply(Batch(transition.Position, [.. unstored]));
                    unstored.Clear();
                    book.Stored(transition.Position);
                }
                foreach (var name in AlarmFilter.StateNames)
                {
                    var filter = new AlarmFilter { State = name };
                    var expected = naive.Values.Where(filter.Matches).OrderByDescending(alarm => alarm.RaisedAt).ThenBy(alarm => alarm.Id, StringComparer.Ordinal).ToArray();
                    Assert.Equal(expected, book.List(filter));
                    Assert.Equal(expected, AlarmFilterTests.Pages(book.List, filter with { Limit = limit }));
                }
            },
            iter: 20,
            threads: 1);
    }

    public void Dispose() => _directory.Dispose();
}
