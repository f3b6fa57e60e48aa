using System.Globalization;
using System.Text;

namespace Telemetry.Benchmarks.Upgrade;

/// <summary>How long each alarm took, over the time at which its reading was published, on a logarithmic axis; the restarts are shaded.</summary>
internal static class UpgradePicture
{
    private const int Width = 900, Height = 340, Left = 80, Top = 60;
    private const double Least = 1, Most = 100_000;
    private const string Client = "#1565c0", Person = "#c77700";

    /// <summary>As people call it: nodes from 1 on.</summary>
    public static string NameOf(UpgradeRestart restart) => string.Create(CultureInfo.InvariantCulture, $"node {restart.Node + 1}{(restart.WasOwner ? ", the owner" : "")}");

    public static string Of(UpgradeMeasured measured)
    {
        var result = measured.Result;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Left + Width + 20} {Top + Height + 60}\" font-family=\"sans-serif\" font-size=\"12\"><rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"20\" font-weight=\"bold\">from a reading's publish to its alarm, while three nodes are replaced one after another ({measured.Versions})</text>\n");
        foreach (var restart in result.Restarts)
            svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{X(restart.Begun):F1}\" y=\"{Top}\" width=\"{X(restart.Ready) - X(restart.Begun):F1}\" height=\"{Height}\" fill=\"#eee\"/><text x=\"{(X(restart.Begun) + X(restart.Ready)) / 2:F1}\" y=\"{Top - 8}\" text-anchor=\"middle\">{NameOf(restart)}</text>\n");
        for (var value = Least; value <= Most; value *= 10)
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Left}\" x2=\"{Left + Width}\" y1=\"{Y(value):F1}\" y2=\"{Y(value):F1}\" stroke=\"#ddd\"/><text x=\"{Left - 8}\" y=\"{Y(value) + 4:F1}\" text-anchor=\"end\">{(value < 1000 ? $"{value:0} ms" : $"{value / 1000:0} s")}</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{Left}\" y=\"{Top}\" width=\"{Width}\" height=\"{Height}\" fill=\"none\" stroke=\"#bbb\"/>\n");
        foreach (var alarm in result.Alarms)
        {
            Dot(alarm.Published, alarm.Person, Person);
            foreach (var client in alarm.Clients)
                Dot(alarm.Published, client, Client);
        }
        for (var second = 0; second <= result.Seconds; second += 10)
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{X(second):F1}\" y=\"{Top + Height + 18}\" text-anchor=\"middle\">{second} s</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{Left + 6}\" cy=\"{Top + Height + 40}\" r=\"4\" fill=\"{Client}\"/><text x=\"{Left + 16}\" y=\"{Top + Height + 44}\">its message at each of three MQTT clients, through nginx</text><circle cx=\"{Left + 366}\" cy=\"{Top + Height + 40}\" r=\"4\" fill=\"{Person}\"/><text x=\"{Left + 376}\" y=\"{Top + Height + 44}\">the call to its person, by the owner</text><rect x=\"{Left + 606}\" y=\"{Top + Height + 33}\" width=\"14\" height=\"14\" fill=\"#eee\"/><text x=\"{Left + 626}\" y=\"{Top + Height + 44}\">told to stop, until it is ready again</text></svg>\n");
        return svg.ToString();

        double X(double second) => Left + (second / result.Seconds * Width);

        double Y(double milliseconds) => Top + Height - (Math.Log10(Math.Clamp(milliseconds, Least, Most) / Least) / Math.Log10(Most / Least) * Height);

        void Dot(double second, double milliseconds, string colour) => svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{X(second):F1}\" cy=\"{Y(milliseconds):F1}\" r=\"2\" fill=\"{colour}\"/>\n");
    }
}
