using CsCheck;
using Telemetry.Ingest.Store;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Store;

/// <summary>What every time-series store must do, whatever stands behind it.</summary>
public abstract class SeriesStoreContract
{
    protected const long T0 = 1_732_440_000_000;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A store over the same data each time it is called within one test.</summary>
    protected abstract Task<ISeriesStore> OpenAsync();

    /// <summary>Forgets what earlier calls of one test have stored.</summary>
    protected abstract Task WipeAsync();

    [Fact]
    public async Task Every_kind_of_value_comes_back_as_it_went_in()
    {
        await using var store = await OpenAsync();
        Point[] points =
        [
            Number(T0, 1.25) with { Sequence = 17, Quality = Quality.Uncertain },
            Number(T0 + 1, -0.0),
            Number(T0 + 2, double.MaxValue) with { Sequence = long.MaxValue },
            Number(T0 + 3, double.NaN) with { Quality = Quality.Bad },
            Number(T0 + 4, 5e-324) with { Quality = Quality.Stale },
            Number(T0, 1) with { Channel = "pump_run.2", Kind = ValueKind.Boolean },
            Number(T0, 0) with { Channel = "cover_state", Kind = ValueKind.State, State = "open" },
            Number(T0 + 1, 0) with { Channel = "cover_state", Kind = ValueKind.State, State = "井盖" },
        ];
        await store.WriteAsync(points, 8, Token);

        Assert.Equal(points[..5].Select(Read), await store.ReadAsync("D-1", "level", T0, T0 + 10, 100, Token));
        Assert.Equal(points[5..6].Select(Read), await store.ReadAsync("D-1", "pump_run.2", T0, T0 + 10, 100, Token));
        Assert.Equal(points[6..].Select(Read), await store.ReadAsync("D-1", "cover_state", T0, T0 + 10, 100, Token));
    }

    [Fact]
    public async Task A_range_includes_its_start_and_excludes_its_end()
    {
        await using var store = await OpenAsync();
        await store.WriteAsync([Number(T0 - 1, 0), Number(T0, 1), Number(T0 + 9, 2), Number(T0 + 10, 3)], 1, Token);
        Assert.Equal([1, 2], (await store.ReadAsync("D-1", "level", T0, T0 + 10, 100, Token)).Select(point => point.Number));
    }

    [Fact]
    public async Task Points_come_by_event_time_and_equal_times_by_position()
    {
        await using var store = await OpenAsync();
        await store.WriteAsync([At(1, Number(T0 + 5, 1)), At(2, Number(T0, 2)), At(3, Number(T0 + 5, 3))], 3, Token);
        await store.WriteAsync([At(4, Number(T0 + 5, 4)), At(5, Number(T0 + 1, 5))], 5, Token);
        Assert.Equal([2, 5, 1, 3, 4], (await store.ReadAsync("D-1", "level", T0, T0 + 10, 100, Token)).Select(point => point.Number));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task A_limit_within_equal_times_keeps_the_first_positions(int limit)
    {
        await using var store = await OpenAsync();
        await store.WriteAsync([At(1, Number(T0, 1)), .. Enumerable.Range(2, 5).Select(i => At(i, Number(T0 + 1, i)))], 6, Token);
        Assert.Equal(Enumerable.Range(1, limit).Select(i => (double)i), (await store.ReadAsync("D-1", "level", T0, T0 + 10, limit, Token)).Select(point => point.Number));
    }

    [Fact]
    public async Task A_limit_keeps_the_earliest()
    {
        await using var store = await OpenAsync();
        await store.WriteAsync([Number(T0 + 2, 3), Number(T0, 1), Number(T0 + 1, 2)], 1, Token);
        Assert.Equal([1, 2], (await store.ReadAsync("D-1", "level", T0, T0 + 10, 2, Token)).Select(point => point.Number));
    }

    [Fact]
    public async Task What_was_never_stored_is_an_empty_answer()
    {
        await using var store = await OpenAsync();
        await store.WriteAsync([Number(T0, 1)], 1, Token);
        Assert.Empty(await store.ReadAsync("D-2", "level", T0, T0 + 10, 100, Token));
        Assert.Empty(await store.ReadAsync("D-1", "tilt", T0, T0 + 10, 100, Token));
        Assert.Empty(await store.ReadBucketsAsync("D-2", "level", T0, T0 + 10, 5, Token));
    }

    [Fact]
    public async Task A_position_without_points_is_kept_too()
    {
        await using (var store = await OpenAsync())
            await store.WriteAsync([], 42, Token);
        await using var again = await OpenAsync();
        Assert.Equal(42, again.Position);
    }

    [Fact]
    public async Task Replaying_what_is_stored_after_reopening_doubles_nothing()
    {
        Point[][] batches = [[Number(T0, 1), Number(T0 + 1, 2)], [Number(T0 + 2, 3)], [Number(T0 + 3, 4)]];
        await using (var store = await OpenAsync())
        {
            await store.WriteAsync(batches[0], 2, Token);
            await store.WriteAsync(batches[1], 3, Token);
        }
        await using var again = await OpenAsync();
        Assert.Equal(3, again.Position);
        for (var i = 0; i < batches.Length; i++)
            await again.WriteAsync(batches[i], 2 + i, Token);
        Assert.Equal([1, 2, 3, 4], (await again.ReadAsync("D-1", "level", T0, T0 + 10, 100, Token)).Select(point => point.Number));
        Assert.Equal(4, again.Position);
    }

    [Fact]
    public async Task Series_keep_their_points_apart_over_reopening()
    {
        await using (var store = await OpenAsync())
            await store.WriteAsync([Number(T0, 1), Number(T0, 2) with { Device = "D-2" }], 1, Token);
        await using var again = await OpenAsync();
        await again.WriteAsync([Number(T0 + 1, 3) with { Device = "D-2" }, Number(T0 + 1, 4) with { Channel = "tilt" }], 2, Token);
        Assert.Equal([1], (await again.ReadAsync("D-1", "level", T0, T0 + 10, 100, Token)).Select(point => point.Number));
        Assert.Equal([2, 3], (await again.ReadAsync("D-2", "level", T0, T0 + 10, 100, Token)).Select(point => point.Number));
        Assert.Equal([4], (await again.ReadAsync("D-1", "tilt", T0, T0 + 10, 100, Token)).Select(point => point.Number));
    }

    [Fact]
    public async Task An_old_point_goes_in_only_if_its_equal_is_not_stored()
    {
        await using var store = await OpenAsync();
        var state = Number(T0, 0) with { Channel = "cover_state", Kind = ValueKind.State, State = "open" };
        Point[] stored = [Number(T0, 1) with { Sequence = 7 }, Number(T0 + 1, 2), state];
        await store.WriteAsync(stored, 1, Token);

        await store.WriteAsync(
            [
                stored[0] with { LookUpFirst = true, ReceivedTime = T0 + 99 },
                stored[0] with { LookUpFirst = true, Sequence = 8 },
                stored[1] with { LookUpFirst = true },
                stored[1] with { LookUpFirst = true, Time = T0 + 2 },
                stored[1] with { LookUpFirst = true, Time = T0 + 2 },
                state with { LookUpFirst = true },
                At(2, state with { LookUpFirst = true, State = "normal" }),
                Number(T0 + 3, 9),
            ],
            2,
            Token);

        var levels = await store.ReadAsync("D-1", "level", T0, T0 + 10, 100, Token);
        Assert.Equal([(T0, 7L, 1.0), (T0, 8L, 1.0), (T0 + 1, null, 2.0), (T0 + 2, null, 2.0), (T0 + 3, null, 9.0)],
            levels.Select(point => (point.Time, point.Sequence, point.Number)));
        Assert.Equal(["open", "normal"], (await store.ReadAsync("D-1", "cover_state", T0, T0 + 10, 100, Token)).Select(point => point.State));
    }

    [Fact]
    public async Task Buckets_of_states_have_the_last_and_the_count()
    {
        await using var store = await OpenAsync();
        var state = State(T0 + 5, "open");
        await store.WriteAsync([state, state with { Time = T0, State = "normal" }, state with { Time = T0 + 6, State = "loose", Quality = Quality.Bad }], 1, Token);
        Assert.Equal([new Bucket(T0, null, null, null, null, "open", 2)], await store.ReadBucketsAsync("D-1", "cover_state", T0, T0 + 10, 10_000, Token));
    }

    [Fact]
    public async Task Buckets_of_booleans_count_zeros_and_ones()
    {
        await using var store = await OpenAsync();
        var on = Number(T0, 1) with { Channel = "pump_run.2", Kind = ValueKind.Boolean };
        await store.WriteAsync([on, on with { Time = T0 + 1, Number = 0 }, on with { Time = T0 + 2 }, on with { Time = T0 + 3 }], 1, Token);
        Assert.Equal([new Bucket(T0, 0, 0.75, 1, 1, null, 4)], await store.ReadBucketsAsync("D-1", "pump_run.2", T0, T0 + 10, 10_000, Token));
    }

    [Fact]
    public async Task Buckets_equal_those_of_a_naive_count()
    {
        var value =
            from time in Gen.Long[-50, 150]
            from number in Gen.Int[-20, 20]
            from quality in Gen.Enum<Quality>()
            select (time, number, quality);
        var scene =
            from state in Gen.Bool
            from values in value.Array[0, 60]
            from every in Gen.Long[1, 60]
            from start in Gen.Long[-60, 60]
            from length in Gen.Long[0, 150]
            select (state, points: values.Select((one, i) => Any(state, i, one.time, one.number, one.quality)).ToArray(), every, start, length);
        await scene.Repeatably().SampleAsync(
            async each =>
            {
                await WipeAsync();
                await using var store = await OpenAsync();
                await store.WriteAsync(each.points, 1, Token);
                var end = each.start + each.length;
                var actual = await store.ReadBucketsAsync("D-1", each.state ? "cover_state" : "level", each.start, end, each.every, Token);
                Assert.Equal(NaiveBuckets(each.points, each.start, end, each.every), actual.Select(bucket => bucket with { Mean = Rounded(bucket.Mean) }));
            },
            iter: 20,
            threads: 1);
    }

    /// <summary>Numbered, so that the later of two equal times is known.</summary>
    private static Point Any(bool state, int index, long time, int number, Quality quality) =>
        At(index + 1, (state ? State(time, $"s{number}") : Number(time, number)) with { Quality = quality, Sequence = index });

    /// <summary>As it comes back: where it came from is for writing alone.</summary>
    private static Point Read(Point point) => point with { Origin = default };

    protected static Point At(long position, Point point) => point with { Origin = new Origin(position, "GW-1", default, point.Time) };

    protected static Point State(long time, string state) => Number(time, 0) with { Channel = "cover_state", Kind = ValueKind.State, State = state };

    protected static Point Number(long time, double number) =>
        new("drainage_pump", "D-1", "level", time, time + 250, ValueKind.Number, number, null, Quality.Good, null, Origin: new Origin(0, "GW-1", default, time));

    private static IEnumerable<Bucket> NaiveBuckets(Point[] points, long start, long end, long every) =>
        from point in points
        where point.Time >= start && point.Time < end && point.Quality != Quality.Bad
        group point by (long)Math.Floor(point.Time / (double)every) * every into bucket
        orderby bucket.Key
        let numbers = bucket.Where(point => point.Kind != ValueKind.State).Select(point => point.Number).ToArray()
        let last = bucket.OrderBy(point => point.Time).Last()
        select new Bucket(
            bucket.Key,
            numbers.Length == 0 ? null : numbers.Min(),
            numbers.Length == 0 ? null : Rounded(numbers.Average()),
            numbers.Length == 0 ? null : numbers.Max(),
            last.Kind == ValueKind.State ? null : last.Number,
            last.State,
            bucket.Count());

    private static double? Rounded(double? mean) => mean is { } value ? Math.Round(value, 9) : null;
}
