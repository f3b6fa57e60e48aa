using System.Globalization;
using System.Text;

namespace Telemetry.Benchmarks;

/// <summary>A soak's four curves, one above the other over the same minutes, with the faults as lines.</summary>
internal static class SoakPicture
{
    private const int Width = 900, Height = 120, Left = 90, Gap = 30;

    public static string Of(IReadOnlyList<(double Minute, double Megabytes, int Handles, int Threads, double DiskMegabytes, string Fault)> samples)
    {
        (string Name, Func<int, double> Value)[] curves =
        [
            ("memory, MB", i => samples[i].Megabytes), ("handles", i => samples[i].Handles), ("threads", i => samples[i].Threads), ("disk, MB", i => samples[i].DiskMegabytes),
        ];
        var end = Math.Max(1, samples[^1].Minute);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Left + Width + 20} {(Height + Gap) * curves.Length + 30}\" font-family=\"sans-serif\" font-size=\"12\"><rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        for (var curve = 0; curve < curves.Length; curve++)
        {
            var (name, value) = curves[curve];
            var top = Gap / 2 + curve * (Height + Gap);
            var most = Math.Max(1, Enumerable.Range(0, samples.Count).Max(value));
            string At(int i) => string.Create(CultureInfo.InvariantCulture, $"{Left + samples[i].Minute / end * Width:F1},{top + Height - value(i) / most * Height:F1}");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"4\" y=\"{top + 12}\">{name}</text><text x=\"4\" y=\"{top + 28}\" fill=\"#555\">0 to {most:N0}</text><rect x=\"{Left}\" y=\"{top}\" width=\"{Width}\" height=\"{Height}\" fill=\"none\" stroke=\"#bbb\"/>\n");
            foreach (var sample in samples.Where(sample => sample.Fault.Length > 0))
                svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Left + sample.Minute / end * Width:F1}\" x2=\"{Left + sample.Minute / end * Width:F1}\" y1=\"{top}\" y2=\"{top + Height}\" stroke=\"#d33\" stroke-dasharray=\"2 3\"><title>{sample.Fault}</title></line>\n");
            svg.Append(CultureInfo.InvariantCulture, $"<polyline fill=\"none\" stroke=\"#1565c0\" stroke-width=\"1.5\" points=\"{string.Join(' ', Enumerable.Range(0, samples.Count).Select(At))}\"/>\n");
        }
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"{(Height + Gap) * curves.Length + 20}\">0 to {end:N0} min; red: hung for 3 s, 2,000 bad messages, stop and start, kill -9, in turn</text></svg>\n");
        return svg.ToString();
    }
}
