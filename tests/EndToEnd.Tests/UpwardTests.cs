using System.Globalization;
using System.Text.RegularExpressions;
using Telemetry.Simulators.Load;

namespace Telemetry.EndToEnd.Tests;

/// <summary>A district's service forwards to the city's; both are killed, in turn and together. The oracle knows what the district has acknowledged.</summary>
public sealed partial class UpwardTests(ITestOutputHelper output)
{
    [Fact]
    public async Task What_a_district_has_acknowledged_reaches_the_city_once_whoever_is_killed()
    {
        using var folder = new TempDirectory();
        var (city, district, record) = (folder.File("city"), folder.File("district"), folder.File("acknowledged"));
        var (cityPort, districtPort) = (FreePort.Next(), FreePort.Next());
        string[] upward = [$"--Upward:Address=mqtt://127.0.0.1:{cityPort.ToString(CultureInfo.InvariantCulture)}", "--Upward:Gateway=district-a"];
        using var over = new CancellationTokenSource();
        var load = new LoadPublisher(
            new LoadOptions { Port = districtPort, Connections = 2, Devices = 4, Qos = 1, InFlight = 50, Rate = 500, Duration = TimeSpan.FromHours(1), Reconnect = true, Patience = TimeSpan.FromMinutes(2), Record = record },
            TimeProvider.System);
        var begun = TimeProvider.System.GetUtcNow();

        var above = await ServiceProcess.StartAsync(city, cityPort);
        var below = await ServiceProcess.StartAsync(district, districtPort, upward);
        try
        {
            var publishing = Task.Run(() => load.RunAsync(over.Token));
            await Clients.MosquittoPubAsync(districtPort, "telemetry/v1/gw-gas/gas_valve/gas-1", """[{"ts":"2026-01-01T00:00:00Z","seq":1,"values":{"gas_alarm_state":"normal"}},{"seq":2,"values":{"gas_alarm_state":"high"}}]""", "-q", "1");
            await Wait.ForAsync("the district's alarm in the city", () => above.GetAsync("api/v1/alarms?state=active&device=gas-1"), alarms => alarms.EnumerateArray().Any(alarm => alarm.GetProperty("rule").GetString() == "leak_high"));

            await MoreAsync();
            await above.KillAsync();
            await MoreAsync();
            above = await ServiceProcess.StartAsync(city, cityPort);
            await MoreAsync();
            await below.KillAsync();
            below = await ServiceProcess.StartAsync(district, districtPort, upward);
            await MoreAsync();
            await above.KillAsync();
            await MoreAsync();
            await below.KillAsync();
            above = await ServiceProcess.StartAsync(city, cityPort);
            below = await ServiceProcess.StartAsync(district, districtPort, upward);
            await MoreAsync();
            await over.CancelAsync();
            await Task.WhenAny(publishing);

            await below.CaughtUpAsync();
            await Wait.ForAsync("everything forwarded", () => below.Http.GetStringAsync("metrics"), metrics => Behind().Match(metrics) is { Success: true } match && int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) < 20, seconds: 60);
            // The last ones of them are on their way.
            await Wait.ForAsync("everything in the city", () => Ledger.CompareAsync(above, record, begun), compared => compared.Missing == 0, seconds: 60);
            await above.CaughtUpAsync();
            var (acknowledged, stored, missing, doubled) = await Ledger.CompareAsync(above, record, begun);
            output.WriteLine($"acknowledged by the district {acknowledged}, stored in the city {stored}, lost {missing}, doubled {doubled}");
            Assert.True(acknowledged > 1000);
            Assert.Equal((0, 0), (missing, doubled));
            Assert.Equal(0, await below.StopAsync());
        }
        finally
        {
            await above.DisposeAsync();
            await below.DisposeAsync();
        }

        async Task MoreAsync()
        {
            var until = load.Acknowledged + 500;
            await Wait.ForAsync($"{until} acknowledged", () => Task.FromResult(load.Acknowledged), acknowledged => acknowledged >= until, 60);
        }
    }

    [GeneratedRegex(@"^telemetry_upward_behind_entries(?:\{[^}]*\})? (\d+)", RegexOptions.Multiline)]
    private static partial Regex Behind();
}
