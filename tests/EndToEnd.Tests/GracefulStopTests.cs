using System.Text.Json;
using Telemetry.Simulators.Load;

namespace Telemetry.EndToEnd.Tests;

/// <summary>SIGTERM under load, as at every update of the service.</summary>
public sealed class GracefulStopTests(ITestOutputHelper output)
{
    private const int Stops = 3;

    [Fact]
    public async Task Stops_under_load_lose_and_double_nothing_and_leave_nothing_to_replay()
    {
        using var data = new TempDirectory();
        using var records = new TempDirectory();
        var record = Path.Combine(records.Path, "acknowledged");
        var port = ServiceProcess.FreePort();
        using var over = new CancellationTokenSource();
        var load = new LoadPublisher(
            new LoadOptions
            {
                Port = port, Connections = 4, Devices = 8, Qos = 1, InFlight = 50, Rate = 5000, Duration = TimeSpan.FromHours(1),
                Reconnect = true, Patience = TimeSpan.FromMinutes(2), Record = record,
            },
            TimeProvider.System);
        var begun = TimeProvider.System.GetUtcNow();
        Task? publishing = null;
        for (var stop = 0; stop < Stops; stop++)
        {
            await using var service = await ServiceProcess.StartAsync(data.Path, port);
            if (stop > 0)
                Assert.DoesNotContain("replayed the log", service.Output, StringComparison.Ordinal);
            publishing ??= Task.Run(() => load.RunAsync(over.Token));
            var until = load.Acknowledged + 5000;
            await Wait.ForAsync($"{until} acknowledged", () => load.Acknowledged >= until);
            Assert.Equal(0, await service.StopAsync());
        }
        await over.CancelAsync();
        await Task.WhenAny(publishing!);

        await using var last = await ServiceProcess.StartAsync(data.Path, port);
        await last.CaughtUpAsync();
        var (acknowledged, stored, missing, doubled) = await NoLossTests.CompareAsync(last, record, begun);
        output.WriteLine($"stops {Stops}, acknowledged {acknowledged}, stored {stored}, lost {missing}, doubled {doubled}");
        Assert.True(acknowledged >= 5000 * Stops);
        Assert.Equal((0, 0), (missing, doubled));
    }

    [Fact]
    public async Task The_log_is_one_JSON_object_a_line_where_that_is_asked_for()
    {
        using var data = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(data.Path, 0, "--json-logs");
        Assert.Equal(0, await service.StopAsync());
        var lines = service.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith("listening", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.EndsWith("Z", JsonDocument.Parse(line).RootElement.GetProperty("Timestamp").GetString(), StringComparison.Ordinal));
    }
}
