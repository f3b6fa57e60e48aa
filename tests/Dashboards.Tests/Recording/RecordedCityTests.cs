using System.Text.Json;

namespace Telemetry.Dashboards.Tests.Recording;

public sealed class RecordedCityTests
{
    private static readonly IncidentPlan Plan = IncidentPlan.Make(60, 3, TimeSpan.FromMinutes(50), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30));

    [Fact]
    public async Task The_service_replays_it_as_its_own_past()
    {
        using var folder = new TempDirectory();
        await RecordedCity.RecordAsync(folder.Path, 60, 3, Plan, TimeProvider.System.GetUtcNow());

        await using var service = await ServiceProcess.StartAsync(folder.Path);
        await service.CaughtUpAsync();

        var alarms = (await service.GetAsync("api/v1/alarms?state=all")).EnumerateArray().ToList();
        Assert.Superset(new HashSet<string> { "drainage_pump", "gas_valve", "gateway", "manhole_cover", "public_toilet", "tunnel" }, Values(alarms, "family"));
        Assert.Superset(new HashSet<string> { "active_acknowledged", "active_unacknowledged", "normal" }, Values(alarms, "state"));
        Assert.All(alarms.Where(alarm => alarm.GetProperty("family").GetString() is not ("area" or "gateway" or "system")), alarm => Assert.NotNull(alarm.GetProperty("street").GetString()));
        Assert.Equal(60, (await service.GetAsync("api/v1/devices")).GetArrayLength());
        Assert.Empty((await service.GetAsync("api/v1/deadletters")).EnumerateArray());
        // One each ten seconds, what happened to it beside.
        Assert.InRange((await service.GetAsync("api/v1/devices/pump-001/readings?channel=sump_level")).GetArrayLength(), 295, 310);
        Assert.Equal(0, await service.StopAsync());
    }

    [Fact]
    public async Task The_same_seed_and_end_give_the_same_log()
    {
        using var folder = new TempDirectory();
        var end = DateTimeOffset.UnixEpoch.AddYears(56);
        var plan = IncidentPlan.Make(60, 3, TimeSpan.FromMinutes(46), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(20));
        foreach (var name in new[] { "a", "b" })
            await RecordedCity.RecordAsync(folder.File(name), 60, 3, plan, end);

        var (a, b) = (await JournalAsync(folder.File("a")), await JournalAsync(folder.File("b")));

        Assert.NotEmpty(a);
        Assert.Equal(a, b);
    }

    private static HashSet<string> Values(IEnumerable<JsonElement> alarms, string name) => [.. alarms.Select(alarm => alarm.GetProperty(name).GetString()!)];

    private static async Task<string> JournalAsync(string data)
    {
        var (exit, output, error) = await ServiceProcess.RunAsync("journal", "--Data:Path", data);
        Assert.True(exit == 0, error);
        return output;
    }
}
