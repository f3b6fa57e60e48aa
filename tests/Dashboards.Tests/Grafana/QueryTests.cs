namespace Telemetry.Dashboards.Tests.Grafana;

/// <summary>Every query of every dashboard on what a real service has stored: none refused, none without an answer.</summary>
[Collection(nameof(FilledCity))]
public sealed class QueryTests(FilledCity city)
{
    private const string DeviceVariable = "device";

    /// <summary>Dashboard and family whose device is chosen; none where nothing is to be chosen.</summary>
    public static TheoryData<string, string> Openings
    {
        get
        {
            var openings = new TheoryData<string, string>();
            foreach (var dashboard in Dashboard.Shipped)
            {
                foreach (var family in FamiliesOf(dashboard))
                    openings.Add(dashboard.Uid, family);
            }
            return openings;
        }
    }

    [Theory]
    [MemberData(nameof(Openings))]
    public async Task Everything_is_answered(string uid, string family)
    {
        var run = await OpenAsync(Dashboard.Find(uid), family);

        ShippedTests.AssertNone(run.Problems.Concat(run.Empty.Where(what => !RightlyEmpty.All.Any(each => each.Dashboard == uid && each.What == what)).Select(what => $"{uid} {what} finds nothing")));
    }

    [Fact]
    public async Task What_may_be_empty_is_empty()
    {
        foreach (var each in RightlyEmpty.All)
        {
            foreach (var family in FamiliesOf(Dashboard.Find(each.Dashboard)))
                Assert.Contains(each.What, (await OpenAsync(Dashboard.Find(each.Dashboard), family)).Empty);
        }
    }

    private async Task<DashboardRun> OpenAsync(Dashboard dashboard, string family)
    {
        var run = new DashboardRun(dashboard, city.AskAsync, city.Now, family.Length == 0 ? new Dictionary<string, string>() : new Dictionary<string, string> { [DeviceVariable] = FilledCity.Chosen[family] });
        await run.RunAsync();
        return run;
    }

    private static IEnumerable<string> FamiliesOf(Dashboard dashboard)
    {
        if (!dashboard.Variables.Any(variable => variable.GetProperty("name").GetString() == DeviceVariable))
            return [""];
        // A dashboard of one family has its name in its uid.
        var own = FilledCity.Chosen.Keys.Where(family => dashboard.Uid.EndsWith(family, StringComparison.Ordinal)).ToList();
        return own.Count > 0 ? own : FilledCity.Chosen.Keys;
    }
}
