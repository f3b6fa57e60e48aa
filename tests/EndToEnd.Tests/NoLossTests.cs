using System.Globalization;
using Telemetry.Simulators.Load;

namespace Telemetry.EndToEnd.Tests;

/// <summary>The oracle knows only what was acknowledged. Every fourth time it had been told to stop, and is killed at that. 5 rounds; 200 with TELEMETRY_LONG=1, n with TELEMETRY_LONG=n.</summary>
public sealed class NoLossTests(ITestOutputHelper output)
{
    private const int Devices = 8;
    private static readonly int Rounds = Environment.GetEnvironmentVariable("TELEMETRY_LONG") is { Length: > 0 } asked ? (int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n > 1 ? n : 200) : 5;

    [Fact]
    public async Task What_was_acknowledged_survives_kill_at_any_moment_once_and_the_journal_is_that_of_an_uninterrupted_run()
    {
        using var data = new TempDirectory();
        using var records = new TempDirectory();
        var record = Path.Combine(records.Path, "acknowledged");
        var port = FreePort.Next();
        using var over = new CancellationTokenSource();
        var load = new LoadPublisher(
            new LoadOptions
            {
                Port = port, Connections = 4, Devices = Devices, Qos = 1, InFlight = 50, Rate = 2000, Duration = TimeSpan.FromHours(1),
                Reconnect = true, Patience = TimeSpan.FromMinutes(2), Record = record,
            },
            TimeProvider.System);
        var random = new Random(20261124);
        var begun = TimeProvider.System.GetUtcNow();
        Task<LoadResult>? publishing = null;
        for (var round = 0; round < Rounds; round++)
        {
            // Small segments: one is sealed and the next begun every few rounds.
            await using var service = await ServiceProcess.StartAsync(data.Path, port, "--Log:SegmentSize=1MiB");
            publishing ??= Task.Run(() => load.RunAsync(over.Token));
            // One alarm raised and cleared per two rounds, so that the journal has something to say.
            var state = round % 2 == 0 ? "high" : "normal";
            await Clients.MosquittoPubAsync(port, "telemetry/v1/gw-gas/gas_valve/gas-1", $$$"""{"seq":{{{round}}},"values":{"gas_alarm_state":"{{{state}}}"}}""", "-q", "1");
            var until = load.Acknowledged + random.Next(100, 3000);
            try
            {
                await Wait.ForAsync($"{until} acknowledged", () => Task.FromResult(load.Acknowledged), acknowledged => acknowledged >= until, 60);
            }
            catch (TimeoutException)
            {
                output.WriteLine($"round {round}, sent {load.Sent}; the service says:\n{service.Output}\n{await service.GetAsync("api/v1/stats")}");
                throw;
            }
            // At its end a service saves its checkpoint and closes its databases.
            await service.KillAsync(stoppingFor: round % 4 == 3 ? TimeSpan.FromMilliseconds(random.Next(150)) : null);
        }
        await over.CancelAsync();
        await Task.WhenAny(publishing!);

        await using var last = await ServiceProcess.StartAsync(data.Path, port);
        await last.CaughtUpAsync();
        var (acknowledged, stored, missing, doubled) = await Ledger.CompareAsync(last, record, begun);
        output.WriteLine($"rounds {Rounds}, acknowledged {acknowledged}, stored {stored}, lost {missing}, doubled {doubled}");
        Assert.True(acknowledged > 100 * Rounds);
        Assert.Equal(0, missing);
        Assert.Equal(0, doubled);

        // Gateways that have gone are offline a while after, whenever that is: compared is what the log held at one moment.
        var position = (await last.GetAsync("api/v1/stats")).GetProperty("rulesPosition").GetInt64();
        var answered = Journal.UpTo(position, await last.Http.GetStringAsync("api/v1/journal?from=1"));
        Assert.Equal(0, await last.StopAsync());
        var recomputed = await ServiceProcess.RunAsync("journal", "--Data:Path", data.Path, "--json");
        Assert.Equal(0, recomputed.ExitCode);
        Assert.Contains("\"rule\":\"leak_high\"", answered, StringComparison.Ordinal);
        Assert.Equal(answered, Journal.UpTo(position, recomputed.Output));
    }
}
