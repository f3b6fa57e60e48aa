using System.Globalization;
using System.Text;

namespace Telemetry.Benchmarks.Peers;

/// <summary>Bars: rate, CPU with the broker, and the 99th percentile of the alarm latency at 10,000 readings a second. Each against its own scale.</summary>
internal static class PeersPicture
{
    private const int Left = 330, Width = 560, Bar = 18, Gap = 6, Head = 34;

    // Rates of several readings a message are of another size; they are in the report's table.
    public static string Of(PeersMeasured measured)
    {
        var all = SubjectKind.All.Where(kind => kind.Batch == 1).Select(kind => new Figures(kind, measured)).Where(each => each.HasLoad).ToList();
        (string Title, Func<Figures, double?> Value)[] panels =
        [
            ("readings a second, stored (higher is better)", each => each.Rate),
            ("CPU seconds per million readings, broker included (lower is better)", each => each.CpuWithBroker),
            ("alarm latency p99 at 10,000 readings/s, ms (lower is better)", each => each.Latencies > 1 ? each.Latency(1, 0.99) : null),
        ];
        var svg = new StringBuilder();
        var top = 0;
        foreach (var (title, value) in panels)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"8\" y=\"{top + 22}\" font-weight=\"bold\">{title}</text>\n");
            top += Head;
            var rows = all.Where(each => value(each) is not null).ToList();
            var most = rows.Select(each => value(each)!.Value).Where(double.IsFinite).DefaultIfEmpty(1).Max();
            foreach (var each in rows)
            {
                var figure = value(each)!.Value;
                var length = double.IsFinite(figure) ? figure / most * Width : Width;
                var colour = each.Kind.Title.StartsWith("ours", StringComparison.Ordinal) ? "#1565c0" : each.Kind.Title.StartsWith("limit", StringComparison.Ordinal) ? "#bbb" : "#c77700";
                svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 8}\" y=\"{top + 13}\" text-anchor=\"end\">{each.Kind.Title}</text><rect x=\"{Left}\" y=\"{top}\" width=\"{length:F1}\" height=\"{Bar}\" fill=\"{colour}\"/><text x=\"{Left + length + 6:F1}\" y=\"{top + 13}\">{(double.IsFinite(figure) ? figure.ToString(figure < 100 ? "N1" : "N0", CultureInfo.InvariantCulture) : "never")}</text>\n");
                top += Bar + Gap;
            }
        }
        return string.Create(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Left + Width + 90} {top + 10}\" font-family=\"sans-serif\" font-size=\"12\"><rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n{svg}</svg>\n");
    }
}
