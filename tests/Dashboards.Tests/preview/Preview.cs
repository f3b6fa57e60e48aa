using System.Globalization;
using System.Text.Json;
using Telemetry.Dashboards.Tests.Grafana;
using Telemetry.Dashboards.Tests.Recording;
using Telemetry.Rules.Families;
using static Telemetry.Dashboards.Tests.Compose.ComposeFile;

namespace Telemetry.Dashboards.Tests.Preview;

/// <summary>
/// Pictures of the dashboards from what a real service has stored of a recorded day: for looking at, no test. Not Grafana: README.md beside
/// this file says what is Grafana's and what is not. <c>preview/render</c> runs it.
/// </summary>
public sealed class Preview(InfluxdFixture influxd)
{
    private const int Devices = 240;
    private const int Seed = 7;
    private const int Width = 1920;
    private const int Height = 1080;
    private static readonly string Folder = Path.Combine(Repository.Root, "tests/Dashboards.Tests/preview");

    // Not deleted: they can be opened in a browser, and drawn again after a change of the scripts.
    private static readonly string Pages = Path.Combine(Repository.Root, "tests/Dashboards.Tests/obj/preview");

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

#if PREVIEW
    [Fact]
#endif
    public async Task Render()
    {
        var into = Environment.GetEnvironmentVariable("PREVIEW_INTO") ?? Path.Combine(Repository.Root, "docs/dashboards");
        var only = Environment.GetEnvironmentVariable("PREVIEW_ONLY")?.Split(',');
        Directory.CreateDirectory(into);
        Directory.CreateDirectory(Pages);
        var plan = IncidentPlan.Make(Devices, Seed, TimeSpan.FromHours(24), TimeSpan.FromMinutes(24), TimeSpan.FromMinutes(150));
        await using var city = await CityDatabase.FillAsync(influxd.Server, "day", Devices, Seed, plan, minutes: false);
        // The service's own families have lists of alarms alone.
        foreach (var dashboard in Dashboard.Shipped.Where(dashboard => only?.Contains(dashboard.Uid) ?? !FamilySet.Own.Any(family => dashboard.Uid.EndsWith(family, StringComparison.Ordinal))))
        {
            await RenderAsync(city, dashboard, into, isKiosk: false);
            if (dashboard.Uid == "city-wall")
                await RenderAsync(city, dashboard, into, isKiosk: true);
        }
    }

    private static async Task RenderAsync(CityDatabase city, Dashboard dashboard, string into, bool isKiosk)
    {
        var family = FilledCity.Chosen.Keys.FirstOrDefault(family => dashboard.Uid.EndsWith(family, StringComparison.Ordinal)) ?? "drainage_pump";
        var run = new DashboardRun(dashboard, city.AskAsync, city.Now, new Dictionary<string, string> { ["device"] = FilledCity.Chosen[family] });
        await run.RunAsync();
        var data = JsonSerializer.Serialize(new
        {
            dashboard = dashboard.Root,
            kiosk = isKiosk,
            height = Height,
            now = city.Now,
            from = run.From,
            to = city.Now,
            variables = dashboard.Variables.Select(variable => new { name = Text(variable, "name"), label = Text(variable, "label") ?? Text(variable, "name"), text = TextOf(run.Variables[Text(variable, "name")!]) }),
            answers = run.Answers.GroupBy(answer => answer.Panel).ToDictionary(panel => panel.Key.ToString(CultureInfo.InvariantCulture), panel => panel.Select(answer => new { answer.RefId, answer.Format, answer.Alias, answer.Result })),
        }, Json);
        var name = isKiosk ? $"{dashboard.Uid}-kiosk" : dashboard.Uid;
        var page = Path.Combine(Pages, name + ".html");
        await File.WriteAllTextAsync(page, Page(data));
        var rows = dashboard.Panels.Max(panel => panel.GetProperty("gridPos").GetProperty("y").GetInt32() + panel.GetProperty("gridPos").GetProperty("h").GetInt32());
        var height = isKiosk ? Height : Math.Max(Height, 56 + 38 * rows + 8);
        await Tool.RunAsync(
            "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", $"--user-data-dir={Path.Combine(Pages, "profile")}", string.Create(CultureInfo.InvariantCulture, $"--window-size={Width},{height}"),
            "--virtual-time-budget=4000", $"--screenshot={Path.Combine(into, name + ".png")}", $"file://{page}");
        Assert.True(File.Exists(Path.Combine(into, name + ".png")), name);
    }

    private static string TextOf(GrafanaValue value) => value.AllText is not null || value.Values.Count > 1 ? "All" : value.Values[0];

    private static string Page(string data)
    {
        var scripts = string.Concat(new[] { "node_modules/uplot/dist/uPlot.iife.min.js", "format.js", "fields.js", "panels.js", "timeseries.js", "page.js" }.Select(file => $"<script src=\"{Folder}/{file}\"></script>"));
        var styles = string.Concat(new[] { "node_modules/uplot/dist/uPlot.min.css", "style.css" }.Select(file => $"<link rel=stylesheet href=\"{Folder}/{file}\">"));
        // A closing tag within a string would end the script.
        return $"<!doctype html><meta charset=utf-8>{styles}<body><script>const preview = {data.Replace("</", "<\\/", StringComparison.Ordinal)};</script>{scripts}";
    }
}
