using System.Globalization;
using System.Text;

namespace Telemetry.Benchmarks.Growth;

/// <summary>Six curves, each from 0 and over a logarithmic axis; what grows in step with its axis has a bend upward there, so the figures stand at the points.</summary>
internal static class GrowthPicture
{
    private const int Width = 380, Height = 150, Left = 40, Top = 34, Across = 470, Down = 240;

    public static string Of(GrowthMeasured measured)
    {
        (string Title, IReadOnlyList<(double X, double Y)> Points)[] panels =
        [
            ("ns of processor time a reading, by devices", [.. measured.Points.Select(point => ((double)point.Devices, point.Nanoseconds))]),
            ("bytes a device, by devices", [.. measured.Points.Select(point => ((double)point.Devices, point.Bytes))]),
            ("seconds of processor time of a restart per million devices", [.. measured.Points.Where(point => point.Devices >= 10_000).Select(point => ((double)point.Devices, point.RestartCpu / point.Devices * 1e6))]),
            ("ns a reading, by rules of the family", [.. measured.Rules.Select(each => ((double)each.Rules, each.Nanoseconds))]),
            ("ns a reading, by % of readings in alarm", [.. measured.Alarms.Where(each => each.Share > 0).Select(each => (each.Share * 100, each.Nanoseconds))]),
            ("ns a transition, by alarms of the same device", [.. measured.Again.Select(each => ((double)each.Alarms, each.Nanoseconds))]),
        ];
        var svg = new StringBuilder();
        for (var i = 0; i < panels.Length; i++)
            Draw(svg, panels[i].Title, panels[i].Points, (i % 2) * Across, (i / 2) * Down);
        var rows = (panels.Length + 1) / 2;
        return string.Create(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {2 * Across} {rows * Down}\" font-family=\"sans-serif\" font-size=\"12\"><rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n{svg}</svg>\n");
    }

    private static void Draw(StringBuilder svg, string title, IReadOnlyList<(double X, double Y)> points, int left, int top)
    {
        svg.Append(CultureInfo.InvariantCulture, $"<g transform=\"translate({left + Left} {top + Top})\"><text y=\"-14\" font-weight=\"bold\">{title}</text><rect width=\"{Width}\" height=\"{Height}\" fill=\"none\" stroke=\"#bbb\"/>\n");
        var most = points.Count == 0 ? 1 : points.Max(point => point.Y) * 1.2;
        var (first, decades) = points.Count < 2 ? (1, 1) : (points[0].X, Math.Log10(points[^1].X / points[0].X));
        var at = points.Select(point => (X: Math.Log10(point.X / first) / decades * (Width - 60) + 30, Y: Height - (point.Y / most * Height), Of: point)).ToList();
        svg.Append(CultureInfo.InvariantCulture, $"<polyline fill=\"none\" stroke=\"#1565c0\" stroke-width=\"2\" points=\"{string.Join(' ', at.Select(each => string.Create(CultureInfo.InvariantCulture, $"{each.X:F1},{each.Y:F1}")))}\"/>\n");
        foreach (var each in at)
            svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{each.X:F1}\" cy=\"{each.Y:F1}\" r=\"3\" fill=\"#1565c0\"/><text x=\"{each.X:F1}\" y=\"{each.Y - 8:F1}\" text-anchor=\"middle\">{(each.Of.Y < 20 ? each.Of.Y.ToString("N1", CultureInfo.InvariantCulture) : each.Of.Y.ToString("N0", CultureInfo.InvariantCulture))}</text><text x=\"{each.X:F1}\" y=\"{Height + 16}\" text-anchor=\"middle\">{each.Of.X.ToString("#,0.##", CultureInfo.InvariantCulture)}</text>\n");
        svg.Append("</g>\n");
    }
}
