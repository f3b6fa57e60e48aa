using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace Telemetry.EndToEnd.Tests;

/// <summary>What a device sends before anybody has entered it is not lost: over kill -9, until it is adopted, and as often as somebody asks.</summary>
public sealed class RedecodeTests
{
    private static readonly string[] Site = ["--Formats:site:Topic=site/up", "--Formats:site:Format=senml-json"];

    [Fact]
    public async Task A_device_adopted_after_a_kill_has_what_it_sent_before_with_the_times_at_which_it_came()
    {
        using var data = new TempDirectory();
        await using (var service = await ServiceProcess.StartAsync(data.Path, 0, Site))
        {
            // Two devices in each message; the first has times, the second has none.
            await Clients.MosquittoPubAsync(service.MqttPort, "site/up", Pack("PS-A", "PS-B", 1.5, """ "bt": 1772323100, """), "-q", "1");
            await Clients.MosquittoPubAsync(service.MqttPort, "site/up", Pack("PS-A", "PS-B", 1.75, ""), "-q", "1");
            await service.CaughtUpAsync();
            Assert.Equal(2, (await service.GetAsync("api/v1/devices/unknown")).GetProperty("items").GetArrayLength());
            await service.KillAsync();
        }
        string received;
        await using (var service = await ServiceProcess.StartAsync(data.Path, 0, Site))
        {
            using var adopted = await service.Http.PostAsJsonAsync("api/v1/devices/unknown/PS-A/adopt", new { family = "drainage_pump" });
            Assert.Equal(
                """{"letters":2,"decoded":2,"readings":2,"failed":{},"skipped":{},"dry":false}""",
                (await adopted.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("redecoded").GetRawText());
            await service.CaughtUpAsync();
            var letters = await service.GetAsync("api/v1/deadletters?redecoded=true");
            received = letters[0].GetProperty("time").GetString()!;
            Assert.Equal([("2026-02-28T23:58:20.000Z", 1.5), (received, 1.75)], await LevelsAsync(service));
            Assert.Equal(["PS-B"], (await service.GetAsync("api/v1/devices/unknown")).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("wireId").GetString()));
            await service.KillAsync();
        }
        // The projections are made anew from the log: what was decoded once stays so.
        foreach (var file in Directory.GetFiles(data.Path, "state.db*").Append(Path.Combine(data.Path, "checkpoint")))
            File.Delete(file);
        await using var again = await ServiceProcess.StartAsync(data.Path, 0, Site);
        var (exitCode, output, _) = await ServiceProcess.RunAsync("redecode", "--url", again.Http.BaseAddress!.ToString(), "--json");
        Assert.Equal((0, """{"letters":2,"decoded":0,"readings":0,"failed":{"unknown_device":2},"skipped":{},"dry":false}"""), (exitCode, output.Trim()));
        await again.CaughtUpAsync();
        Assert.Equal(2, (await LevelsAsync(again)).Count);
        Assert.Equal(2, (await again.GetAsync("api/v1/deadletters?redecoded=true")).GetArrayLength());
    }

    [Fact]
    public async Task After_a_family_file_is_mended_the_command_decodes_what_it_lacked_and_doubles_nothing()
    {
        using var data = new TempDirectory();
        using var rules = new TempDirectory();
        var file = Path.Combine(rules.Path, "lift.yaml");
        const string Lift = """
            family: lift
            title: {en: Lift, zh: 电梯}
            heartbeat: 60s
            rationalised: {by: shipped default, on: null}
            rules:
              high: {kind: event, title: {en: High, zh: 高}, when: level > 11 m, severity: low, source: engineering default}
            channels:
              level: {unit: m, plausible: 0..12, every: 10s, title: {en: Level, zh: 水位}}
            """;
        await File.WriteAllTextAsync(file, Lift);
        string[] options = [$"--Rules:Path={rules.Path}"];
        await using (var service = await ServiceProcess.StartAsync(data.Path, 0, options))
        {
            await Clients.MosquittoPubAsync(service.MqttPort, "telemetry/v1/gw/lift/L-1", """{"values": {"level": 1.5, "depth": 3}}""", "-q", "1");
            await service.CaughtUpAsync();
        }
        await File.WriteAllTextAsync(file, Lift + "\n  depth: {unit: m, plausible: 0..12, every: 10s, title: {en: Depth, zh: 深度}}\n");
        await using var mended = await ServiceProcess.StartAsync(data.Path, 0, options);
        var url = mended.Http.BaseAddress!.ToString();
        var (_, dry, _) = await ServiceProcess.RunAsync("redecode", "--url", url, "--reason", "unknown_channel", "--dry");
        Assert.Equal("1 dead letters: 1 would be decoded, with 1 readings that were not there", dry.Trim());
        for (var time = 0; time < 2; time++)
            Assert.Equal(0, (await ServiceProcess.RunAsync("redecode", "--url", url)).ExitCode);
        await mended.CaughtUpAsync();
        var level = Assert.Single((await mended.GetAsync("api/v1/devices/L-1/readings?channel=level")).EnumerateArray());
        var depth = Assert.Single((await mended.GetAsync("api/v1/devices/L-1/readings?channel=depth")).EnumerateArray());
        Assert.Equal(level.GetProperty("time").GetString(), depth.GetProperty("time").GetString());
    }

    [Theory]
    [InlineData(1, "must be one of", "--reason", "odd")]
    [InlineData(1, "from: must be RFC 3339", "--from", "yesterday")]
    [InlineData(2, "http://HOST:PORT", "--url", "here")]
    [InlineData(1, "refused", "--url", "http://127.0.0.1:1")]
    public async Task The_command_says_what_is_wrong(int exitCode, string expected, params string[] arguments)
    {
        using var data = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(data.Path);
        string[] url = arguments.Contains("--url") ? [] : ["--url", service.Http.BaseAddress!.ToString()];
        var (code, output, error) = await ServiceProcess.RunAsync(["redecode", .. arguments, .. url]);
        Assert.Equal((exitCode, ""), (code, output));
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    private static string Pack(string one, string other, double level, string time) => string.Create(
        CultureInfo.InvariantCulture, $$"""[{"bn": "{{one}}:",{{time}} "n": "sump_level", "u": "m", "v": {{level}}}, {"bn": "{{other}}:", "n": "sump_level", "u": "m", "v": {{level}}}]""");

    private static async Task<List<(string Time, double Value)>> LevelsAsync(ServiceProcess service) =>
        [.. (await service.GetAsync("api/v1/devices/PS-A/readings?channel=sump_level&from=2026-01-01T00:00:00Z")).EnumerateArray().Select(each => (each.GetProperty("time").GetString()!, each.GetProperty("value").GetDouble()))];
}
