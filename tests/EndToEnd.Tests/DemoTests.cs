using System.Text.Json;

namespace Telemetry.EndToEnd.Tests;

/// <summary>What a newcomer sees: one command, and a city.</summary>
public sealed class DemoTests
{
    [Fact]
    public async Task Within_three_minutes_all_families_of_devices_have_raised_alarms_and_some_are_over()
    {
        using var data = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(data.Path, 0, "--demo");
        using (var ready = await service.Http.GetAsync(new Uri("health/ready", UriKind.Relative)))
            Assert.True(ready.IsSuccessStatusCode);
        var families = (await service.GetAsync("api/v1/devices")).EnumerateArray().Select(device => device.GetProperty("family").GetString()).Distinct().ToList();
        Assert.True(families.Count >= 5);
        await Wait.ForAsync(
            "alarms of all families, some over",
            async () => (await service.GetAsync("api/v1/alarms?state=all")).EnumerateArray().ToList(),
            alarms => families.All(family => alarms.Any(alarm => alarm.GetProperty("family").GetString() == family)) && alarms.Any(alarm => alarm.GetProperty("clearedAt").ValueKind == JsonValueKind.String),
            180);
        Assert.Empty((await service.GetAsync("api/v1/stats")).GetProperty("rejected").EnumerateObject());
    }
}
