namespace Telemetry.Rules.Tests.Pipeline;

/// <summary>Rolling lowest, highest, total and count of reports over event time, and one thing after another.</summary>
public sealed class RollingTests : IDisposable
{
    private Timeline _timeline = null!;

    public void Dispose() => _timeline?.Dispose();

    private Timeline Watch(params string[] rules) => _timeline = new Timeline(Families.Watch(rules));

    private void Level(params (double At, double Level)[] readings)
    {
        foreach (var (at, level) in readings)
            _timeline.At(at).Reading("w-1", FormattableString.Invariant($"level={level}"), family: "watch");
    }

    private void Flag(double at, string values) => _timeline.At(at).Reading("w-1", values, family: "watch");

    [Fact]
    public void The_lowest_of_a_window_is_at_the_limit_until_it_leaves_the_window()
    {
        Watch("never_low: lowest(level, 30s) > 1 m");
        Level((0, 1), (10, 5), (20, 5), (30, 5));
        // The value of 1 m stood at the window's beginning.
        Assert.Empty(_timeline.Look());
        Level((40, 5));
        Assert.Equal(["00:40 w-1 never_low ActiveUnacknowledged Low raised"], _timeline.Look());
    }

    [Fact]
    public void The_highest_of_a_window_remembers_a_peak_that_is_over()
    {
        Watch("peaked: highest(level, 30s) >= 5 m");
        Level((0, 1), (10, 5), (20, 1), (30, 1), (40, 1));
        Assert.Equal(["00:10 w-1 peaked ActiveUnacknowledged Low raised"], _timeline.Look());
        Level((50, 1));
        Assert.Equal(["00:50 w-1 peaked ClearedUnacknowledged Low cleared"], _timeline.Look());
    }

    [Fact]
    public void A_peak_that_came_late_stands_where_it_was()
    {
        Watch("peaked: highest(level, 30s) >= 5 m");
        Level((0, 1), (20, 1));
        _timeline.Reading("w-1", "level=5", 10, family: "watch");
        Level((40, 1));
        Assert.Equal(["00:40 w-1 peaked ActiveUnacknowledged Low raised"], _timeline.Look());
        Level((50, 1));
        Assert.Equal(["00:50 w-1 peaked ClearedUnacknowledged Low cleared"], _timeline.Look());
    }

    [Fact]
    public void A_total_is_of_what_was_reported_within_the_window()
    {
        Watch("poured: total(level, 30s) >= 3 m");
        Level((0, 1), (10, 1), (20, 0.9));
        Assert.Empty(_timeline.Look());
        Level((29, 0.1));
        Assert.Equal(["00:29 w-1 poured ActiveUnacknowledged Low raised"], _timeline.Look());
        // The report of 0:00 has left.
        Level((30, 0.9));
        Assert.Equal(["00:30 w-1 poured ClearedUnacknowledged Low cleared"], _timeline.Look());
    }

    [Fact]
    public void A_gap_is_no_total_and_clears_nothing()
    {
        Watch("poured: total(level, 30s) >= 3 m || flag");
        Level((0, 3));
        Assert.Single(_timeline.Look());
        Flag(60, "flag=false");
        Assert.Empty(_timeline.Look());
    }

    [Fact]
    public void Reports_are_counted_and_silence_counts_as_none()
    {
        Watch("chatters: reports(level, 30s) >= 4", "quiet: reports(level, 30s) < 1 && flag");
        Level((0, 1), (10, 1), (20, 1));
        Assert.Empty(_timeline.Look());
        Level((29, 1));
        Assert.Equal(["00:29 w-1 chatters ActiveUnacknowledged Low raised"], _timeline.Look());
        Flag(59, "flag=true");
        Assert.Equal(["00:59 w-1 quiet ActiveUnacknowledged Low raised"], _timeline.Look().Where(line => line.Contains("quiet", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_sequence_needs_its_order()
    {
        Watch("then: sequence(mode == manual, flag, 60s)");
        Flag(0, "mode=auto flag=false");
        Flag(10, "flag=true");
        Flag(20, "mode=manual");
        Assert.Empty(_timeline.Look());
        Flag(30, "flag=false");
        Flag(40, "flag=true");
        Assert.Equal(["00:40 w-1 then ActiveUnacknowledged Low raised"], _timeline.Look());
    }

    [Theory]
    [InlineData(59, true)]
    [InlineData(60, false)]
    public void A_sequence_is_over_when_its_beginning_is_as_old_as_the_window(double after, bool raised)
    {
        Watch("then: sequence(mode == manual, flag, 60s)");
        Flag(0, "mode=auto flag=false");
        Flag(100, "mode=manual");
        Flag(100 + after, "flag=true");
        Assert.Equal(raised, _timeline.Look().Length > 0);
    }

    [Fact]
    public void A_sequence_goes_out_by_itself()
    {
        Watch("then: sequence(mode == manual, flag, 60s)");
        Flag(0, "mode=auto flag=false");
        Flag(10, "mode=manual");
        Flag(20, "flag=true");
        _timeline.At(20).TicksTo(90);
        Assert.Equal(
            ["00:20 w-1 then ActiveUnacknowledged Low raised", "01:10 w-1 then ClearedUnacknowledged Low cleared"], _timeline.Look());
    }
}
