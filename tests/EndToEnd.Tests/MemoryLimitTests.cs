using System.Globalization;
using Telemetry.Simulators.Load;

namespace Telemetry.EndToEnd.Tests;

/// <summary>A machine that gives the service 512 MB for its objects, and senders that give more than it takes. 2 s at 20,000 readings/s; 60 s at all they can with TELEMETRY_LONG=1.</summary>
public sealed class MemoryLimitTests(ITestOutputHelper output)
{
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("TELEMETRY_LONG") is { Length: > 0 };
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(IsLong ? 60 : 2);

    [Fact]
    public async Task Under_a_limit_of_512_MB_the_service_slows_its_senders_down_and_does_not_end()
    {
        using var data = new TempDirectory();
        using var records = new TempDirectory();
        var record = records.File("acknowledged");
        await using var service = await ServiceProcess.StartInAsync(["DOTNET_GCHeapHardLimit=0x20000000"], data.Path);
        var begun = TimeProvider.System.GetUtcNow();
        // Each connection with a full window: what waits for a commit is more than a city ever sends at once.
        var load = new LoadPublisher(
            new LoadOptions { Port = service.MqttPort, Connections = 64, Devices = 64, Qos = 1, InFlight = 1000, Rate = IsLong ? null : 20_000, Duration = Length, Reconnect = true, Patience = TimeSpan.FromMinutes(2), Record = record },
            TimeProvider.System);
        await load.RunAsync(TestContext.Current.CancellationToken);
        await service.CaughtUpAsync();
        var (_, peak) = service.Usage();
        var (acknowledged, stored, missing, doubled) = await Ledger.CompareAsync(service, record, begun);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Length.TotalSeconds} s, acknowledged {acknowledged}, stored {stored}, lost {missing}, doubled {doubled}, resident at most {peak:0} MB"));
        Assert.True(acknowledged > 1000);
        Assert.Equal((0, 0), (missing, doubled));
        Assert.DoesNotContain("OutOfMemory", service.Output, StringComparison.Ordinal);
    }
}
