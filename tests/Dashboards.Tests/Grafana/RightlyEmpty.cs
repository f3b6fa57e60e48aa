namespace Telemetry.Dashboards.Tests.Grafana;

/// <summary>Queries that find nothing in the recorded city, and rightly: <c>rightly-empty.yaml</c>.</summary>
/// <param name="Part">Of the query as it was asked, or a dashboard's uid.</param>
/// <param name="InOneStreet">Only where a street is chosen.</param>
internal sealed record RightlyEmpty(string Part, string Why, bool InOneStreet = false)
{
    private static readonly string File = Path.Combine(Repository.Root, "tests/Dashboards.Tests/Grafana/rightly-empty.yaml");

    public static readonly IReadOnlyList<RightlyEmpty> All =
    [
        .. Yaml.Parse(System.IO.File.ReadAllText(File)).EnumerateArray()
            .Select(each => new RightlyEmpty(each.GetProperty("part").GetString()!, each.GetProperty("why").GetString()!, each.TryGetProperty("in_one_street", out var narrow) && narrow.GetBoolean())),
    ];

    public static RightlyEmpty? Of(string dashboard, string query, bool inOneStreet) =>
        All.FirstOrDefault(each => (inOneStreet || !each.InOneStreet) && (each.Part == dashboard || query.Contains(each.Part, StringComparison.Ordinal)));
}
