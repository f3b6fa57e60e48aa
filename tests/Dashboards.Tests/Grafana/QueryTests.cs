using static Telemetry.Dashboards.Tests.Compose.ComposeFile;

namespace Telemetry.Dashboards.Tests.Grafana;

/// <summary>Every query of every dashboard on what a real service has stored: none refused, none without an answer.</summary>
[Collection(nameof(FilledCity))]
public sealed class QueryTests(FilledCity city)
{
    /// <summary>Dashboard, device that is chosen ("" for none), and whether its district and street are chosen too.</summary>
    public static TheoryData<string, string, bool> Openings
    {
        get
        {
            var openings = new TheoryData<string, string, bool>();
            foreach (var (dashboard, device, narrow) in Dashboard.Shipped.SelectMany(OpeningsOf).Distinct())
                openings.Add(dashboard, device, narrow);
            return openings;
        }
    }

    [Theory]
    [MemberData(nameof(Openings))]
    public async Task Everything_is_answered(string uid, string device, bool narrow)
    {
        var run = await OpenAsync(uid, device, narrow);

        ShippedTests.AssertNone(run.Problems.Concat(run.Empty.Where(empty => RightlyEmpty.Of(uid, empty.Query, narrow) is null).Select(empty => $"{uid} {empty.What} finds nothing: {empty.Query}")));
    }

    [Fact]
    public async Task What_may_be_empty_is_empty_somewhere()
    {
        var needed = new HashSet<RightlyEmpty?>();
        foreach (var (uid, device, narrow) in Dashboard.Shipped.SelectMany(OpeningsOf).Distinct())
            needed.UnionWith((await OpenAsync(uid, device, narrow)).Empty.Select(empty => RightlyEmpty.Of(uid, empty.Query, narrow)));

        Assert.Empty(RightlyEmpty.All.Except(needed));
    }

    private async Task<DashboardRun> OpenAsync(string uid, string device, bool narrow)
    {
        var chosen = new Dictionary<string, string>();
        if (device.Length > 0)
            chosen["device"] = device;
        if (narrow && FilledCity.Registered(device) is { } registered)
            (chosen["district"], chosen["street"]) = (registered.District!, registered.Street!);
        var run = new DashboardRun(Dashboard.Find(uid), city.AskAsync, city.Now, chosen);
        await run.RunAsync();
        return run;
    }

    private static IEnumerable<(string Dashboard, string Device, bool Narrow)> OpeningsOf(Dashboard dashboard)
    {
        var variables = dashboard.Variables.Select(variable => Text(variable, "name")).ToHashSet();
        // A dashboard of one family has its name in its uid.
        var families = FilledCity.Chosen.Where(family => dashboard.Uid.EndsWith(family.Key, StringComparison.Ordinal)).ToList();
        var devices = (families.Count > 0 || dashboard.Uid.EndsWith("area", StringComparison.Ordinal) ? families : FilledCity.Chosen.Where(family => FilledCity.Registered(family.Value) is not null)).Select(family => family.Value).Distinct();
        var chosen = variables.Contains("device") || variables.Contains("district") ? devices.DefaultIfEmpty("").ToList() : [""];
        foreach (var device in chosen)
        {
            yield return (dashboard.Uid, variables.Contains("device") ? device : "", false);
            if (variables.Contains("district") && FilledCity.Registered(device) is not null)
                yield return (dashboard.Uid, device, true);
        }
    }
}
