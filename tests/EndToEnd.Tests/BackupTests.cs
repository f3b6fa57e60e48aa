using System.Text.Json;
using Telemetry.Simulators.Load;

namespace Telemetry.EndToEnd.Tests;

/// <summary>Made under load, restored elsewhere, after the first machine has died.</summary>
public sealed class BackupTests(ITestOutputHelper output)
{
    [Fact]
    public async Task What_was_acknowledged_before_the_backup_is_there_once_where_it_was_restored_with_the_same_journal()
    {
        using var folder = new TempDirectory();
        using var records = new TempDirectory();
        var (data, copies, restored) = (folder.File("data"), folder.File("copies"), folder.File("restored"));
        var record = records.File("acknowledged");
        using var over = new CancellationTokenSource();
        var begun = TimeProvider.System.GetUtcNow();
        JsonElement made;
        string journal;
        await using (var service = await ServiceProcess.StartAsync(data, 0, "--Log:SegmentSize=1MiB"))
        {
            var load = new LoadPublisher(
                new LoadOptions { Port = service.MqttPort, Connections = 4, Devices = 8, Qos = 1, InFlight = 50, Rate = 3000, Duration = TimeSpan.FromHours(1), Record = record },
                TimeProvider.System);
            var publishing = Task.Run(() => load.RunAsync(over.Token));
            await Clients.MosquittoPubAsync(service.MqttPort, "telemetry/v1/gw-gas/gas_valve/gas-1", """{"seq":1,"values":{"gas_alarm_state":"high"}}""", "-q", "1");
            await service.AlarmAsync("gas-1", "leak_high");
            await Wait.ForAsync("15000 acknowledged, over one segment", () => load.Acknowledged >= 15_000);
            // What it says of acknowledgements is asked for before the backup begins.
            File.Copy(record, record + ".before");
            made = await BackUpAsync(data, copies);
            var again = await BackUpAsync(data, copies);
            // One segment at least was sealed, and is not copied again.
            Assert.True(again.GetProperty("copied").GetInt64() < again.GetProperty("bytes").GetInt64() - 900_000, again.GetRawText());
            await service.CaughtUpAsync();
            journal = await service.Http.GetStringAsync("api/v1/journal?from=1");
            await service.KillAsync();
            await over.CancelAsync();
            await Task.WhenAny(publishing);
        }
        var (code, _, error) = await ServiceProcess.RunAsync("restore", "--from", copies, "--Data:Path", restored, "--set", made.GetProperty("set").GetString()!, "--json");
        Assert.True(code == 0, error);

        var position = made.GetProperty("position").GetInt64();
        await using var second = await ServiceProcess.StartAsync(restored, 0, "--Log:SegmentSize=1MiB");
        await second.CaughtUpAsync();
        var (acknowledged, stored, missing, doubled) = await Ledger.CompareAsync(second, record + ".before", begun);
        output.WriteLine($"position {position}, acknowledged before {acknowledged}, stored {stored}, lost {missing}, doubled {doubled}");
        Assert.True(acknowledged > 1000);
        Assert.Equal((0, 0), (missing, doubled));
        Assert.Contains("\"rule\":\"leak_high\"", journal, StringComparison.Ordinal);
        Assert.Equal(UpTo(position, journal), UpTo(position, await second.Http.GetStringAsync("api/v1/journal?from=1")));
        var verified = await ServiceProcess.RunAsync("verify-log", "--Data:Path", restored, "--chain", "--expect", made.GetProperty("head").GetString()!);
        Assert.True(verified.ExitCode == 0, verified.Output);
    }

    private static async Task<JsonElement> BackUpAsync(string data, string copies)
    {
        var (code, text, error) = await ServiceProcess.RunAsync("backup", "--Data:Path", data, "--out", copies, "--json");
        Assert.True(code == 0, error);
        return JsonDocument.Parse(text).RootElement;
    }

    private static List<string> UpTo(long position, string journal) =>
        [.. journal.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => JsonDocument.Parse(line).RootElement.GetProperty("position").GetInt64() <= position)];
}
