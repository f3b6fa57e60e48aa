using System.Globalization;

namespace Telemetry.Dashboards.Tests.Grafana;

/// <summary>What the service writes of itself: a point each 10 s for the last 20 min before <see cref="Now"/>, well unless told otherwise.</summary>
internal static class ServiceFigures
{
    public const int Points = 120;
    private const int Interval = 10_000;

    /// <summary>Unix ms.</summary>
    public const long Now = 1_767_225_600_000;

    private static readonly string[] Fields =
    [
        "received", "accepted", "duplicates", "rejected", "late", "dead_letters", "log_position", "rules_lag", "store_lag", "unread_bytes", "budget_bytes",
        "devices", "devices_silent", "gateways", "gateways_down", "uptime_s",
    ];

    /// <param name="change">Of the point of this number, from 0, its figures; an empty set for no point.</param>
    /// <param name="suffix"><c>i</c> for integers, nothing for floats.</param>
    public static IEnumerable<string> Lines(Action<int, Dictionary<string, double>>? change = null, string suffix = "i")
    {
        for (var point = 0; point < Points; point++)
        {
            var figures = Fields.ToDictionary(field => field, field => Well(field, point));
            change?.Invoke(point, figures);
            if (figures.Count > 0)
            {
                Assert.Empty(figures.Keys.Except(Fields));
                yield return string.Create(CultureInfo.InvariantCulture, $"telemetry_service,log=0123456789abcdef {string.Join(',', figures.Select(figure => string.Create(CultureInfo.InvariantCulture, $"{figure.Key}={figure.Value}{suffix}")))} {Now - (long)(Points - 1 - point) * Interval}");
            }
        }
    }

    private static double Well(string field, int point) => field switch
    {
        "received" or "accepted" => 1000 + 100.0 * point,
        "log_position" => 5000 + 110.0 * point,
        "uptime_s" => 600 + 10.0 * point,
        "rules_lag" or "store_lag" => point % 7,
        // A few of them long ago.
        "dead_letters" or "rejected" => point < 20 ? 3 : 4,
        "unread_bytes" => 1 << 20,
        "budget_bytes" => 16L << 30,
        "devices" => 10_000,
        "devices_silent" => 3,
        "gateways" => 100,
        "gateways_down" => 1,
        _ => 5,
    };
}
