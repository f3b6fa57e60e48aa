using static Telemetry.Dashboards.Tests.Compose.ComposeFile;

namespace Telemetry.Dashboards.Tests.Grafana;

/// <summary>The dashboards as files: what Grafana's schemas and our own rules say of them.</summary>
public sealed class ShippedTests
{
    public static TheoryData<string> Uids => [.. Dashboard.Shipped.Select(dashboard => dashboard.Uid)];

    [Fact]
    public void They_have_nothing_wrong_by_our_rules() =>
        AssertNone(DashboardLint.Problems(Dashboard.Shipped, [.. new Provisioning().DataSources.Select(source => Text(source, "uid")!)]));

    [Theory]
    [MemberData(nameof(Uids))]
    public void They_have_nothing_wrong_by_the_schemas(string uid) => AssertNone(DashboardSchema.Problems(Dashboard.Find(uid)));

    /// <summary>Fails with every one of them, each on its line.</summary>
    internal static void AssertNone(IEnumerable<string> problems)
    {
        var all = problems.ToList();
        Assert.True(all.Count == 0, string.Join('\n', all));
    }
}
