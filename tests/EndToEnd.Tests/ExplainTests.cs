using System.Globalization;

namespace Telemetry.EndToEnd.Tests;

/// <summary>Why, and why not: asked of the whole service, about what a real client has sent.</summary>
public sealed class ExplainTests
{
    [Fact]
    public async Task A_backlog_is_told_as_what_was_not_known_then_and_its_alarm_as_what_stands_now()
    {
        using var data = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(data.Path);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var backlog = string.Join(',', Enumerable.Range(0, 13).Select(i => string.Create(CultureInfo.InvariantCulture, $$$"""{"ts":{{{now - 120_000 + (i * 10_000)}}},"values":{"sump_level":3}}""")));
        await Clients.MosquittoPubAsync(service.MqttPort, "telemetry/v1/gw-e/drainage_pump/ps-e", $"[{backlog}]", "-q", "1");
        var alarm = await service.AlarmAsync("ps-e", "level_high");

        var stands = await service.GetAsync("api/v1/explain?device=ps-e&rule=level_high");
        Assert.Equal("alarm_stood", stands.GetProperty("answer").GetString());
        Assert.Equal(alarm.GetProperty("id").GetString(), stands.GetProperty("alarm").GetProperty("id").GetString());
        Assert.Equal(3, stands.GetProperty("comparisons")[0].GetProperty("value").GetDouble());

        var then = await service.GetAsync($"api/v1/explain?device=ps-e&rule=level_high&at={now - 61_000}");
        Assert.Equal("data_late", then.GetProperty("answer").GetString());
        Assert.Equal(6, then.GetProperty("readingsLaterCount").GetInt32());
        Assert.Equal(now - 70_000, then.GetProperty("readingsLater")[5].GetProperty("time").GetDateTimeOffset().ToUnixTimeMilliseconds());
        Assert.True(then.GetProperty("conditions")[0].GetProperty("truthLater").GetString() == "true");

        var before = await service.GetAsync($"api/v1/explain?device=ps-e&rule=level_high&at={now - 130_000}");
        Assert.Equal("no_data_yet", before.GetProperty("answer").GetString());
    }
}
