using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Store;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Tests.Store;

public sealed class StoreWriterTests : IAsyncDisposable
{
    private const long T0 = 1_732_440_000_000;
    private readonly TempDirectory _directory = new();
    private readonly DurableLog _log;
    private readonly Progress _progress = new();
    private readonly Verdicts _verdicts = new();
    private readonly DeviceDirectory _devices = new();
    private readonly PlaceHistory _places;
    private readonly FakeTimeProvider _time = new();
    private readonly ListStore _store = new();

    public StoreWriterTests()
    {
        _places = new PlaceHistory(_devices);
        _log = DurableLog.Open(
            _directory.File("log"), new LogOptions { SegmentSize = 1 << 20 }, new FileSystem(), new LogClock(TimeProvider.System), NullLogger.Instance);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Readings_are_stored_as_far_as_the_rules_have_come_and_no_further()
    {
        await AppendAsync(1, 2, 3);
        using var writer = await StartAsync();
        _progress.RulesReached(2);
        await EventuallyAsync(() => _progress.Store == 2);
        Assert.Equal([1, 2], _store.Numbers);

        _progress.RulesReached(3);
        await EventuallyAsync(() => _progress.Store == 3);
        Assert.Equal([1, 2, 3], _store.Numbers);
        Assert.Equal(0, writer.Behind);
        Assert.Null(writer.Failing);
    }

    [Fact]
    public async Task A_point_has_the_event_time_the_time_it_was_received_and_the_place_of_its_device()
    {
        _devices.Set(new Device { Id = "PS-1", Family = "drainage_pump", District = "Yuexiu" });
        await AppendAsync(1);
        using var writer = await StartAsync();
        _progress.RulesReached(1);
        await EventuallyAsync(() => _progress.Store == 1);
        var point = Assert.Single(_store.Points);
        Assert.Equal(new Point("drainage_pump", "PS-1", "level", T0 + 1, point.ReceivedTime, ValueKind.Number, 1, null, Quality.Good, 1, Origin: new Origin(1, "GW-1", new Place("Yuexiu", null), T0 + 1)), point);
        Assert.True(point.ReceivedTime > T0 + 1);
    }

    [Fact]
    public async Task Dropped_values_are_left_out_and_old_ones_looked_up()
    {
        await AppendAsync(1, 2, 3);
        _verdicts.Add(1, [ValueVerdict.Drop]);
        _verdicts.Add(3, [ValueVerdict.LookUp]);
        using var writer = await StartAsync();
        _progress.RulesReached(3);
        await EventuallyAsync(() => _progress.Store == 3);
        Assert.Equal([(2, false), (3, true)], _store.Points.Select(point => ((int)point.Number, point.LookUpFirst)));
        Assert.Equal(3, _verdicts.Forgotten);
    }

    [Fact]
    public async Task Entries_without_readings_move_the_position_too()
    {
        var batch = new EntryBatch();
        batch.Add(new TickEntry());
        batch.Add(new TickEntry());
        await await _log.AppendAsync(batch, Token);
        using var writer = await StartAsync();
        _progress.RulesReached(2);
        await EventuallyAsync(() => _progress.Store == 2);
        Assert.Empty(_store.Points);
    }

    [Fact]
    public async Task An_outage_of_the_store_says_why_and_loses_and_doubles_nothing()
    {
        await AppendAsync([.. Enumerable.Range(1, 5000)]);
        _store.Broken = "disk full";
        using var writer = await StartAsync();
        _progress.RulesReached(3000);
        await EventuallyAsync(() => writer.Failing == "disk full");
        _progress.RulesReached(5000);
        await EventuallyAsync(() => _store.Attempts > 3);
        Assert.Equal(5000, writer.Behind);

        _store.Broken = null;
        await EventuallyAsync(() => _progress.Store == 5000);
        Assert.Null(writer.Failing);
        Assert.Equal(Enumerable.Range(1, 5000), _store.Numbers);
    }

    [Fact]
    public async Task A_write_that_fails_after_it_was_stored_is_not_doubled()
    {
        await AppendAsync(1, 2);
        _store.FailAfterStoring = true;
        using var writer = await StartAsync();
        _progress.RulesReached(2);
        await EventuallyAsync(() => _progress.Store == 2);
        Assert.Equal([1, 2], _store.Numbers);
    }

    [Fact]
    public async Task A_store_that_says_when_it_is_asked_then_and_not_before()
    {
        await AppendAsync(1);
        _store.Broken = "busy";
        _store.RetryAfter = TimeSpan.FromMinutes(3);
        using var writer = await StartAsync();
        _progress.RulesReached(1);
        await EventuallyAsync(() => _store.Attempts == 1);
        var begun = _time.GetUtcNow();
        await EventuallyAsync(() => _store.Attempts == 2);
        Assert.InRange((_time.GetUtcNow() - begun).TotalSeconds, 179, 400);
    }

    [Fact]
    public async Task A_restart_goes_on_where_the_store_stands()
    {
        await AppendAsync(1, 2, 3);
        using (var first = await StartAsync())
        {
            _progress.RulesReached(2);
            await EventuallyAsync(() => _progress.Store == 2);
            await first.StopAsync(Token);
        }
        using var second = await StartAsync();
        _progress.RulesReached(3);
        await EventuallyAsync(() => _progress.Store == 3);
        Assert.Equal([1, 2, 3], _store.Numbers);
    }

    [Fact]
    public async Task A_store_that_lost_its_data_is_rebuilt_with_every_value_looked_up()
    {
        await AppendAsync(1, 2, 3);
        _devices.Set(new Device { Id = "PS-1", Family = "drainage_pump" });
        _verdicts.Forget(2);
        using var writer = await StartAsync();
        _progress.RulesReached(3);
        await EventuallyAsync(() => _progress.Store == 3);
        Assert.Equal([true, true, false], _store.Points.Select(point => point.LookUpFirst));
    }

    [Fact]
    public async Task A_store_that_lost_its_data_gets_no_reading_that_the_rules_refused()
    {
        await AppendAsync(1, 2, 3);
        _devices.Set(new Device { Id = "PS-1", Family = "tunnel" });
        _verdicts.Forget(2);
        using var writer = await StartAsync();
        _progress.RulesReached(3);
        await EventuallyAsync(() => _progress.Store == 3);
        Assert.Equal([3], _store.Numbers);
    }

    [Fact]
    public async Task A_store_of_another_log_stays_off_and_says_so()
    {
        await AppendAsync(1);
        _store.Position = 99;
        using var writer = await StartAsync();
        _progress.RulesReached(1);
        await EventuallyAsync(() => writer.Failing is not null);
        Assert.Contains("100", writer.Failing, StringComparison.Ordinal);
        Assert.Equal(0, _store.Attempts);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(5, 16)]
    [InlineData(6, 30)]
    [InlineData(1_000_000, 30)]
    public void A_retry_waits_ever_longer_up_to_half_a_minute(int failures, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), new StoreWriterOptions().RetryAfter(failures));

    [Fact]
    public void The_slowest_store_counts()
    {
        _progress.StoreReached("duckdb", 0);
        _progress.StoreReached("influxdb", 0);
        _progress.StoreReached("duckdb", 7);
        Assert.Equal(0, _progress.Store);
        _progress.StoreReached("influxdb", 9);
        Assert.Equal(7, _progress.Store);
    }

    public async ValueTask DisposeAsync()
    {
        await _log.DisposeAsync();
        _directory.Dispose();
    }

    private async Task<StoreWriter> StartAsync()
    {
        var writer = new StoreWriter(_store, _log, _progress, _verdicts, _places, new StoreWriterOptions(), _time, NullLogger<StoreWriter>.Instance, Telemetry.Ingest.Cluster.Owner.Ownership.Alone);
        await writer.StartAsync(Token);
        return writer;
    }

    private async Task AppendAsync(params int[] numbers)
    {
        var batch = new EntryBatch();
        foreach (var number in numbers)
        {
            batch.Add(new ReadingEntry(new Reading
            {
                Gateway = "GW-1",
                Family = "drainage_pump",
                Device = "PS-1",
                SentTime = T0 + number,
                EventTime = T0 + number,
                Sequence = number,
                Values = [new ChannelValue("level", ValueKind.Number, number, null, Quality.Good)],
            }));
        }
        await await _log.AppendAsync(batch, Token);
    }

    private Task EventuallyAsync(Func<bool> condition) => Wait.ForAsync("the writer", () =>
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        return condition();
    });

    /// <summary>A store in memory that can be broken.</summary>
    private sealed class ListStore : ISeriesStore
    {
        private readonly List<Point> _points = [];
        private readonly Lock _gate = new();

        public string Kind => "duckdb";

        public long Position { get; set; }

        public volatile string? Broken;

        public volatile bool FailAfterStoring;

        public TimeSpan? RetryAfter { get; set; }

        public int Attempts { get; private set; }

        public IReadOnlyList<Point> Points
        {
            get
            {
                lock (_gate)
                    return [.. _points];
            }
        }

        public IEnumerable<int> Numbers => Points.Select(point => (int)point.Number);

        public Task OpenAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task WriteAsync(IReadOnlyList<Point> points, long position, CancellationToken cancellationToken)
        {
            Attempts++;
            if (Broken is { } reason)
                throw new StoreAwayException(reason) { RetryAfter = RetryAfter };
            lock (_gate)
                _points.AddRange(points);
            Position = position;
            if (FailAfterStoring)
            {
                FailAfterStoring = false;
                throw new IOException("the answer was lost");
            }
            return Task.CompletedTask;
        }

        public Task<IReadOnlyList<Point>> ReadAsync(string device, string channel, long from, long to, int limit, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<IReadOnlyList<Bucket>> ReadBucketsAsync(string device, string channel, long from, long to, long every, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
