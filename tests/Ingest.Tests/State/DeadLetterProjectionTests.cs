using System.Globalization;
using Microsoft.Data.Sqlite;
using Telemetry.Ingest.State;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.State;

public sealed class DeadLetterProjectionTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private StateDatabase _database;

    public DeadLetterProjectionTests() => _database = StateDatabase.Open(File);

    private string File => _directory.File("state.db");

    public void Dispose()
    {
        _database.Dispose();
        _directory.Dispose();
    }

    public static TheoryData<DeadLetterFilter, long[]> Filters => new()
    {
        { new(), [4, 3, 2, 1] },
        { new() { Reason = "malformed" }, [4, 1] },
        { new() { Senders = ["T-1"] }, [1] },
        { new() { Senders = ["24e1", "t-1"] }, [3, 2, 1] },
        { new() { Senders = ["24E2"] }, [] },
        { new() { Senders = [] }, [] },
        { new() { Topic = "up" }, [4, 3, 2] },
        { new() { Topic = "telemetry/v1/#" }, [1] },
        { new() { Topic = "telemetry/v1/%" }, [] },
        { new() { From = 20, To = 40 }, [3, 2] },
        { new() { Redecoded = true }, [3] },
        { new() { Redecoded = false }, [4, 2, 1] },
    };

    [Theory]
    [MemberData(nameof(Filters))]
    public void Letters_are_filtered(DeadLetterFilter filter, long[] expected)
    {
        Apply([Letter(1, 10, "telemetry/v1/gw/tunnel/t-1", "malformed", "x"), Letter(2, 20, "up", "unknown_device", "24E1 (raw): x"), Letter(3, 30, "up", "no_codec", "24e1 (raw): x"), Letter(4, 40, "up", "malformed", "raw: x")]);
        Apply(new RedecodedEntry(3, "Li", 1) { Position = 5, Time = 50 });
        Assert.Equal(expected, _database.DeadLetters(filter, 10).Select(kept => kept.Letter.Position));
        Assert.Equal(expected.Reverse(), _database.DeadLettersAfter(0, filter, 10).Select(kept => kept.Letter.Position));
        Assert.Equal(expected.Length, _database.CountDeadLetters(filter));
    }

    [Fact]
    public void A_letter_that_fails_again_stays_with_what_is_wrong_now_and_one_that_does_not_is_marked()
    {
        Apply([Letter(1, 10), Letter(2, 20)]);
        Apply(new RedecodedEntry(1, "Li", 2, "no_codec", "no such model") { Position = 3, Time = 30 });
        Apply(new RedecodedEntry(2, "Li", 3) { Position = 4, Time = 40 });
        var letters = _database.DeadLetters(new DeadLetterFilter(), 10);
        Assert.Equal(("no_codec", "no such model", null, 2L, 10L), (letters[1].Letter.Reason, letters[1].Letter.Detail, letters[1].RedecodedAt, letters[1].Readings, letters[1].Letter.Time));
        Assert.Equal((40L, 3L), (letters[0].RedecodedAt, letters[0].Readings));
        Assert.Equal([new DeadLetterCount("no_codec", 1, 0, 10, 10), new DeadLetterCount("unknown_device", 1, 1, 20, 20)], _database.DeadLetterCounts());
    }

    [Fact]
    public void A_mark_that_is_replayed_counts_once()
    {
        Apply([Letter(1, 10)]);
        var mark = new RedecodedEntry(1, "Li", 2, "no_codec", "x") { Position = 2, Time = 20 };
        Apply(mark);
        _database.Apply(new ProjectionBatch(3, [], [], [Letter(1, 10)], null, [mark]));
        Assert.Equal(2, Assert.Single(_database.DeadLetters(new DeadLetterFilter(), 10)).Readings);
    }

    [Fact]
    public void Who_is_unknown_is_listed_once_until_it_enters_the_register()
    {
        Apply([Letter(1, 10, detail: "24E1 (raw): a"), Letter(2, 20, detail: "24e2 (raw): b"), Letter(3, 30, detail: "24e1 (chirpstack): c"), Letter(4, 40, reason: "no_codec", detail: "24E3 (raw): d")]);
        Assert.Equal([new UnknownDevice("24E1", "chirpstack", "up", 10, 30, 2, "24e1 (chirpstack): c"), new UnknownDevice("24e2", "raw", "up", 20, 20, 1, "24e2 (raw): b")], _database.UnknownDevices());
        Assert.Equal(["24E1", "24e2"], _database.UnknownSenders());

        _database.Apply(new ProjectionBatch(5, [], [new Device { Id = "T-1", Family = "toilet", Sensors = new Dictionary<string, string> { ["24e1"] = "" } }], []));
        Assert.Equal(["24e2"], _database.UnknownDevices().Select(unknown => unknown.WireId));
        _database.Apply(new ProjectionBatch(6, [], [new Device { Id = "24E2", Family = "toilet" }], []));
        Assert.Empty(_database.UnknownDevices());
        Assert.Equal(2, _database.UnknownSenders().Count);
    }

    [Fact]
    public void Beyond_ten_thousand_the_one_heard_least_lately_makes_room_and_is_counted()
    {
        Apply([.. Enumerable.Range(1, 10_000).Select(i => Letter(i, i, detail: string.Create(CultureInfo.InvariantCulture, $"w{i} (raw): x")))]);
        Assert.Equal(0, _database.UnknownDevicesDropped());
        Apply([Letter(10_001, 20_000, detail: "w1 (raw): x"), Letter(10_002, 20_001, detail: "new (raw): x")]);
        var unknown = _database.UnknownDevices();
        Assert.Equal((10_000, 1L), (unknown.Count, _database.UnknownDevicesDropped()));
        Assert.Equal(["new", "w1"], unknown.Take(2).Select(each => each.WireId));
        Assert.DoesNotContain(unknown, each => each.WireId == "w2");
    }

    [Fact]
    public void A_database_of_an_earlier_version_gets_what_is_new_and_its_letters_their_senders()
    {
        _database.Dispose();
        System.IO.File.Delete(File);
        using (var old = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            old.Open();
            using var create = old.CreateCommand();
            create.CommandText = """
                CREATE TABLE meta (position INTEGER NOT NULL, dead_letters INTEGER NOT NULL);
                INSERT INTO meta VALUES (7, 1);
                CREATE TABLE devices (id TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID;
                CREATE TABLE alarms (
                    id TEXT PRIMARY KEY, raised_at INTEGER NOT NULL, cleared_at INTEGER, state TEXT NOT NULL, kind TEXT NOT NULL,
                    severity TEXT NOT NULL, family TEXT NOT NULL, district TEXT, device TEXT NOT NULL, json TEXT NOT NULL);
                CREATE TABLE journal (position INTEGER NOT NULL, ordinal INTEGER NOT NULL, line TEXT NOT NULL, alarm TEXT NOT NULL, PRIMARY KEY (position, ordinal)) WITHOUT ROWID;
                CREATE TABLE dead_letters (
                    position INTEGER PRIMARY KEY, time INTEGER NOT NULL, topic TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL, payload BLOB NOT NULL);
                INSERT INTO dead_letters VALUES (3, 30, 'telemetry/v1/gw/tunnel/t-1', 'malformed', 'x', x'00');
                PRAGMA user_version = 1;
                """;
            create.ExecuteNonQuery();
        }
        _database = StateDatabase.Open(File);
        var kept = Assert.Single(_database.DeadLetters(new DeadLetterFilter { Senders = ["t-1"] }, 10));
        Assert.Equal((null, 0L), (kept.RedecodedAt, kept.Readings));
        Assert.Empty(_database.UnknownDevices());
        Assert.Equal(0, _database.UnknownDevicesDropped());
    }

    private static DeadLetterEntry Letter(long position, long time, string topic = "up", string reason = "unknown_device", string detail = "24E1 (raw): x") =>
        new() { Position = position, Time = time, Topic = topic, Reason = reason, Detail = detail, Payload = [1] };

    private void Apply(DeadLetterEntry[] letters) => _database.Apply(new ProjectionBatch(letters[^1].Position, [], [], letters));

    private void Apply(RedecodedEntry mark) => _database.Apply(new ProjectionBatch(mark.Position, [], [], [], null, [mark]));
}
