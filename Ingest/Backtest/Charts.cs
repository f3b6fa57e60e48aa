using System.Globalization;
using System.Text;

namespace Telemetry.Ingest.Backtest;

/// <summary>The page's pictures, as SVG.</summary>
internal static class Charts
{
    private const int Width = 1060;
    private const int Left = 46;
    private const int MostBars = 240;
    private const int MostPoints = 2000;

    /// <summary>Calls under the old rules and the new ones side by side; of long spans in bars of several hours.</summary>
    public static string CallsPerHour(OutcomeComparison comparison)
    {
        const int height = 170, bottom = 140;
        var (first, last) = (comparison.Span.From / 3_600_000, (comparison.Span.To - 1) / 3_600_000);
        var hours = (last - first + MostBars) / MostBars;
        var bars = (int)((last - first) / hours) + 1;
        var (was, now) = (Sums(comparison.Was, first, hours, bars), Sums(comparison.Is, first, hours, bars));
        var most = Math.Max(1, Math.Max(was.Max(), now.Max()));
        var step = (double)(Width - Left) / bars;
        var svg = Begin(height);
        Line(svg, Left, bottom, Width, bottom);
        Label(svg, 0, 22, most.ToString(CultureInfo.InvariantCulture));
        Label(svg, 0, bottom, "0");
        for (var i = 0; i < bars; i++)
        {
            Bar(svg, "was", Left + (i * step), step * 0.4, was[i], most, bottom);
            Bar(svg, "is", Left + ((i + 0.45) * step), step * 0.4, now[i], most, bottom);
            if (i % Math.Max(1, bars / 8) == 0)
                Label(svg, Left + (i * step), bottom + 16, Words.Time((first + (i * hours)) * 3_600_000)[5..16]);
        }
        return svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"12\">calls per {(hours == 1 ? "hour" : $"{hours} hours")}: grey before, blue after</text></svg>").ToString();
    }

    /// <summary>The channel around the alarm, with its limit and both moments.</summary>
    public static string Readings(Difference difference, IReadOnlyList<(long Time, double Value)> values)
    {
        const int height = 150, top = 18, bottom = 125;
        if (values.Count < 2)
            return "";
        var alarm = difference.Of.Alarm;
        // Of very many, every n-th: the eye sees no more.
        var shown = values.Where((_, index) => index % ((values.Count / MostPoints) + 1) == 0).ToList();
        double low = shown.Min(value => value.Value), high = shown.Max(value => value.Value);
        if (alarm.Limit is { } within)
            (low, high) = (Math.Min(low, within), Math.Max(high, within));
        var (begin, end) = (shown[0].Time, Math.Max(shown[^1].Time, shown[0].Time + 1));
        double X(long time) => Left + ((double)(time - begin) / (end - begin) * (Width - Left));
        double Y(double value) => bottom - ((value - low) / Math.Max(1e-9, high - low) * (bottom - top));
        var svg = Begin(height);
        Label(svg, 0, Y(high) + 4, Number(high));
        Label(svg, 0, Y(low) + 4, Number(low));
        if (alarm.Limit is { } limit)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"axis\" stroke-dasharray=\"4 4\" x1=\"{Left}\" x2=\"{Width}\" y1=\"{Y(limit):F1}\" y2=\"{Y(limit):F1}\"/>");
            Label(svg, Width - 90, Y(limit) - 4, $"limit {Number(limit)}");
        }
        svg.Append("<path class=\"curve\" d=\"").Append(string.Join(' ', shown.Select((value, index) => string.Create(CultureInfo.InvariantCulture, $"{(index == 0 ? 'M' : 'L')}{X(value.Time):F1} {Y(value.Value):F1}")))).Append("\"/>");
        Mark(svg, "was", difference.Was?.RaisedAt, "before", X, top, bottom);
        Mark(svg, "is", difference.Is?.RaisedAt, "after", X, top, bottom);
        Label(svg, Left, height - 6, Words.Time(begin)[11..]);
        Label(svg, Width - 60, height - 6, Words.Time(end)[11..]);
        Label(svg, Left, 12, $"{alarm.Channel}{(alarm.Unit is { Length: > 0 } and not "1" ? $" [{alarm.Unit}]" : "")}");
        return svg.Append("</svg>").ToString();
    }

    private static int[] Sums(Outcome outcome, long first, long hours, int bars)
    {
        var sums = new int[bars];
        foreach (var (hour, calls) in outcome.CallsPerHour.Where(each => each.Key >= first && (each.Key - first) / hours < bars))
            sums[(hour - first) / hours] += calls;
        return sums;
    }

    private static StringBuilder Begin(int height) => new StringBuilder().Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {height}\" role=\"img\">");

    private static void Line(StringBuilder svg, double x1, double y1, double x2, double y2) =>
        svg.Append(CultureInfo.InvariantCulture, $"<line class=\"axis\" x1=\"{x1:F1}\" y1=\"{y1:F1}\" x2=\"{x2:F1}\" y2=\"{y2:F1}\"/>");

    private static void Bar(StringBuilder svg, string which, double x, double width, int count, int most, int bottom)
    {
        var height = (double)count / most * (bottom - 18);
        svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"{which}\" x=\"{x:F1}\" y=\"{bottom - height:F1}\" width=\"{width:F1}\" height=\"{height:F1}\" stroke=\"none\"/>");
    }

    private static void Mark(StringBuilder svg, string which, long? time, string label, Func<long, double> x, int top, int bottom)
    {
        if (time is not { } at)
            return;
        svg.Append(CultureInfo.InvariantCulture, $"<line class=\"{which}\" stroke-width=\"2\" x1=\"{x(at):F1}\" x2=\"{x(at):F1}\" y1=\"{top}\" y2=\"{bottom}\"/>");
        Label(svg, x(at) + 3, which == "was" ? bottom - 2 : top + 10, label);
    }

    private static void Label(StringBuilder svg, double x, double y, string text) =>
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:F1}\" y=\"{y:F1}\">{System.Net.WebUtility.HtmlEncode(text)}</text>");

    private static string Number(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}
