namespace Telemetry.Rules.Tests.Pipeline;

/// <summary>What the filter makes of a reading that comes again, or comes too late to tell.</summary>
public sealed class DuplicateTests : IDisposable
{
    private readonly Timeline _timeline = new(Families.Pump);

    public void Dispose() => _timeline.Dispose();

    [Fact]
    public void A_reading_that_contradicts_itself_in_several_channels_is_one_dead_letter()
    {
        _timeline.At(10).Reading("ps-1", "level=1 temperature=20", eventTime: 10, sequence: 7);
        _timeline.At(11).Reading("ps-1", "level=2 temperature=21", eventTime: 10, sequence: 7);
        var letter = Assert.Single(_timeline.Pipeline.Moment.DeadLetters);
        Assert.Equal("conflicting_duplicate", letter.Reason);
        Assert.Contains("level, temperature", letter.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_reading_again_is_no_dead_letter()
    {
        _timeline.At(10).Reading("ps-1", "level=1", eventTime: 10, sequence: 7);
        _timeline.At(11).Reading("ps-1", "level=1", eventTime: 10, sequence: 7);
        Assert.Empty(_timeline.Pipeline.Moment.DeadLetters);
    }

    [Fact]
    public void A_reading_older_than_the_window_is_late_and_for_the_store_alone()
    {
        _timeline.At(10).Reading("ps-1", "level=9", eventTime: 10 - (8 * 86400));
        Assert.True(_timeline.Pipeline.Moment.Late);
        Assert.Equal([Operators.ValueVerdict.LookUp], _timeline.Pipeline.Moment.Verdicts);
        _timeline.TicksTo(60);
        Assert.Empty(_timeline.Look());
    }
}
