using System.Net.Http.Json;
using Telemetry.Simulators.Load;

namespace Telemetry.Benchmarks.EndToEnd;

/// <summary>One service, one run of load, one drain.</summary>
internal sealed class EndToEndRun(int batch, int connections, int devices, TimeSpan duration, TimeProvider time)
{
    private static readonly TimeSpan LongestDrain = TimeSpan.FromMinutes(10);

    /// <exception cref="InvalidOperationException">The service did not start; the message carries its output.</exception>
    /// <exception cref="TimeoutException">It did not drain.</exception>
    public async Task<EndToEndResult> RunAsync(CancellationToken cancellationToken)
    {
        using var data = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(data.Path);
        var options = new LoadOptions { Port = service.MqttPort, Connections = connections, Devices = devices, Batch = batch, Duration = duration };
        var before = service.Usage();

        var load = await new LoadPublisher(options, time).RunAsync(cancellationToken);
        var published = time.GetTimestamp();
        await DrainAsync(service, cancellationToken);
        var drained = time.GetElapsedTime(published).TotalSeconds;

        var after = service.Usage();
        return new EndToEndResult
        {
            Batch = batch,
            ValuesPerReading = options.Channels,
            Messages = load.Acknowledged,
            PublishSeconds = load.Seconds,
            DrainSeconds = drained,
            AckP50 = load.AckP50,
            AckP99 = load.AckP99,
            ServiceCpuSeconds = after.CpuSeconds - before.CpuSeconds,
            PublisherCpuSeconds = load.CpuSeconds,
            PeakMegabytes = after.PeakMegabytes,
            Errors = load.Errors,
        };
    }

    private static async Task DrainAsync(ServiceProcess service, CancellationToken cancellationToken)
    {
        var goal = (await PositionsAsync(service.Http, cancellationToken)).LogPosition;
        await Wait.ForAsync(
            $"position {goal}", () => PositionsAsync(service.Http, cancellationToken), now => now.RulesPosition >= goal && now.StorePosition >= goal, (int)LongestDrain.TotalSeconds);
    }

    private static async Task<Positions> PositionsAsync(HttpClient http, CancellationToken cancellationToken) =>
        (await http.GetFromJsonAsync<Positions>("/api/v1/stats", cancellationToken))!;

    private sealed record Positions(long LogPosition, long RulesPosition, long StorePosition);
}
