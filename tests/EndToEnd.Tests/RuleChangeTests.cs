using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Telemetry.EndToEnd.Tests;

/// <summary>Rules change while readings flow, and after a restart everything is as it was.</summary>
public sealed class RuleChangeTests
{
    private const string Covers = "api/v1/families/manhole_cover";
    private const int Readings = 500;

    private static string Shipped { get; } = File.ReadAllText(Path.Combine(Repository.Root, "Rules/Families/manhole_cover.yaml"));

    private static string Battery(int percent) => Shipped.Replace("battery_level < 20 %", string.Create(CultureInfo.InvariantCulture, $"battery_level < {percent} %"), StringComparison.Ordinal);

    private static async Task<HttpResponseMessage> PutAsync(ServiceProcess service, string text)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(Covers, UriKind.Relative)) { Content = new StringContent(text, MediaTypeHeaderValue.Parse("text/yaml; charset=utf-8")) };
        request.Headers.TryAddWithoutValidation("If-Match", "*");
        return await service.Http.SendAsync(request);
    }

    private static async Task<string> InForceAsync(ServiceProcess service) => await service.Http.GetStringAsync(new Uri(Covers + "/text", UriKind.Relative));

    [Fact]
    public async Task Readings_flow_on_through_changes_and_a_restart_gives_the_same_journal_and_load()
    {
        using var data = new TempDirectory();
        string journal, load;
        await using (var service = await ServiceProcess.StartAsync(data.Path))
        {
            var publishing = Task.Run(async () =>
            {
                for (var from = 0; from < Readings; from += 50)
                    await Clients.MosquittoPubAsync(service.MqttPort, "telemetry/v1/gw/manhole_cover/C-1", Batch(from, 50), "-q", "1");
            });
            for (var percent = 21; percent <= 30; percent++)
            {
                using var changed = await PutAsync(service, Battery(percent));
                Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
                using var refused = await PutAsync(service, Battery(percent).Replace("when: battery_level", "when: batery_level", StringComparison.Ordinal));
                Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
                Assert.Equal(Battery(percent), await InForceAsync(service));
            }
            await publishing;
            await service.CaughtUpAsync();
            var stats = await service.GetAsync("api/v1/stats");
            Assert.Equal((Readings, 0), (stats.GetProperty("accepted").GetInt32(), stats.GetProperty("deadLetters").GetInt32()));
            await service.AlarmAsync("C-1", "cover_open");
            // Its publishers have gone: what follows of that comes before the figures are taken, and not between them.
            await service.AlarmAsync("gw", "offline");
            await service.CaughtUpAsync();
            journal = await service.Http.GetStringAsync(new Uri("api/v1/journal?from=1", UriKind.Relative));
            load = Figures(await service.GetAsync("api/v1/load"));
            await service.KillAsync();
        }
        await using var again = await ServiceProcess.StartAsync(data.Path);
        await again.CaughtUpAsync();
        Assert.Equal(Battery(30), await InForceAsync(again));
        Assert.StartsWith(journal, await again.Http.GetStringAsync(new Uri("api/v1/journal?from=1", UriKind.Relative)), StringComparison.Ordinal);
        Assert.Equal(load, Figures(await again.GetAsync("api/v1/load")));
        var (exitCode, recomputed, _) = await ServiceProcess.RunAsync("journal", "--Data:Path", data.Path, "--json");
        Assert.Equal(0, exitCode);
        Assert.StartsWith(journal, recomputed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_last_change_wins_whether_it_came_by_file_or_by_the_API()
    {
        using var data = new TempDirectory();
        using var rules = new TempDirectory();
        var file = Path.Combine(rules.Path, "manhole_cover.yaml");
        await File.WriteAllTextAsync(file, Battery(21));
        await using (var first = await ServiceProcess.StartAsync(data.Path, 0, $"--Rules:Path={rules.Path}"))
        {
            using var changed = await PutAsync(first, Battery(25));
            Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
            Assert.Equal(0, await first.StopAsync());
        }
        await using (var second = await ServiceProcess.StartAsync(data.Path, 0, $"--Rules:Path={rules.Path}"))
        {
            Assert.Equal(Battery(25), await InForceAsync(second));
            await Wait.ForAsync("it is said", () => second.Output.Contains("manhole_cover: version", StringComparison.Ordinal));
            Assert.Equal(0, await second.StopAsync());
        }
        await File.WriteAllTextAsync(file, Battery(30));
        await using (var third = await ServiceProcess.StartAsync(data.Path, 0, $"--Rules:Path={rules.Path}"))
        {
            Assert.Equal(Battery(30), await InForceAsync(third));
            var versions = (await third.GetAsync(Covers + "/versions")).EnumerateArray().Select(version => version.GetProperty("by").GetString());
            Assert.Equal([null, "operator", null], versions);
        }
    }

    /// <summary>An open cover, and its battery.</summary>
    private static string Batch(int from, int count)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() - 60_000;
        return JsonSerializer.Serialize(Enumerable.Range(from, count).Select(i => new { ts = now + i, seq = i, values = new { cover_state = "open", battery_level = 50 - (i % 40) } }));
    }

    /// <summary>Without what the passing of time alone changes.</summary>
    private static string Figures(JsonElement load) =>
        string.Join('\n', load.EnumerateArray().Select(scope => string.Join(' ', new[] { "position", "district", "since", "alarms", "priorities", "chattering", "fleeting", "topAlarms", "acknowledge" }.Select(name => scope.GetProperty(name).GetRawText()))));
}
