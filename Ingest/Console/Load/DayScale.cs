using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.OperatorPage.Load;

/// <param name="X">Its left edge.</param>
/// <param name="Y">Its upper edge; from the top, as SVG has it.</param>
/// <param name="Severity">The class of its colour: <c>critical</c>, <c>high</c>, <c>medium</c>, <c>low</c>.</param>
public readonly record struct Bar(double X, double Y, double Height, string Severity);

/// <summary>Where the bars of a day stand in a drawing of <see cref="Width"/> × <see cref="Height"/>; a slot each ten minutes, the present one last.</summary>
public sealed class DayScale
{
    public const int Slots = 144;
    public const double SlotWidth = 6, Width = Slots * SlotWidth, Height = 160;

    private const long Window = 600_000;

    // Above so many in ten minutes is a flood: the line must be within the drawing.
    private const int FloodAbove = 10;

    public DayScale(IReadOnlyList<LoadWindow> windows)
    {
        Windows = windows;
        Begin = windows.Count == 0 ? 0 : windows[^1].Begin - ((Slots - 1) * Window);
        Top = NiceTop(Math.Max(FloodAbove + 2, windows.Select(window => window.All).DefaultIfEmpty().Max()));
    }

    public IReadOnlyList<LoadWindow> Windows { get; }

    /// <summary>Of the first slot, Unix ms; 0 without figures.</summary>
    public long Begin { get; }

    /// <summary>The highest number of the axis.</summary>
    public int Top { get; }

    public double Y(double alarms) => Height - (alarms / Top * Height);

    public double X(long time) => (double)(time - Begin) / Window * SlotWidth;

    /// <summary>The most severe at the bottom, where lengths compare best.</summary>
    public IEnumerable<Bar> Bars()
    {
        foreach (var window in Windows)
        {
            var below = 0;
            foreach (var (count, severity) in new[] { (window.Critical, "critical"), (window.High, "high"), (window.Medium, "medium"), (window.Low, "low") })
            {
                if (count == 0)
                    continue;
                below += count;
                yield return new Bar(X(window.Begin), Y(below), (double)count / Top * Height, severity);
            }
        }
    }

    /// <summary>Whole hours of the city's clock that three divides, with their places.</summary>
    public IEnumerable<(double X, string Text)> Hours()
    {
        const long Three = 3 * 3_600_000, Offset = 8 * 3_600_000;
        if (Begin == 0)
            yield break;
        for (var time = ((Begin + Offset + Three - 1) / Three * Three) - Offset; time < Begin + (Slots * Window); time += Three)
            yield return (X(time), Notify.LocalTime.Shown(time, "HH:mm"));
    }

    /// <summary>1, 2 or 5 and zeros, in four equal parts: 12 → 20, 31 → 40.</summary>
    private static int NiceTop(int most)
    {
        for (var unit = 1; ; unit *= 10)
        {
            foreach (var step in (int[])[unit, unit * 2, unit * 5])
            {
                if (step * 4 >= most)
                    return step * 4;
            }
        }
    }
}
