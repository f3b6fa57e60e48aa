using Telemetry.Ingest.OperatorPage.Charts;
using Telemetry.Ingest.Store;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Console.Charts;

/// <summary>What a chart draws of a channel: nothing is joined over a gap, and what is no measurement is none.</summary>
public sealed class ChannelTraceTests : IAsyncLifetime
{
    private const long Now = 1_782_864_000_000, Second = 1000, Minute = 60 * Second;

    private static readonly Channel Level = new() { Name = "sump_level", Index = 0, Type = ChannelType.Number, Unit = "m", Period = 10_000, Hold = 25_000, Title = new Title("Sump level", "集水池水位") };
    private static readonly Channel Supply = new() { Name = "power_supply", Index = 1, Type = ChannelType.State, States = ["mains", "backup", "lost"], Title = new Title("Power supply", "供电") };

    private readonly TempDirectory _data = new();
    private readonly Device _device = new() { Id = "ps-1", Family = "drainage_pump" };
    private DuckDbStore _store = null!;
    private int _position;

    public async ValueTask InitializeAsync()
    {
        _store = new DuckDbStore(Path.Combine(_data.Path, "series.duckdb"));
        await _store.OpenAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _data.Dispose();
    }

    [Fact]
    public async Task Values_that_are_farther_apart_than_they_count_are_not_joined_and_a_bad_one_parts_them()
    {
        await WriteAsync(Value(-100, 1), Value(-90, 2), Value(-80, 3, Quality.Bad), Value(-70, 4), Value(-30, 5), Value(-20, 6, Quality.Uncertain));
        var trace = await LoadAsync(Level, "1h");
        Assert.Equal(["1 2", "4", "5 6"], Plot.Runs(trace.Points, trace.Gap).Select(run => string.Join(' ', run.Select(point => point.Value))));
        Assert.Equal(3, Plot.Line(trace, new TimeScale(Now - (120 * Second), Now), new ValueScale(0, 10)).Count(letter => letter == 'M'));
        Assert.Equal("M833.3 400h0", Plot.Dots(trace, new TimeScale(Now - (120 * Second), Now), new ValueScale(0, 10), Quality.Uncertain));
        Assert.Equal($"M333.3 {Plot.Size - 8}h0", Plot.Dots(trace, new TimeScale(Now - (120 * Second), Now), new ValueScale(0, 10), Quality.Bad));
    }

    [Fact]
    public async Task At_a_moment_the_value_is_the_last_one_for_as_long_as_it_counts()
    {
        await WriteAsync(Value(-100, 1), Value(-90, 2));
        var trace = await LoadAsync(Level, "1h");
        Assert.Null(trace.At(Now - (101 * Second)));
        Assert.Equal(1, trace.At(Now - (91 * Second))!.Value.Value);
        Assert.Equal(2, trace.At(Now - (65 * Second))!.Value.Value);
        Assert.Null(trace.At(Now - (64 * Second)));
    }

    [Fact]
    public async Task A_state_steps_and_goes_on_to_the_charts_end()
    {
        await WriteAsync(State(-100, "mains"), State(-40, "lost"));
        var trace = await LoadAsync(Supply, "1h");
        Assert.Equal(Supply.States, trace.Levels);
        Assert.Equal("M166.7 833.3L666.7 833.3L666.7 166.7L1000 166.7", Plot.Line(trace, new TimeScale(Now - (120 * Second), Now), ValueScale.OfStates(3)));
    }

    [Fact]
    public async Task Live_readings_go_in_by_event_time_once_and_what_lies_before_the_chart_goes_but_for_the_last()
    {
        await WriteAsync(Value(-100, 1), Value(-20, 3));
        var trace = await LoadAsync(Level, "1h");
        trace.Add(Live(-60, 2));
        trace.Add(Live(-20, 3));
        trace.Add(Live(0, 4));
        Assert.Equal([1.0, 2, 3, 4], trace.Points.Select(point => point.Value!.Value));
        trace.Trim(Now - (30 * Second));
        Assert.Equal([2.0, 3, 4], trace.Points.Select(point => point.Value!.Value));
    }

    [Fact]
    public async Task A_longer_range_shows_the_spread_of_its_buckets_without_what_is_bad()
    {
        var minute = Now - (10 * Minute);
        await WriteAsync(Value((minute - Now) / Second, 1), Value(((minute - Now) / Second) + 10, 3), Value(((minute - Now) / Second) + 20, 99, Quality.Bad));
        var trace = await LoadAsync(Level, "6h");
        var point = Assert.Single(trace.Points);
        Assert.Equal(new ChartPoint(minute + (30 * Second), 2, 1, 3, Quality.Good), point);
        trace.Add(Live(0, 4));
        Assert.Single(trace.Points);
    }

    private async Task<ChannelTrace> LoadAsync(Channel channel, string range)
    {
        var trace = new ChannelTrace(_device, channel.Name, channel);
        await trace.LoadAsync(_store, ChartRange.Of(range), Now, TestContext.Current.CancellationToken);
        return trace;
    }

    private Task WriteAsync(params Point[] points) => _store.WriteAsync(points, ++_position, TestContext.Current.CancellationToken);

    private Point Value(long seconds, double value, Quality quality = Quality.Good) =>
        new("drainage_pump", _device.Id, Level.Name, Now + (seconds * Second), Now, ValueKind.Number, value, null, quality, null);

    private Point State(long seconds, string state) =>
        new("drainage_pump", _device.Id, Supply.Name, Now + (seconds * Second), Now, ValueKind.State, 0, state, Quality.Good, null);

    private ReadingEntry Live(long seconds, double value) => new(new Reading
    {
        Gateway = "gw-1", Family = "drainage_pump", Device = _device.Id, EventTime = Now + (seconds * Second), Values = [new ChannelValue(Level.Name, ValueKind.Number, value, null, Quality.Good)],
    });
}
