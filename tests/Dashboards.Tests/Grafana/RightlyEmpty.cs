namespace Telemetry.Dashboards.Tests.Grafana;

/// <summary>Queries that find nothing in the recorded city, and rightly.</summary>
/// <param name="What">As <see cref="DashboardRun.Empty"/> names it.</param>
internal sealed record RightlyEmpty(string Dashboard, string What, string Why)
{
    public static readonly IReadOnlyList<RightlyEmpty> All = [];
}
