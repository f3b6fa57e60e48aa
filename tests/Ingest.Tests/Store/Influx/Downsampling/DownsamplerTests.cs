using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Telemetry.Ingest.Store;
using Telemetry.Ingest.Store.Influx;
using Telemetry.Ingest.Store.Influx.Downsampling;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Store.Influx.Downsampling;

/// <summary>Against the real 1.6.7, where a bucket <c>city/1m</c> is the policy 1m of the database.</summary>
public sealed class DownsamplerTests(InfluxdFixture influx)
{
    private const long Minute = 60_000;
    private const long Hour = 60 * Minute;
    private const long T0 = 1_732_438_800_000;
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(T0 + (5 * Hour)));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Minutes_and_hours_say_what_the_raw_points_say()
    {
        await using var city = await CityAsync();
        var random = new Random(7);
        var points = new List<Point>();
        for (var position = 1; position <= 4000; position++)
        {
            // The first minutes have many readings and the last few, so that a mean of means would be wrong.
            var time = T0 + (long)(Math.Pow(random.NextDouble(), 3) * 3 * Hour);
            var instance = random.Next(1, 4);
            foreach (var channel in (string[])["level", $"pump_run.{instance}", $"current.{instance}", "cover_state"])
            {
                if (random.Next(3) == 0)
                    continue;
                var point = At(position, time) with { Device = $"D-{random.Next(3)}", Channel = channel, Quality = random.Next(10) == 0 ? Quality.Bad : Quality.Good };
                points.Add(channel[0] switch
                {
                    'p' => point with { Kind = ValueKind.Boolean, Number = random.Next(2) },
                    'c' when channel == "cover_state" => point with { Kind = ValueKind.State, State = random.Next(2) == 0 ? "open" : "loose" },
                    _ => point with { Number = random.NextDouble() * 100 },
                });
            }
        }
        await city.Store.WriteAsync(points, 4000, Token);
        await city.PassAsync();

        foreach (var (policy, length) in ((string, long)[])[("1m", Minute), ("1h", Hour)])
        {
            Assert.Equal(Expected(points, "level", "", length), await city.SummariesAsync(policy, "level", ""));
            Assert.Equal(Expected(points, "current.2", "2", length), await city.SummariesAsync(policy, "current", "2"));
            Assert.Equal(Expected(points, "pump_run.2", "2", length), await city.SummariesAsync(policy, "pump_run", "2"));
            Assert.Equal(Expected(points, "cover_state", "", length), await city.SummariesAsync(policy, "cover_state", ""));
        }
    }

    [Fact]
    public async Task A_late_reading_has_its_minute_and_its_hour_summarized_again()
    {
        await using var city = await CityAsync();
        await city.Store.WriteAsync([At(1, T0) with { Number = 1 }, At(2, T0 + (2 * Minute)) with { Number = 1 }], 2, Token);
        await city.PassAsync();
        await city.Store.WriteAsync([At(3, T0 + 1000) with { Number = 4 }], 3, Token);
        await city.PassAsync();

        Assert.Equal([(T0, 1.0, 2.5, 4.0, 4.0, 2L), (T0 + (2 * Minute), 1, 1, 1, 1, 1)], await city.SummariesAsync("1m", "level", ""));
        Assert.Equal([(T0, 1.0, 2.0, 4.0, 1.0, 3L)], await city.SummariesAsync("1h", "level", ""));
    }

    [Fact]
    public async Task A_minute_waits_until_it_is_over_and_twenty_seconds_more()
    {
        await using var city = await CityAsync();
        await city.Store.WriteAsync([At(1, T0)], 1, Token);
        _time.SetUtcNow(DateTimeOffset.FromUnixTimeMilliseconds(T0 + (5 * Hour)));
        await using var early = city.With(new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(T0 + Minute + 19_999)));
        await early.PassAsync();
        Assert.Empty(await city.SummariesAsync("1m", "level", ""));
        await using var late = city.With(new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(T0 + Minute + 20_000)));
        await late.PassAsync();
        Assert.Single(await city.SummariesAsync("1m", "level", ""));
        Assert.Empty(await city.SummariesAsync("1h", "level", ""));
    }

    [Fact]
    public async Task What_waited_when_the_service_was_killed_is_summarized_after_its_start()
    {
        await using var city = await CityAsync();
        await city.Store.WriteAsync([At(1, T0), At(2, T0 + Hour)], 2, Token);
        await using var again = await CityAsync(city.Database);
        Assert.False(again.Store.Pending!.IsEverything);
        Assert.Equal(city.Store.Pending!.Text, again.Store.Pending.Text);
        await again.PassAsync();
        Assert.Equal([T0, T0 + Hour], (await again.SummariesAsync("1m", "level", "")).Select(summary => summary.Time));
        Assert.Equal([T0, T0 + Hour], (await again.SummariesAsync("1h", "level", "")).Select(summary => summary.Time));
    }

    [Fact]
    public async Task What_was_stored_without_downsampling_is_summarized_once_it_is_switched_on()
    {
        var database = await NewDatabaseAsync();
        await using (var plain = influx.Store(database))
            await plain.WriteAsync([At(1, T0), At(2, T0 + (3 * Hour))], 2, Token);
        await using var city = await CityAsync(database);
        Assert.True(city.Store.Pending!.IsEverything);
        await city.PassAsync();
        Assert.False(city.Store.Pending.IsEverything);
        Assert.Equal([T0, T0 + (3 * Hour)], (await city.SummariesAsync("1h", "level", "")).Select(summary => summary.Time));
    }

    [Fact]
    public async Task While_the_database_is_away_everything_goes_on_waiting()
    {
        await using var gate = await InfluxGate.StartAsync(influx.Server.Url);
        await using var city = await CityAsync(url: gate.Url);
        await city.Store.WriteAsync([At(1, T0)], 1, Token);
        var waiting = city.Store.Pending!.Text;
        foreach (var fault in (InfluxFault[])[InfluxFault.Cut, InfluxFault.Unavailable(), new(InfluxFault.Cut.Status, Cuts: true, When: request => request.Path.Value!.EndsWith("write", StringComparison.Ordinal))])
        {
            gate.Fault = fault;
            await Assert.ThrowsAsync<StoreAwayException>(city.PassAsync);
            Assert.Equal(waiting, city.Store.Pending.Text);
        }
        gate.Fault = null;
        await city.PassAsync();
        Assert.Single(await city.SummariesAsync("1h", "level", ""));
        Assert.Equal("", city.Store.Pending.Text);
    }

    [Theory]
    [InlineData("level", Minute)]
    [InlineData("level", 24 * Hour)]
    [InlineData("current.2", Hour)]
    [InlineData("pump_run.2", Hour)]
    [InlineData("cover_state", Hour)]
    public async Task Readings_that_are_gone_are_answered_from_what_was_made_of_them(string channel, long every)
    {
        await using var city = await CityAsync();
        var points = Enumerable.Range(1, 300).Select(i => At(i, T0 + (i * 20_000)) with { Channel = channel }).Select((point, i) => channel switch
        {
            "pump_run.2" => point with { Kind = ValueKind.Boolean, Number = i % 3 == 0 ? 1 : 0 },
            "cover_state" => point with { Kind = ValueKind.State, State = i % 3 == 0 ? "open" : "loose" },
            _ => point,
        }).ToArray();
        await city.Store.WriteAsync(points, 300, Token);
        var before = await BucketsAsync(city);
        await city.PassAsync();
        Assert.Equal(before, await BucketsAsync(city));

        // As retention leaves it: the minutes and hours, and the raw points from the middle of a bucket on.
        var later = await NewDatabaseAsync();
        foreach (var (policy, from) in ((string, long)[])[("1m", 0), ("1h", 0), ("autogen", T0 + (50 * Minute))])
            await influx.Server.QueryAsync($"SELECT * INTO \"{later}\".\"{policy}\".drainage_pump FROM \"{city.Database}\".\"{policy}\".drainage_pump WHERE time >= {from}ms GROUP BY *", null);
        await using var afterwards = await CityAsync(later);
        Assert.Equal(before, await BucketsAsync(afterwards));
        // Not what lies beyond the asked time, though an hour's figures know it.
        Assert.Equal(before.Where(bucket => bucket.Time + every <= T0 + (30 * Minute)), (await BucketsAsync(afterwards, T0 + (30 * Minute))).Where(bucket => bucket.Time + every <= T0 + (30 * Minute)));

        async Task<IReadOnlyList<Bucket>> BucketsAsync(City of, long to = T0 + (24 * Hour)) =>
            [.. (await of.Store.ReadBucketsAsync("D-1", channel, T0, to, every, Token)).Select(bucket => bucket with { Mean = bucket.Mean is { } mean ? Math.Round(mean, 9) : null })];
    }

    [Fact]
    public async Task Places_that_need_escaping_come_through()
    {
        await using var city = await CityAsync();
        var place = new Place("Yuexiu, 越秀 = a\\b", "\"Zhongshan\" Road");
        await city.Store.WriteAsync([At(1, T0) with { Origin = new Origin(1, "GW 1", place, T0) }], 1, Token);
        await city.PassAsync();
        foreach (var policy in (string[])["1m", "1h"])
        {
            var row = Assert.Single(await influx.Server.RowsAsync($"SELECT level_count, device, district, gateway, street FROM \"{policy}\".drainage_pump", city.Database));
            Assert.Equal([place.District, "GW 1", place.Street], new[] { row[3].GetString(), row[4].GetString(), row[5].GetString() });
        }
    }

    private async Task<string> NewDatabaseAsync()
    {
        var database = await influx.NewDatabaseAsync();
        foreach (var policy in (string[])["1m", "1h"])
            await influx.Server.QueryAsync($"CREATE RETENTION POLICY \"{policy}\" ON \"{database}\" DURATION INF REPLICATION 1", null);
        return database;
    }

    private async Task<City> CityAsync(string? database = null, Uri? url = null)
    {
        var city = new City(influx, database ?? await NewDatabaseAsync(), url ?? influx.Server.Url, _time);
        await city.Store.OpenAsync(Token);
        return city;
    }

    private static Point At(long position, long time) =>
        new("drainage_pump", "D-1", "level", time, time + 200, ValueKind.Number, position, null, Quality.Good, position, Origin: new Origin(position, "GW-1", default, time));

    /// <summary>Over all devices of the instance, as <see cref="City.SummariesAsync"/> lists them.</summary>
    private static IEnumerable<(long Time, double? Min, double? Mean, double? Max, double Last, long Count)> Expected(List<Point> points, string channel, string instance, long length) =>
        from point in points
        where point.Channel == channel && point.Quality != Quality.Bad
        group point by (point.Device, Time: point.Time / length * length) into window
        orderby window.Key.Device, window.Key.Time
        let last = window.MaxBy(point => (point.Time, point.Sequence))
        let isState = last.Kind == ValueKind.State
        select (
            window.Key.Time,
            isState ? null : (double?)window.Min(point => point.Number),
            isState ? null : (double?)Math.Round(window.Average(point => point.Number), 9),
            isState ? null : (double?)window.Max(point => point.Number),
            isState ? (last.State == "open" ? 1.0 : 2.0) : last.Number,
            (long)window.Count());

    private sealed class City(InfluxdFixture influx, string database, Uri url, TimeProvider time, InfluxStore? shared = null) : IAsyncDisposable
    {
        private readonly InfluxOptions _options = InfluxdFixture.Options(url, database, influx.Server.TokenFile) with { MinutesBucket = database + "/1m", HoursBucket = database + "/1h" };
        private Downsampler? _downsampler;

        public string Database => database;

        public InfluxStore Store => field ??= shared ?? new InfluxStore(
            _options, InfluxdFixture.Families.Find, _ => "drainage_pump", "0123456789abcdef", new RefusedLines((_, _) => throw new NotSupportedException(), NullLogger.Instance), TimeProvider.System, new InfluxRewrite());

        public City With(TimeProvider other) => new(influx, database, url, other, Store);

        public Task PassAsync() =>
            (_downsampler ??= new Downsampler(Store, _options, () => InfluxdFixture.Families.All, time, NullLogger<Downsampler>.Instance, new InfluxRewrite())).PassAsync(hours: true, Token);

        public async Task<IEnumerable<(long Time, double? Min, double? Mean, double? Max, double Last, long Count)>> SummariesAsync(string policy, string channel, string instance)
        {
            var rows = await influx.Server.RowsAsync($"SELECT {channel}_min, {channel}_mean, {channel}_max, {channel}_last, {channel}_count FROM \"{policy}\".drainage_pump WHERE instance = '{instance}' AND {channel}_count > 0 GROUP BY device", database);
            return rows.Select(row => (row[0].GetInt64() / 1_000_000, Number(row[1]), Number(row[2]) is { } mean ? Math.Round(mean, 9) : (double?)null, Number(row[3]), row[4].GetDouble(), row[5].GetInt64()));

            static double? Number(JsonElement value) => value.ValueKind == JsonValueKind.Null ? null : value.GetDouble();
        }

        public async ValueTask DisposeAsync()
        {
            _downsampler?.Dispose();
            if (shared is null)
                await Store.DisposeAsync();
        }
    }
}
