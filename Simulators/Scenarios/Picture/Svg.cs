using System.Globalization;
using System.Text;

namespace Telemetry.Simulators.Scenarios.Picture;

/// <summary>Writes SVG. Lengths are in pixels, to a tenth.</summary>
internal sealed class Svg
{
    private readonly StringBuilder _text = new();

    public override string ToString() => _text.ToString();

    public void Raw(string markup) => _text.Append(markup).Append('\n');

    public void Text(double x, double y, string kind, string text, string anchor = "start") =>
        Raw($"<text x=\"{N(x)}\" y=\"{N(y)}\"{Class(kind)}{(anchor == "start" ? "" : $" text-anchor=\"{anchor}\"")}>{Escaped(text)}</text>");

    /// <param name="tip">Shown where the pointer rests.</param>
    public void Box(double x, double y, double width, double height, string kind, string? tip = null) =>
        Raw($"<rect x=\"{N(x)}\" y=\"{N(y)}\" width=\"{N(width)}\" height=\"{N(height)}\"{Class(kind)}{(tip is null ? "/>" : $"><title>{Escaped(tip)}</title></rect>")}");

    public void Line(double x1, double y1, double x2, double y2, string kind) =>
        Raw($"<path d=\"M{N(x1)} {N(y1)}L{N(x2)} {N(y2)}\"{Class(kind)}/>");

    /// <param name="d">Relative to the point.</param>
    public void Mark(double x, double y, string d, string kind, string? tip = null) =>
        Raw($"<path transform=\"translate({N(x)} {N(y)})\" d=\"{d}\"{Class(kind)}{(tip is null ? "/>" : $"><title>{Escaped(tip)}</title></path>")}");

    public static string N(double pixels) => pixels.ToString("0.#", CultureInfo.InvariantCulture);

    private static string Class(string kind) => kind.Length == 0 ? "" : $" class=\"{kind}\"";

    private static string Escaped(string text)
    {
        var escaped = new StringBuilder(text.Length);
        // By runes: half a surrogate pair becomes U+FFFD.
        foreach (var rune in text.EnumerateRunes())
        {
            escaped.Append(rune.Value switch
            {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                // Not allowed in XML, whatever a file's title says.
                < ' ' or 0xfffe or 0xffff => " ",
                _ => rune.ToString(),
            });
        }
        return escaped.ToString();
    }
}
