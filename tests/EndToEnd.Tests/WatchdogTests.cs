using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Telemetry.EndToEnd.Tests;

/// <summary>The service and its watchdog, each a process of its own, over real sockets.</summary>
public sealed class WatchdogTests : IDisposable
{
    private const string Key = "3f9a1c7e5b2d4860a1b2c3d4e5f60718";

    private readonly TempDirectory _folder = new();
    private readonly StringBuilder _said = new();
    private Process? _watchdog;

    public void Dispose()
    {
        _watchdog?.Kill();
        _watchdog?.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_service_that_stands_still_wakes_somebody_and_its_return_is_told_and_an_absent_watchdog_is_an_alarm()
    {
        await File.WriteAllTextAsync(_folder.File("key"), Key + "\n");
        await File.WriteAllTextAsync(_folder.File("wake"), $"#!/bin/sh\necho \"$TELEMETRY_WATCHDOG $TELEMETRY_WATCHDOG_REASON\" >>{_folder.File("woken")}\n");
        await Tool.RunAsync("chmod", "+x", _folder.File("wake"));
        await Tool.RunAsync("mkfifo", _folder.File("siren"));
        // Held open for both, as a serial device is: neither end waits for the other.
        await using var siren = new FileStream(_folder.File("siren"), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);

        var port = FreePort.Next();
        var url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/heartbeat");
        await using var service = await ServiceProcess.StartAsync(_folder.File("data"), 0, $"--Watchdog:Url={url}", $"--Watchdog:KeyFile={_folder.File("key")}");
        _watchdog = Start(
            "watchdog", "--service", string.Create(CultureInfo.InvariantCulture, $"mqtt://127.0.0.1:{service.MqttPort}"), "--listen", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"), "--key-file", _folder.File("key"),
            "--without-notifier", "--command", _folder.File("wake"), "--serial", _folder.File("siren"), "--serial-on", "a0 01 01 a2", "--serial-off", "a00100a1", "--json");
        await Wait.ForAsync("a heartbeat", () => Task.FromResult(Said), said => said.Contains("\"event\":\"heartbeat\",\"detail\":\"passed gateway, log, rules\"", StringComparison.Ordinal));
        // The second reading is a test alarm: an event of the rules.
        await Wait.ForAsync("the test alarm", () => service.GetAsync("api/v1/alarms?state=all&family=watchdog"), alarms => alarms.GetArrayLength() == 1);

        await Tool.RunAsync("kill", "-STOP", service.Id);
        await Wait.ForAsync("the alert", WokenAsync, woken => woken.StartsWith("alert no heartbeat for 3", StringComparison.Ordinal), seconds: 60);
        Assert.Equal("A00101A2", await ReadAsync(siren));
        await Tool.RunAsync("kill", "-CONT", service.Id);
        await Wait.ForAsync("its end", WokenAsync, woken => woken.EndsWith("over heartbeats again\n", StringComparison.Ordinal));
        Assert.Equal("A00100A1", await ReadAsync(siren));

        _watchdog.Kill();
        await Wait.ForAsync("the service's own alarm", () => service.GetAsync("api/v1/alarms?state=active&family=system"), alarms => alarms.EnumerateArray().Any(alarm => alarm.GetProperty("rule").GetString() == "watchdog_lost"), seconds: 60);
    }

    private string Said
    {
        get
        {
            lock (_said)
                return _said.ToString();
        }
    }

    private Process Start(params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", [ServiceProcess.Dll, .. arguments]) { RedirectStandardOutput = true })!;
        process.OutputDataReceived += (_, line) =>
        {
            lock (_said)
                _said.Append(line.Data).Append('\n');
        };
        process.BeginOutputReadLine();
        return process;
    }

    private async Task<string> WokenAsync() => File.Exists(_folder.File("woken")) ? await File.ReadAllTextAsync(_folder.File("woken")) : "";

    private static async Task<string> ReadAsync(FileStream siren)
    {
        using var deadline = new CancellationTokenSource(Wait.Longest);
        var bytes = new byte[4];
        await siren.ReadExactlyAsync(bytes, deadline.Token);
        return Convert.ToHexString(bytes);
    }
}
