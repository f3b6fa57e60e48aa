using System.Text.Json;

namespace Telemetry.EndToEnd.Tests;

/// <summary>What a newcomer sees: one command, and a city.</summary>
public sealed class DemoTests
{
    private static readonly string[] Families = ["drainage_pump", "gas_valve", "manhole_cover", "public_toilet", "tunnel"];

    [Fact]
    public async Task Within_three_minutes_all_five_families_have_raised_alarms_and_some_are_over()
    {
        using var data = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(data.Path, 0, "--demo");
        using (var ready = await service.Http.GetAsync(new Uri("health/ready", UriKind.Relative)))
            Assert.True(ready.IsSuccessStatusCode);
        await Wait.ForAsync(
            "alarms of five families, some over",
            async () => (await service.GetAsync("api/v1/alarms?state=all")).EnumerateArray().ToList(),
            alarms => Families.All(family => alarms.Any(alarm => alarm.GetProperty("family").GetString() == family)) && alarms.Any(alarm => alarm.GetProperty("clearedAt").ValueKind == JsonValueKind.String),
            180);
        Assert.Empty((await service.GetAsync("api/v1/stats")).GetProperty("rejected").EnumerateObject());
    }
}
