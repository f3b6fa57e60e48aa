using System.Net;
using System.Text.Json;
using Telemetry.Simulators.Load;

namespace Telemetry.EndToEnd.Tests;

/// <summary>A disk that is really full: a small file system in memory. Needs root and mount, as CI has them.</summary>
public sealed class FullDiskTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_full_disk_stops_acknowledging_but_neither_alarms_nor_operators_tells_people_and_loses_nothing()
    {
        Assert.True(Environment.IsPrivilegedProcess, "this test mounts a file system: run it as root");
        using var data = new TempDirectory();
        using var records = new TempDirectory();
        var record = Path.Combine(records.Path, "acknowledged");
        await using var provider = await Receiver.StartAsync();
        var notify = records.File("notify.yaml");
        await File.WriteAllTextAsync(notify, """
            people: {li: {name: 李工, phone: "+8613800000000"}, wang: {name: 王工, phone: "+8613800000001"}}
            teams: {t: {title: {en: Duty, zh: 值班}, always: li}, admin: {title: {en: Administrator, zh: 管理员}, always: wang}}
            channels: {critical: [sms], high: [sms], medium: [sms], low: [sms], digest: [sms]}
            routes: [{family: system, to: admin}, {to: t}]
            """, TestContext.Current.CancellationToken);
        await using var service = await ServiceProcess.StartInMemoryAsync(
            data.Path, 96, "--Log:SegmentSize=1MiB", "--Log:Reserve=2MiB", $"--Notify:File={notify}", $"--Notify:Sms:Url={provider.Url}sms", """--Notify:Sms:Body={"to":"{phone}","text":"{text}","id":"{key}"}""", "--Notify:Sms:Success=code=0");
        var begun = TimeProvider.System.GetUtcNow();
        using var over = new CancellationTokenSource();
        var load = new LoadPublisher(
            new LoadOptions
            {
                Port = service.MqttPort, Connections = 4, Devices = 8, Qos = 1, InFlight = 50, Rate = 1000, Duration = TimeSpan.FromHours(1),
                Reconnect = true, Patience = TimeSpan.FromMinutes(2), Record = record,
            },
            TimeProvider.System);
        var publishing = Task.Run(() => load.RunAsync(over.Token), over.Token);
        // Connected until the end of the test: what follows must not be the end of its connection.
        using var gateway = Clients.Start("mosquitto_pub", "-h", "127.0.0.1", "-p", service.MqttPort.ToString(System.Globalization.CultureInfo.InvariantCulture), "-q", "1", "-l", "-t", "telemetry/v1/gw-disk/drainage_pump/underpass");
        try
        {
            await gateway.StandardInput.WriteLineAsync("""{"values":{"road_water_depth":0.3}}""");
            await gateway.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
            var acknowledge = (await service.AlarmAsync("underpass", "road_flood_close")).GetProperty("id").GetString()!;
            await gateway.StandardInput.WriteLineAsync("""{"values":{"road_water_depth":0.3,"power_supply":"backup"}}""");
            await gateway.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
            await service.CaughtUpAsync();

            var filler = service.Inside(Path.Combine(data.Path, "filler"));
            Assert.Empty(Administrator(provider));
            Fill(filler);
            await Wait.ForAsync("log_unwritable", () => ReadyAsync(service), ready => ready.Status == HttpStatusCode.ServiceUnavailable && ready.Text.Contains("log_unwritable", StringComparison.Ordinal), 60);
            // On a disk without a free byte: whoever has to free it hears of it.
            await Wait.ForAsync("the administrator is told", () => Administrator(provider).Any(), 60);
            await service.AlarmAsync("telemetry", "disk_almost_full");
            // Not at once: acknowledgements of what was stored before may have been on their way.
            var stopped = load.Acknowledged;

            using (var answer = await service.ActAsync(acknowledge, "acknowledge"))
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            // On-delay 30 s, pending since before the disk was full.
            await service.AlarmAsync("underpass", "on_backup", seconds: 60);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await ReadyAsync(service)).Status);
            Assert.Equal(stopped, load.Acknowledged);
            // The service closed the connections itself: that says nothing of the gateways.
            Assert.DoesNotContain((await service.GetAsync("api/v1/alarms?state=all")).EnumerateArray(), alarm => alarm.GetProperty("rule").GetString() == "offline");

            File.Delete(filler);
            await Wait.ForAsync("ready", () => ReadyAsync(service), ready => ready.Status == HttpStatusCode.OK, 60);
            await Wait.ForAsync("acknowledging again", () => Task.FromResult(load.Acknowledged), acknowledged => acknowledged > stopped + 1000, 60);
        }
        finally
        {
            gateway.Kill();
            await over.CancelAsync();
            await Task.WhenAny(publishing);
        }
        await service.CaughtUpAsync();
        var (total, stored, missing, doubled) = await Ledger.CompareAsync(service, record, begun);
        output.WriteLine($"acknowledged {total}, stored {stored}, lost {missing}, doubled {doubled}");
        Assert.Equal(0, missing);
        Assert.Equal(0, doubled);
    }

    private static IEnumerable<Received> Administrator(Receiver provider) => provider.Taken.Where(taken => taken.Body.Contains("13800000001", StringComparison.Ordinal));

    private static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            var block = new byte[4096];
            while (true)
                file.Write(block);
        }
        catch (IOException)
        {
            // No space left: that was the aim.
        }
    }

    private static async Task<(HttpStatusCode Status, string Text)> ReadyAsync(ServiceProcess service)
    {
        using var answer = await service.Http.GetAsync(new Uri("health/ready", UriKind.Relative));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
