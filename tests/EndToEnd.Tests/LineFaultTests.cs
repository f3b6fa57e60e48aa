using System.Globalization;
using Telemetry.Simulators.Load;

namespace Telemetry.EndToEnd.Tests;

/// <summary>
/// The line does to a connection under load what lines do, one fault after the other in a seeded order. One walk; n with TELEMETRY_LONG=n, 10 with 1. There the service
/// itself must notice that a line is dead; in the short form whoever was not told gives up after half a second.
/// </summary>
public sealed class LineFaultTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly int? Long = Environment.GetEnvironmentVariable("TELEMETRY_LONG") is { Length: > 0 } asked ? (int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n > 1 ? n : 10) : null;
    private static readonly TimeSpan Half = TimeSpan.FromSeconds(0.5);

    private readonly TempDirectory _data = new();
    private readonly TempDirectory _records = new();
    private readonly CancellationTokenSource _over = new();
    private readonly Random _random = new(20261126);
    private Task _publishing = Task.CompletedTask;

    private string Record => _records.File("acknowledged");

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _over.Dispose();
        _data.Dispose();
        _records.Dispose();
    }

    [Fact]
    public async Task What_a_gateway_had_acknowledged_is_stored_once_whatever_the_line_does()
    {
        var begun = TimeProvider.System.GetUtcNow();
        await using var service = await ServiceProcess.StartAsync(_data.Path);
        using var gate = new TcpGate(service.MqttPort);
        var load = Publish(gate.Port);
        await Wait.ForAsync("load", () => load.Acknowledged > 500);
        for (var walk = 0; walk < (Long ?? 1); walk++)
        {
            foreach (var fault in Shuffled())
            {
                await LeakAsync(service.MqttPort, walk % 2 == 0);
                await SufferAsync(gate, fault, () => Task.FromResult(load.Acknowledged));
            }
        }
        await EndAsync();
        if (Long is not null)
            await NoticedAsync(service);
        await StoredOnceAsync(service, begun, $"{gate.Made} connections");
    }

    [Fact]
    public async Task What_Mosquitto_had_acknowledged_is_stored_once_whatever_the_line_to_it_does()
    {
        var begun = TimeProvider.System.GetUtcNow();
        using var broker = await Mosquitto.StartAsync();
        using var gate = new TcpGate(broker.Port);
        await using var service = await ServiceProcess.StartAsync(_data.Path, mqttPort: null, $"--Mqtt:External:Address=127.0.0.1:{gate.Port}");
        // Before its first subscription the broker keeps nothing for it.
        await Wait.ForAsync("ready", async () => (await service.Http.GetAsync("health/ready")).IsSuccessStatusCode);
        Publish(broker.Port);
        for (var walk = 0; walk < (Long ?? 1); walk++)
        {
            // Each loss in a row doubles the pause before the next attempt: two of them are left to the long form.
            foreach (var fault in Shuffled().Where(fault => Long is not null || fault is not (LineFault.Refused or LineFault.ClientNotTold)))
            {
                await LeakAsync(broker.Port, walk % 2 == 0);
                await SufferAsync(gate, fault, async () => (await service.GetAsync("api/v1/stats")).GetProperty("received").GetInt64(), notices: Long is not null);
            }
        }
        await EndAsync();
        // The broker hands out what it has queued; nobody says when that was all.
        await Wait.ForAsync("everything that Mosquitto acknowledged", () => Ledger.CompareAsync(service, Record, begun), compared => compared.Missing == 0, 180);
        await StoredOnceAsync(service, begun, $"{gate.Made} connections");
    }

    private LineFault[] Shuffled()
    {
        var faults = Enum.GetValues<LineFault>().Where(fault => fault != LineFault.None).ToArray();
        _random.Shuffle(faults);
        return faults;
    }

    /// <param name="notices">The client finds out by itself that the line is dead.</param>
    private async Task SufferAsync(TcpGate gate, LineFault fault, Func<Task<long>> progress, bool notices = false)
    {
        var (before, made) = (await progress(), gate.Made);
        gate.Fault = fault;
        if (fault is LineFault.Latency or LineFault.Bytes)
            await Wait.ForAsync($"progress in spite of {fault}", progress, now => now > before);
        else
            await Task.Delay(Half);
        var dead = TimeProvider.System.GetTimestamp();
        gate.Fault = LineFault.None;
        if (fault is LineFault.HalfOpen or LineFault.ClientNotTold)
        {
            if (!notices)
                gate.GiveUp();
            // What was on the way when the line died may still come in: the connection of readings and that of alarms are made anew.
            else
                await Wait.ForAsync("two new connections", () => gate.Made >= made + 2, 120);
        }
        var stood = await progress();
        await Wait.ForAsync($"progress after {fault}", progress, now => now > stood + 200, 120);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{fault}: {stood - before} meanwhile, goes on {TimeProvider.System.GetElapsedTime(dead).TotalSeconds:0.0} s after it"));
    }

    /// <summary>A gateway whose line dies without a word becomes an alarm.</summary>
    private async Task NoticedAsync(ServiceProcess service)
    {
        using var gate = new TcpGate(service.MqttPort);
        using var gateway = Clients.Start("mosquitto_pub", "-h", "127.0.0.1", "-p", gate.Port.ToString(CultureInfo.InvariantCulture), "-k", "5", "-q", "1", "-l", "-t", "telemetry/v1/gw-far/drainage_pump/far");
        try
        {
            await gateway.StandardInput.WriteLineAsync("""{"values":{"sump_level":1}}""");
            await gateway.StandardInput.FlushAsync();
            await Wait.ForAsync("the reading", async () => (await service.Http.GetAsync("api/v1/devices/far")).IsSuccessStatusCode);
            gate.Fault = LineFault.HalfOpen;
            var dead = TimeProvider.System.GetTimestamp();
            await service.AlarmAsync("gw-far", "offline", alarm => alarm.GetProperty("state").GetString() == "active_unacknowledged", 60);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"a gateway with keep-alive 5 s: offline {TimeProvider.System.GetElapsedTime(dead).TotalSeconds:0.0} s after its line died"));
        }
        finally
        {
            gateway.Kill();
        }
    }

    private async Task StoredOnceAsync(ServiceProcess service, DateTimeOffset begun, string more)
    {
        await service.CaughtUpAsync();
        var (acknowledged, stored, missing, doubled) = await Ledger.CompareAsync(service, Record, begun);
        output.WriteLine($"acknowledged {acknowledged}, stored {stored}, lost {missing}, doubled {doubled}, {more}");
        Assert.True(acknowledged > 1000);
        Assert.Equal((0, 0), (missing, doubled));
        // Gateways that have gone are offline a while after, whenever that is: compared is what the log held at one moment.
        var position = (await service.GetAsync("api/v1/stats")).GetProperty("rulesPosition").GetInt64();
        var answered = Journal.UpTo(position, await service.Http.GetStringAsync("api/v1/journal?from=1"));
        Assert.Equal(0, await service.StopAsync());
        var recomputed = await ServiceProcess.RunAsync("journal", "--Data:Path", _data.Path, "--json");
        Assert.Equal(0, recomputed.ExitCode);
        Assert.Contains("\"rule\":\"leak_high\"", answered, StringComparison.Ordinal);
        Assert.Equal(answered, Journal.UpTo(position, recomputed.Output));
    }

    // So that the journal has something to say.
    private static Task LeakAsync(int port, bool leaks) =>
        Clients.MosquittoPubAsync(port, "telemetry/v1/gw-gas/gas_valve/gas-1", $$$"""{"values":{"gas_alarm_state":"{{{(leaks ? "high" : "normal")}}}"}}""", "-q", "1");

    private LoadPublisher Publish(int port)
    {
        var load = new LoadPublisher(
            new LoadOptions { Port = port, Connections = 4, Devices = 8, Qos = 1, InFlight = 50, Rate = 1000, Duration = TimeSpan.FromHours(1), Reconnect = true, Patience = TimeSpan.FromMinutes(2), Record = Record },
            TimeProvider.System);
        _publishing = Task.Run(() => load.RunAsync(_over.Token));
        return load;
    }

    private async Task EndAsync()
    {
        await _over.CancelAsync();
        await Task.WhenAny(_publishing);
    }
}
