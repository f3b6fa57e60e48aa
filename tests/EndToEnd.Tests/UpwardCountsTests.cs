using System.Globalization;
using System.Text.Json;

namespace Telemetry.EndToEnd.Tests;

/// <summary>Districts say upward how many of their alarms are active; the city judges across them. One district and the city are killed meanwhile.</summary>
public sealed class UpwardCountsTests(ITestOutputHelper output)
{
    private static readonly string Sample = Path.Combine(Repository.Root, "docs", "samples", "district.yaml");

    private static readonly string[] Active = ["active_unacknowledged", "active_acknowledged", "latched_unacknowledged", "latched_acknowledged"];

    [Fact]
    public async Task Floods_in_three_districts_are_one_alarm_of_the_city_and_each_count_is_that_of_the_districts_journal()
    {
        using var folder = new TempDirectory();
        Directory.CreateDirectory(folder.File("rules"));
        File.Copy(Sample, folder.File("rules/district.yaml"));
        var cityPort = FreePort.Next();
        string[] names = ["district-a", "district-b", "district-c"];
        var ports = names.ToDictionary(name => name, _ => FreePort.Next());
        var city = await CityAsync();
        var districts = new Dictionary<string, ServiceProcess>();
        try
        {
            foreach (var name in names)
                districts[name] = await DistrictAsync(name);
            await Wait.ForAsync("three districts in the city", () => city.GetAsync("api/v1/devices"), devices => devices.GetArrayLength() == 3);

            await FloodAsync("district-a");
            await FloodAsync("district-b");
            await Wait.ForAsync("the second flood in the city", () => NewestAsync(city, "district-b"), flooded => flooded == 1);
            Assert.Empty(await FloodsAsync(city));

            await districts["district-a"].KillAsync();
            districts["district-a"] = await DistrictAsync("district-a");
            await city.KillAsync();
            await FloodAsync("district-c");
            city = await CityAsync();

            var alarm = await Wait.ForAsync("the city's alarm", () => FloodsAsync(city), alarms => alarms.Count == 1);
            Assert.Equal("3: district-a, district-b, district-c", alarm[0].GetProperty("detail").GetString());
            Assert.Equal("critical", alarm[0].GetProperty("severity").GetString());

            foreach (var name in names)
                Assert.Equal(1, await AsTheJournalHasItAsync(city, name, districts[name]));
            // Nothing but counts went up.
            Assert.Equal(names, (await city.GetAsync("api/v1/devices")).EnumerateArray().Select(device => device.GetProperty("id").GetString()).Order(StringComparer.Ordinal));
        }
        finally
        {
            await city.DisposeAsync();
            foreach (var district in districts.Values)
                await district.DisposeAsync();
        }

        Task<ServiceProcess> CityAsync() => ServiceProcess.StartAsync(folder.File("city"), cityPort, $"--Rules:Path={folder.File("rules")}");

        Task<ServiceProcess> DistrictAsync(string name) => ServiceProcess.StartAsync(
            folder.File(name), ports[name], string.Create(CultureInfo.InvariantCulture, $"--Upward:Address=mqtt://127.0.0.1:{cityPort}"), $"--Upward:Gateway={name}", $"--Upward:Counts={Sample}");

        async Task FloodAsync(string name) => await UpwardCountsTests.FloodAsync(districts[name], "T-1");
    }

    [Fact]
    public async Task Partitions_on_the_same_servers_are_judged_together_whichever_of_their_nodes_speaks()
    {
        await using var servers = await NatsServers.StartAsync();
        await using var postgres = await PostgresServer.StartAsync();
        using var folder = new TempDirectory();
        Directory.CreateDirectory(folder.File("rules"));
        await File.WriteAllTextAsync(folder.File("rules/district.yaml"), (await File.ReadAllTextAsync(Sample)).Replace("count_in(city, flooded, 30min) >= 3", "count_in(city, flooded, 30min) >= 2", StringComparison.Ordinal));
        var cityPort = FreePort.Next();
        await using var city = await ServiceProcess.StartAsync(folder.File("city"), cityPort, $"--Rules:Path={folder.File("rules")}");
        List<ServiceProcess> north = [await NodeAsync("north", 1), await NodeAsync("north", 2)];
        await using var south = await NodeAsync("south", 1);
        try
        {
            await Leaks.AllKnowAnOwnerAsync([.. north, south]);
            await Wait.ForAsync("both in the city", () => city.GetAsync("api/v1/devices"), devices => devices.GetArrayLength() == 2, 60);
            await FloodAsync(north[0], "T-1");
            await Wait.ForAsync("the first flood in the city", () => NewestAsync(city, "north"), flooded => flooded == 1);

            var speaker = await north[0].IsOwnerAsync() ? north[0] : north[1];
            await speaker.KillAsync();
            await speaker.DisposeAsync();
            north.Remove(speaker);
            await FloodAsync(south, "T-1");
            await FloodAsync(north[0], "T-2");
            await Wait.ForAsync("what the other node of the north says", () => NewestAsync(city, "north"), flooded => flooded == 2, 60);

            var alarm = await Wait.ForAsync("the city's alarm", () => FloodsAsync(city), alarms => alarms.Count == 1);
            Assert.Equal("2: north, south", alarm[0].GetProperty("detail").GetString());
            Assert.Equal(2, await AsTheJournalHasItAsync(city, "north", north[0]));
            Assert.Equal(1, await AsTheJournalHasItAsync(city, "south", south));
        }
        finally
        {
            foreach (var node in north)
                await node.DisposeAsync();
        }

        Task<ServiceProcess> NodeAsync(string partition, int node) => ServiceProcess.StartAsync(
            folder.File(string.Create(CultureInfo.InvariantCulture, $"{partition}-{node}")), 0, "--Cluster:Enabled=true", $"--Cluster:Stream={partition}", $"--Cluster:Servers={servers.Urls}",
            $"--Cluster:Postgres={postgres.Connection}", $"--Cluster:PostgresPasswordFile={postgres.PasswordFile}", string.Create(CultureInfo.InvariantCulture, $"--Cluster:Node=127.0.0.1:{FreePort.Next()}"),
            string.Create(CultureInfo.InvariantCulture, $"--Upward:Address=mqtt://127.0.0.1:{cityPort}"), $"--Upward:Gateway={partition}", $"--Upward:Counts={Sample}");
    }

    [Fact]
    public async Task A_file_that_counts_what_is_not_there_is_refused_at_the_start()
    {
        using var folder = new TempDirectory();
        var file = folder.File("district.yaml");
        File.WriteAllText(file, File.ReadAllText(Sample).Replace("flood_close", "flood_closed", StringComparison.Ordinal));
        var (code, _, error) = await ServiceProcess.RunAsync($"--Data:Path={folder.File("data")}", "--Upward:Address=mqtt://127.0.0.1:1", "--Upward:Gateway=district-a", $"--Upward:Counts={file}");
        Assert.Equal(1, code);
        Assert.Contains($"{file}: channels.flood_closed: no rule of the families here has that name", error, StringComparison.Ordinal);
        Assert.Contains("did you mean 'flood_close'?", error, StringComparison.Ordinal);
        Assert.Contains($"{file}: channels.road_flood_closed", error, StringComparison.Ordinal);
    }

    private static async Task FloodAsync(ServiceProcess district, string tunnel)
    {
        // So long ago that its delay of 10 s has passed.
        var before = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() - 15_000;
        await Clients.MosquittoPubAsync(district.MqttPort, $"telemetry/v1/gw-1/tunnel/{tunnel}", string.Create(CultureInfo.InvariantCulture, $$$"""{"ts":{{{before}}},"seq":1,"values":{"flood_water_level":0.3}}"""), "-q", "1");
        await district.AlarmAsync(tunnel, "flood_close");
    }

    private static async Task<List<JsonElement>> FloodsAsync(ServiceProcess city) =>
        [.. (await city.GetAsync("api/v1/alarms?state=active&family=area")).EnumerateArray().Where(alarm => alarm.GetProperty("rule").GetString() == "floods_in_districts")];

    private static async Task<double> NewestAsync(ServiceProcess city, string district) =>
        (await city.GetAsync($"api/v1/devices/{district}/readings?channel=flood_close")).EnumerateArray().Select(row => row.GetProperty("value").GetDouble()).LastOrDefault(-1);

    /// <returns>The newest count.</returns>
    private async Task<double> AsTheJournalHasItAsync(ServiceProcess city, string name, ServiceProcess district)
    {
        var rows = (await city.GetAsync($"api/v1/devices/{name}/readings?channel=flood_close")).EnumerateArray().ToList();
        var journal = (await district.Http.GetStringAsync("api/v1/journal?from=0")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.All(rows, row => Assert.Equal(FloodedAt(journal, row.GetProperty("seq").GetInt64()), row.GetProperty("value").GetDouble()));
        Assert.Equal(rows.Count, rows.Select(row => row.GetProperty("seq").GetInt64()).Distinct().Count());
        output.WriteLine($"{name}: {rows.Count} readings in the city, each as its journal has it");
        return rows[^1].GetProperty("value").GetDouble();
    }

    private static double FloodedAt(List<JsonElement> journal, long position) => journal
        .Where(line => line.GetProperty("rule").GetString() == "flood_close" && line.GetProperty("position").GetInt64() <= position)
        .GroupBy(line => line.GetProperty("alarm").GetString())
        .Count(alarm => Active.Contains(alarm.Last().GetProperty("to").GetString()));
}
