using Telemetry.Rules.Model;
using Telemetry.Rules.Tests.Pipeline;

namespace Telemetry.Rules.Tests.Positions;

/// <summary><c>system/handover_unsigned</c>: a quarter of an hour without both signatures.</summary>
public sealed class HandoverUnsignedTests : IDisposable
{
    private readonly Timeline _timeline = new();

    public void Dispose() => _timeline.Dispose();

    [Fact]
    public void It_comes_at_the_tick_15_min_after_the_opening_and_goes_with_the_second_signature()
    {
        Add(0, PositionAction.SignOn, "Wang");
        var id = Add(10, PositionAction.OpenHandover, "Wang");
        Add(60, PositionAction.SignHandover, "Wang", id);
        _timeline.TicksTo(909);
        Assert.Empty(_timeline.Look());
        _timeline.TicksTo(1000);
        Assert.Equal(["15:10 telemetry handover_unsigned ActiveUnacknowledged High raised"], _timeline.Look());
        Assert.Equal("north: Wang", Assert.Single(_timeline.Pipeline.OpenAlarms).Detail);
        Add(1010, PositionAction.SignHandover, "Li", id);
        Assert.Equal(["16:50 telemetry handover_unsigned ClearedUnacknowledged High cleared"], _timeline.Look());
    }

    [Fact]
    public void Signed_in_time_it_never_comes()
    {
        Add(0, PositionAction.SignOn, "Wang");
        var id = Add(10, PositionAction.OpenHandover, "Wang");
        Add(909, PositionAction.SignHandover, "Wang", id);
        Add(909.5, PositionAction.SignHandover, "Li", id);
        _timeline.TicksTo(1200);
        Assert.Empty(_timeline.Look());
    }

    [Fact]
    public void Another_position_that_waits_too_long_is_told_anew_and_the_first_to_be_signed_ends_nothing()
    {
        var north = Opened(0, "north", "Wang");
        var south = Opened(100, "south", "Zhao");
        _timeline.TicksTo(1100);
        Assert.Equal(
            ["15:00 telemetry handover_unsigned ActiveUnacknowledged High raised", "16:40 telemetry handover_unsigned ClearedUnacknowledged High cleared", "16:40 telemetry handover_unsigned Normal High recurred", "16:40 telemetry handover_unsigned ActiveUnacknowledged High raised"],
            _timeline.Look());
        Assert.Equal("north: Wang; south: Zhao", Assert.Single(_timeline.Pipeline.OpenAlarms).Detail);
        Sign(1101, "north", "Wang", north);
        Sign(1102, "north", "Li", north);
        Assert.Empty(_timeline.Look());
        Sign(1103, "south", "Zhao", south);
        Sign(1104, "south", "Qian", south);
        Assert.Equal(["18:24 telemetry handover_unsigned ClearedUnacknowledged High cleared"], _timeline.Look());
    }

    [Fact]
    public void A_restart_at_any_entry_gives_the_same_journal()
    {
        var north = Opened(0, "north", "Wang");
        Opened(5, "south", "Zhao");
        _timeline.TicksTo(910);
        Sign(911, "north", "Wang", north);
        Sign(912, "north", "Li", north);
        _timeline.At(913).TicksTo(920);
        var whole = RestartTests.Journal(_timeline.Log, restartAfter: null);
        Assert.Equal(4, whole.Count);
        for (var i = 0; i < _timeline.Log.Count; i++)
        {
            // Ticks in the middle of nothing are alike.
            if (i < 20 || i > 890 || i % 50 == 0)
                Assert.Equal(whole, RestartTests.Journal(_timeline.Log, i));
        }
    }

    [Fact]
    public void A_refused_entry_says_why_and_changes_nothing()
    {
        Add(0, PositionAction.OpenHandover, "Wang");
        Assert.Equal("position_unmanned", _timeline.Refusal);
        Assert.Null(_timeline.Pipeline.Positions.Of("north").Open);
        _timeline.TicksTo(1000);
        Assert.Empty(_timeline.Look());
    }

    private long Opened(double at, string name, string by)
    {
        Add(at, PositionAction.SignOn, by, name: name);
        return Add(at, PositionAction.OpenHandover, by, name: name);
    }

    private void Sign(double at, string name, string by, long id) => Add(at, PositionAction.SignHandover, by, id, name);

    private long Add(double at, PositionAction action, string by, long handover = 0, string name = "north")
    {
        _timeline.At(at).Add(new PositionEntry(action, name, by) { Handover = handover, Hash = "h" });
        return _timeline.Log[^1].Position;
    }
}
