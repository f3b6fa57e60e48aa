using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Ingest.Store;
using Telemetry.Ingest.Store.Influx;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Store.Influx;

public sealed class InfluxStoreTests(InfluxdFixture influx) : SeriesStoreContract
{
    private string? _database;

    protected override async Task<ISeriesStore> OpenAsync()
    {
        _database ??= await influx.NewDatabaseAsync();
        var store = influx.Store(_database);
        await store.OpenAsync(Token);
        return store;
    }

    protected override async Task WipeAsync() => _database = await influx.NewDatabaseAsync();

    [Fact]
    public async Task A_reading_is_one_line_an_instance_and_the_place_stands_in_the_tags()
    {
        await using var store = await OpenAsync();
        var origin = new Origin(42, "GW-1", new Place("Yuexiu", "Zhongshan Road"), T0);
        var level = Number(T0, 2.5) with { Sequence = 7, Origin = origin, Quality = Quality.Uncertain };
        await store.WriteAsync(
            [
                level,
                level with { Channel = "pump_run.1", Kind = ValueKind.Boolean, Number = 1, Quality = Quality.Good },
                level with { Channel = "current.1", Number = 12 },
                level with { Channel = "cover_state", Kind = ValueKind.State, State = "open", Quality = Quality.Good },
                level with { Channel = "tilt", Number = 99, Quality = Quality.Bad },
            ],
            42,
            Token);

        Assert.Equal(
            """{"columns":["time","cover_state","current","current_quality","device","district","gateway","instance","level","level_quality","log_position","pump_run","received","seq","street","tilt_bad","tilt_quality"],"values":[[1732440000000000007,1,null,null,"D-1","Yuexiu","GW-1",null,2.5,1,42,null,1732440000250,7,"Zhongshan Road",99,2]]}""",
            await AllAsync("instance = ''"));
        Assert.Contains("""[[1732440000000000007,null,12,1,"D-1","Yuexiu","GW-1","1",null,null,42,true,1732440000250,7,"Zhongshan Road",null,null]]""", await AllAsync("instance = '1'"), StringComparison.Ordinal);

        async Task<string> AllAsync(string where) =>
            (await influx.Server.QueryAsync($"SELECT * FROM drainage_pump WHERE {where}", _database)).GetProperty("results")[0].GetProperty("series")[0].GetRawText().Replace("\"name\":\"drainage_pump\",", "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(59_999, null)]
    [InlineData(60_000, 60)]
    [InlineData(90_061_999, 90_061)]
    [InlineData(-200_000, null)]
    public async Task From_a_minute_on_a_line_says_how_late_its_reading_was(long milliseconds, int? late)
    {
        await using var store = await OpenAsync();
        await store.WriteAsync([At(1, Number(T0, 1)) with { ReceivedTime = T0 + milliseconds }], 1, Token);
        var row = Assert.Single(await influx.Server.RowsAsync("SELECT level, late FROM drainage_pump", _database!));
        Assert.Equal(late, row[2].ValueKind == System.Text.Json.JsonValueKind.Null ? null : row[2].GetInt32());
    }

    [Fact]
    public async Task Both_stores_answer_the_same_about_the_same_points()
    {
        using var directory = new TempDirectory();
        await using var duck = new DuckDbStore(directory.File("series.duckdb"));
        await using var store = await OpenAsync();
        await duck.OpenAsync(Token);
        var random = new Random(4);
        string[] channels = ["level", "tilt", "pump_run.1", "pump_run.2", "cover_state"];
        var points = new List<Point>();
        for (var position = 1; position <= 500; position++)
        {
            var time = T0 + random.Next(100_000);
            long? sequence = random.Next(3) == 0 ? null : position;
            foreach (var channel in channels.Where(_ => random.Next(2) == 0))
            {
                var point = At(position, Number(time, 0)) with { Channel = channel, ReceivedTime = T0 + 200_000 + position, Sequence = sequence, Quality = (Quality)random.Next(4) };
                points.Add(channel[0] switch
                {
                    'p' => point with { Kind = ValueKind.Boolean, Number = random.Next(2) },
                    'c' => point with { Kind = ValueKind.State, State = random.Next(4) switch { 0 => "normal", 1 => "open", 2 => "loose", _ => "flooded" } },
                    _ => point with { Number = point.Quality == Quality.Bad && random.Next(2) == 0 ? double.NaN : random.NextDouble() * 100 },
                });
            }
        }
        await store.WriteAsync(points, 500, Token);
        await duck.WriteAsync(points, 500, Token);

        foreach (var channel in channels)
        {
            Assert.Equal(await duck.ReadAsync("D-1", channel, T0, T0 + 100_000, 1000, Token), await store.ReadAsync("D-1", channel, T0, T0 + 100_000, 1000, Token));
            Assert.Equal(
                (await duck.ReadBucketsAsync("D-1", channel, T0 + 5, T0 + 90_000, 10_000, Token)).Select(Rounded),
                (await store.ReadBucketsAsync("D-1", channel, T0 + 5, T0 + 90_000, 10_000, Token)).Select(Rounded));
        }
    }

    [Fact]
    public async Task Readings_of_one_millisecond_that_differ_are_different_points_and_a_replay_adds_none()
    {
        await using var store = await OpenAsync();
        Point[] points = [At(1, Number(T0, 1)), At(2, Number(T0, 2)), At(3, Number(T0, 1) with { Sequence = 1 }), At(4, Number(T0, 1) with { Sequence = 2 }), At(5, Number(T0, 1) with { Sequence = -1 })];
        await store.WriteAsync(points, 5, Token);
        // Written again without the store's own position to stop it.
        await using var again = influx.Store(_database!, logId: "fedcba9876543210");
        await again.WriteAsync(points[..3], 3, Token);
        await again.WriteAsync(points[3..], 5, Token);
        Assert.Equal(5, (await influx.Server.RowsAsync("SELECT count(level) FROM drainage_pump", _database!))[0][1].GetInt32());
        Assert.Equal([1, 2, 1, 1, 1], (await store.ReadAsync("D-1", "level", T0, T0 + 1, 10, Token)).Select(point => point.Number));
    }

    [Fact]
    public async Task Equal_readings_without_time_and_sequence_stay_as_many_as_they_were()
    {
        await using var store = await OpenAsync();
        Point[] points = [.. Enumerable.Range(1, 5).Select(i => Number(T0, 1) with { Origin = new Origin(i, "GW-1", default, null) })];
        await store.WriteAsync(points, 5, Token);
        await using var again = influx.Store(_database!, logId: "fedcba9876543210");
        await again.WriteAsync(points, 5, Token);
        Assert.Equal(5, (await store.ReadAsync("D-1", "level", T0, T0 + 1, 10, Token)).Count);
    }

    [Fact]
    public async Task The_order_of_a_readings_channels_does_not_matter()
    {
        await using var store = await OpenAsync();
        await store.WriteAsync([Number(T0, 1), Number(T0, 2) with { Channel = "tilt" }], 1, Token);
        await store.WriteAsync([Number(T0, 2) with { Channel = "tilt", LookUpFirst = true }, Number(T0, 1) with { LookUpFirst = true }], 2, Token);
        Assert.Single(await influx.Server.RowsAsync("SELECT level, tilt FROM drainage_pump", _database!));
    }

    [Fact]
    public async Task Compressed_requests_are_stored_too()
    {
        var database = await influx.NewDatabaseAsync();
        var options = InfluxdFixture.Options(influx.Server.Url, database, influx.Server.TokenFile) with { Gzip = true, MaxLines = 300 };
        await using var store = new InfluxStore(options, InfluxdFixture.Families.Find, _ => "drainage_pump", "0123456789abcdef", new RefusedLines((_, _) => throw new NotSupportedException(), NullLogger.Instance), TimeProvider.System, new InfluxRewrite());
        await store.WriteAsync([.. Enumerable.Range(1, 1000).Select(i => At(i, Number(T0 + i, i)))], 1000, Token);
        Assert.Equal(1000, (await store.ReadAsync("D-1", "level", T0, T0 + 10_000, 10_000, Token)).Count);
    }

    [Fact]
    public async Task A_position_of_another_log_is_not_taken()
    {
        await using (var store = await OpenAsync())
            await store.WriteAsync([Number(T0, 1)], 42, Token);
        await using var other = influx.Store(_database!, logId: "fedcba9876543210");
        await other.OpenAsync(Token);
        Assert.Equal(0, other.Position);
    }

    [Fact]
    public async Task An_emptied_database_is_noticed_by_the_first_failure()
    {
        await using var store = await OpenAsync();
        await store.WriteAsync([Number(T0, 1)], 42, Token);
        await influx.Server.DropDatabaseAsync(_database!);
        var error = await Assert.ThrowsAsync<StoreAwayException>(() => store.WriteAsync([Number(T0 + 1, 2)], 43, Token));
        Assert.Contains("404", error.Message, StringComparison.Ordinal);
        Assert.Contains($"Influx:Bucket = {_database}", error.Message, StringComparison.Ordinal);
        await influx.Server.CreateDatabaseAsync(_database!);
        await store.OpenAsync(Token);
        Assert.Equal(0, store.Position);
    }

    private static Bucket Rounded(Bucket bucket) => bucket with { Mean = bucket.Mean is { } mean ? Math.Round(mean, 9) : null };
}
