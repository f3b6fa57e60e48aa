using System.CommandLine;
using System.Text;
using Telemetry.Simulators.Commands;

namespace Telemetry.EndToEnd.Tests;

/// <summary>A simulated city at a service that is not there for it.</summary>
public sealed class CityCommandTests
{
    [Fact]
    public async Task A_city_writes_over_no_register_but_its_own_unless_it_is_told_to()
    {
        using var data = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(data.Path);
        using var rows = new StringContent("id,family,gateway,street\ncover-0001,manhole_cover,gw-real,Real Street\n", Encoding.UTF8, "text/csv");
        using (var imported = await service.Http.PostAsync("api/v1/devices/import", rows))
            imported.EnsureSuccessStatusCode();

        var (code, _, error) = await CityAsync(service, CancellationToken.None);

        Assert.Equal(1, code);
        Assert.Contains("runs no demo, and its register has devices that are not of this city: cover-0001. The city would write its own over", error, StringComparison.Ordinal);
        Assert.Equal("Real Street", (await service.GetAsync("api/v1/devices/cover-0001")).GetProperty("street").GetString());

        using var stop = new CancellationTokenSource();
        var playing = CityAsync(service, stop.Token, "--anyway");
        await Wait.ForAsync("the city's register", async () => (await service.GetAsync("api/v1/devices")).GetArrayLength() == 40);
        await stop.CancelAsync();
        Assert.Equal(0, (await playing).Code);
        Assert.NotEqual("Real Street", (await service.GetAsync("api/v1/devices/cover-0001")).GetProperty("street").GetString());
        // What is there now is of this city.
        using var again = new CancellationTokenSource();
        playing = CityAsync(service, again.Token);
        var received = (await service.GetAsync("api/v1/stats")).GetProperty("received").GetInt64();
        await Wait.ForAsync("readings", async () => (await service.GetAsync("api/v1/stats")).GetProperty("received").GetInt64() > received);
        await again.CancelAsync();
        Assert.Equal(0, (await playing).Code);
    }

    private static async Task<(int Code, string Output, string Error)> CityAsync(ServiceProcess service, CancellationToken cancellationToken, params string[] more)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await SimulatorsCommand.RunAsync(["city", "--mqtt", $"127.0.0.1:{service.MqttPort}", "--url", service.Http.BaseAddress!.ToString(), "--devices", "40", .. more], new InvocationConfiguration { Output = output, Error = error }, cancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
