using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Gateways;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Rules.Families;

namespace Telemetry.Benchmarks.Peers;

/// <summary>
/// <c>endpoint-alone PORT FOLDER</c>: the service's own endpoint, decoding and log, with nothing behind the log: no rules, no register, no store, no page. The limit for the
/// whole service. Prints the committed entries each 100 ms.
/// </summary>
internal static class EndpointAlone
{
    public static async Task<int> RunAsync(int port, string folder)
    {
        var clock = new LogClock(TimeProvider.System);
        await using var log = DurableLog.Open(Path.Combine(folder, "log"), new LogOptions(), new FileSystem(), clock, NullLogger.Instance);
        var tables = new DecodingTables(FamilySet.Shipped().Find, new DeviceDirectory(), new Stats());
        await using var broker = new EmbeddedBroker(tables, new LogAppender(log).AppendAsync, () => log.StalledFor, clock.Now, TimeProvider.System, NullLogger<EmbeddedBroker>.Instance);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, broker.Listen));
        await using var app = builder.Build();
        await broker.StartAsync();
        await app.StartAsync();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        do
            Console.WriteLine(log.Committed.ToString(CultureInfo.InvariantCulture));
        while (await timer.WaitForNextTickAsync(app.Lifetime.ApplicationStopping).AsTask().ContinueWith(tick => tick.IsCompletedSuccessfully, TaskScheduler.Default));
        return 0;
    }
}
