using Microsoft.Data.Sqlite;
using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.State;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Model;
using static Telemetry.Ingest.Tests.State.Samples;

namespace Telemetry.Ingest.Tests.State;

public sealed class StateDatabaseTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private string File => _directory.File("state.db");

    private static List<DeadLetterEntry> Letters(StateDatabase database, int limit) => [.. database.DeadLetters(new DeadLetterFilter(), limit).Select(kept => kept.Letter)];

    [Fact]
    public void A_new_database_is_empty_at_position_0()
    {
        using var database = StateDatabase.Open(File);
        Assert.Equal(0, database.Position);
        Assert.Empty(database.Devices());
        Assert.Empty(database.OpenAlarms());
        Assert.Empty(database.Journal(0));
        Assert.Equal(0, database.DeadLetterCount());
    }

    [Fact]
    public void An_alarm_comes_back_as_it_went_in()
    {
        var full = Alarm("a") with
        {
            State = AlarmState.LatchedAcknowledged,
            AcknowledgedAt = T0 + 1000,
            AcknowledgedBy = "李雷",
            ClearedAt = T0 + 2000,
            ValueState = "open",
            Detail = "last contact 3 h ago",
            Transitions = 4,
            Position = 7,
        };
        var bare = Alarm("b", T0 - 1) with { District = null, Street = null, Instance = null, Channel = null, Value = null, Limit = null, Unit = null, Position = 7 };
        using (var database = StateDatabase.Open(File))
            database.Apply(Batch(7, Transition(7, 0, full), Transition(7, 1, bare)));
        using var again = StateDatabase.Open(File);
        Assert.Equal(7, again.Position);
        Assert.Equal(full, again.FindAlarm("a"));
        Assert.Equal(bare, again.FindAlarm("b"));
        Assert.Null(again.FindAlarm("c"));
        Assert.Equal([full, bare], again.OpenAlarms());
    }

    [Fact]
    public void Rules_are_counted_from_a_time_on_with_what_was_said_to_be_false_and_without_events_and_what_was_taken_back()
    {
        using var database = StateDatabase.Open(File);
        database.Apply(Batch(
            7, Transition(7, 0, Alarm("a", T0)), Transition(7, 1, Alarm("b", T0 + 1, AlarmState.Normal) with { FalseAlarm = "sensor" }), Transition(7, 2, Alarm("old", T0 - 1)),
            Transition(7, 3, Alarm("event") with { Kind = Telemetry.Rules.Families.AlarmKind.Event }), Transition(7, 4, Alarm("back", T0 + 9) with { RetractedAt = T0 + 10 }),
            Transition(7, 5, Alarm("other") with { Rule = "offline", Kind = Telemetry.Rules.Families.AlarmKind.Ticket })));
        Assert.Equal([new RuleCount("drainage_pump", "level_high", 2, 1, T0 + 1), new RuleCount("drainage_pump", "offline", 1, 0, T0)], database.RuleCounts(T0));
    }

    [Fact]
    public void It_notes_who_has_written_the_journal_from_which_position_on()
    {
        foreach (var (engine, window, position) in new[] { ("5", 7, 10), ("5", 7, 20), ("6", 7, 30), ("6", 7, 40), ("6", 8, 50), ("5", 8, 60) })
        {
            using var database = StateDatabase.Open(File, null, new JournalBy(engine, window));
            database.Apply(Batch(position - 5));
            database.Apply(Batch(position));
        }
        using (var nobody = StateDatabase.Open(File))
            nobody.Apply(Batch(70));
        using var journal = RecordedJournal.Open(File);
        Assert.Equal([(1, new JournalBy("5", 7)), (21, new JournalBy("6", 7)), (41, new JournalBy("6", 8)), (51, new JournalBy("5", 8))], journal.By);
        Assert.Equal(70, journal.Position);
    }

    [Fact]
    public void A_device_is_replaced_whole()
    {
        using var database = StateDatabase.Open(File);
        var device = new Device
        {
            Id = "PS-1",
            Family = "drainage_pump",
            Street = "南京路",
            Latitude = 31.25,
            State = "commissioning",
            Settings = new SortedDictionary<string, string> { ["high_level"] = "2.4 m" },
            Links = new SortedDictionary<string, string> { ["gauge"] = "RG-1" },
            Sensors = new SortedDictionary<string, string> { ["24E124"] = "milesight-vs330 5" },
        };
        database.Apply(new ProjectionBatch(1, [], [device], []));
        var stored = Assert.Single(database.Devices());
        Assert.Equal(device with { Settings = stored.Settings, Links = stored.Links, Sensors = stored.Sensors }, stored);
        Assert.Equal(device.Settings, stored.Settings);
        Assert.Equal(device.Links, stored.Links);
        Assert.Equal(device.Sensors, stored.Sensors);

        database.Apply(new ProjectionBatch(2, [], [new Device { Id = "PS-1", Family = "drainage_pump" }], []));
        var replaced = Assert.Single(database.Devices());
        Assert.Equal("live", replaced.State);
        Assert.Null(replaced.Street);
        Assert.Empty(replaced.Settings);
    }

    [Fact]
    public void A_device_that_an_earlier_version_stored_has_no_sensors()
    {
        using var database = StateDatabase.Open(File);
        using (var connection = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            connection.Open();
            using var insert = connection.CreateCommand();
            insert.CommandText = """INSERT INTO devices VALUES ('PS-1', '{"id":"PS-1","family":"drainage_pump","state":"live","settings":{},"links":{}}')""";
            insert.ExecuteNonQuery();
        }
        Assert.Empty(Assert.Single(database.Devices()).Sensors);
    }

    [Fact]
    public void A_replay_in_other_stretches_doubles_nothing()
    {
        using var database = StateDatabase.Open(File);
        database.Apply(new ProjectionBatch(3, [Transition(2, 0, Alarm("a")), Transition(3, 0, Alarm("b"))], [], [DeadLetter(1)]));
        database.Apply(Batch(2, Transition(2, 0, Alarm("a"))));
        database.Apply(new ProjectionBatch(5, [Transition(3, 0, Alarm("b")), Transition(4, 0, Alarm("c"))], [], [DeadLetter(1), DeadLetter(5)]));

        Assert.Equal(5, database.Position);
        Assert.Equal([2, 3, 4], database.Journal(0).Select(row => row.Position));
        Assert.Equal(2, database.DeadLetterCount());
        Assert.Equal([5, 1], Letters(database, 10).Select(letter => letter.Position));
    }

    [Fact]
    public void The_journal_is_in_order_from_the_position_asked_for()
    {
        using var database = StateDatabase.Open(File);
        var transitions = Enumerable.Range(0, 3500).Select(i => Transition(10 + (i / 3), i % 3, Alarm($"a{i}"))).ToArray();
        database.Apply(Batch(5000, transitions));

        Assert.Equal(transitions.Select(each => (each.Position, each.Ordinal)), database.Journal(0).Select(row => (row.Position, row.Ordinal)));
        Assert.Equal(transitions.Where(each => each.Position >= 500).Select(AlarmJson.JournalLine), database.Journal(500).Select(row => row.Line));
        Assert.Equal(transitions[0].Alarm, database.Journal(0).First().Alarm);
        Assert.Empty(database.Journal(5000));
    }

    [Fact]
    public void A_dead_letter_keeps_its_bytes()
    {
        using var database = StateDatabase.Open(File);
        database.Apply(new ProjectionBatch(9, [], [], [DeadLetter(9)]));
        var stored = Assert.Single(Letters(database, 10));
        Assert.Equivalent(DeadLetter(9), stored, strict: true);
    }

    [Fact]
    public void The_oldest_dead_letters_make_room_for_new_ones()
    {
        using var database = StateDatabase.Open(File);
        database.Apply(new ProjectionBatch(100_002, [], [], [.. Enumerable.Range(1, 100_002).Select(i => DeadLetter(i))]));
        Assert.Equal(100_000, database.DeadLetterCount());
        database.Apply(new ProjectionBatch(100_003, [], [], [DeadLetter(100_003)]));
        var kept = Letters(database, int.MaxValue);
        Assert.Equal(100_000, kept.Count);
        Assert.Equal((100_003, 4), (kept[0].Position, kept[^1].Position));
    }

    [Fact]
    public void Dead_letters_are_bounded_by_their_bytes_the_oldest_go_first()
    {
        var options = new DeadLetterOptions { MaxBytes = 1 << 20 };
        using (var database = StateDatabase.Open(File, options))
        {
            for (var i = 1; i <= 40; i++)
                database.Apply(new ProjectionBatch(i, [], [], [Large(i)]));
            // Sixteen of 64 KiB would be a MiB with their payloads alone.
            Assert.Equal(Enumerable.Range(26, 15).Reverse(), Letters(database, 100).Select(letter => (int)letter.Position));
            Assert.Equal(15, database.DeadLetterCount());
        }
        // What stands there is counted again at the next start, in characters of two bytes too.
        using var again = StateDatabase.Open(File, options);
        again.Apply(new ProjectionBatch(41, [], [], [Large(41), Large(42)]));
        Assert.Equal((15, 28), (again.DeadLetterCount(), Letters(again, 100)[^1].Position));

        static DeadLetterEntry Large(long position) => new() { Position = position, Time = T0 + position, Topic = "telemetry/v1/GW-1/泵站/x", Reason = "malformed", Detail = "字节 7", Payload = new byte[64 << 10] };
    }

    [Fact]
    public void Dead_letters_go_when_they_are_too_old_by_log_time_even_without_new_ones()
    {
        var late = DeadLetter(6);
        late.Time = T0 + 9_000_001;
        using var database = StateDatabase.Open(File, new DeadLetterOptions { Keep = TimeSpan.FromHours(1) });
        database.Apply(new ProjectionBatch(3, [], [], [DeadLetter(1), DeadLetter(2), DeadLetter(3)], Time: T0 + 3));
        database.Apply(new ProjectionBatch(4, [], [], [], Time: T0 + 3_600_002));
        Assert.Equal([3, 2], Letters(database, 10).Select(letter => letter.Position));
        database.Apply(new ProjectionBatch(5, [], [], [DeadLetter(5)], Time: T0 + 9_000_000));
        Assert.Empty(Letters(database, 10));
        Assert.Equal(0, database.DeadLetterCount());
        database.Apply(new ProjectionBatch(6, [], [], [late], Time: T0 + 9_000_001));
        Assert.Equal([6], Letters(database, 10).Select(letter => letter.Position));
    }

    [Fact]
    public void A_full_disk_is_an_io_error_with_nothing_applied_and_passes()
    {
        using var database = StateDatabase.Open(File);
        database.Apply(Batch(1, Transition(1, 0, Alarm("before"))));
        database.Limit(pages: 1);
        var large = Batch(3000, [.. Enumerable.Range(0, 2000).Select(i => Transition(2 + i, 0, Alarm($"a{i}")))]);

        var error = Assert.Throws<IOException>(() => database.Apply(large));
        Assert.Contains(File, error.Message, StringComparison.Ordinal);
        Assert.Equal(1, database.Position);
        Assert.Single(database.Journal(0));
        Assert.Equal("before", Assert.Single(database.OpenAlarms()).Id);

        database.Limit(pages: int.MaxValue);
        database.Apply(large);
        Assert.Equal(3000, database.Position);
        Assert.Equal(2001, database.OpenAlarms().Count);
    }

    [Fact]
    public async Task Readers_are_not_disturbed_by_the_writer_and_see_whole_batches()
    {
        using var database = StateDatabase.Open(File);
        var writing = Task.Run(
            () =>
            {
                for (var batch = 0; batch < 50; batch++)
                    database.Apply(Batch((batch * 10) + 10, [.. Enumerable.Range(1, 10).Select(i => Transition((batch * 10) + i, 0, Alarm($"a{batch}-{i}")))]));
            },
            TestContext.Current.CancellationToken);
        do
            Assert.Equal(0, database.OpenAlarms().Count % 10);
        while (!writing.IsCompleted);
        await writing;
    }

    [Fact]
    public void A_file_of_a_newer_version_is_refused_by_name()
    {
        using (StateDatabase.Open(File))
        {
        }
        using (var connection = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 99";
            command.ExecuteNonQuery();
        }
        var error = Assert.Throws<InvalidDataException>(() => StateDatabase.Open(File));
        Assert.Contains("schema 99", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Dispose();
}
