using CsCheck;
using Telemetry.Ingest.OperatorPage.Load;
using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.Tests.Console;

/// <summary>The bars of a day.</summary>
public sealed class DayScaleTests
{
    private const long Window = 600_000;

    /// <summary>2026-11-10 00:00 in China.</summary>
    private const long Midnight = 1_794_240_000_000;

    private static readonly Gen<LoadWindow[]> Days =
        from count in Gen.Int[1, DayScale.Slots]
        from alarms in Gen.Select(Gen.Int[0, 40], Gen.Int[0, 40], Gen.Int[0, 400], Gen.Int[0, 3]).Array[count]
        select alarms.Select((each, i) => new LoadWindow(Midnight + (i * Window), each.Item1, each.Item2, each.Item3, each.Item4)).ToArray();

    [Fact]
    public void The_present_window_is_the_last_slot_and_severities_stand_on_each_other()
    {
        var scale = new DayScale([new LoadWindow(Midnight, 0, 0, 0, 0), new LoadWindow(Midnight + Window, 2, 0, 3, 0)]);
        Assert.Equal(20, scale.Top);
        Assert.Equal([("critical", DayScale.Width - DayScale.SlotWidth, 144.0, 16.0), ("medium", DayScale.Width - DayScale.SlotWidth, 120.0, 24.0)], scale.Bars().Select(bar => (bar.Severity, bar.X, bar.Y, bar.Height)));
    }

    [Fact]
    public void Every_bar_is_within_the_drawing_and_they_are_as_high_as_there_are_alarms() => Days.Repeatably().Sample(windows =>
    {
        var scale = new DayScale(windows);
        var bars = scale.Bars().ToList();
        Assert.All(bars, bar => Assert.True(bar.X >= 0 && bar.X + DayScale.SlotWidth <= DayScale.Width && bar.Y >= -1e-9 && bar.Y + bar.Height <= DayScale.Height + 1e-9));
        Assert.Equal(windows.Sum(window => window.All), bars.Sum(bar => bar.Height) / DayScale.Height * scale.Top, 6);
        Assert.InRange(scale.Y(10), 0, DayScale.Height);
    });

    [Fact]
    public void Hours_are_those_of_the_citys_clock()
    {
        var hours = new DayScale([new LoadWindow(Midnight + (3 * Window), 0, 0, 0, 0)]).Hours().ToList();
        Assert.Equal(["03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00", "00:00"], hours.Select(hour => hour.Text));
        Assert.Equal(DayScale.Width - (4 * DayScale.SlotWidth), hours[^1].X);
        Assert.Empty(new DayScale([]).Hours());
    }
}
