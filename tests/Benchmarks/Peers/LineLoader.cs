using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Telemetry.Benchmarks.Peers;

/// <summary>
/// <c>line-loader URL SECONDS</c>: posts line protocol that was built before, 5,000 lines a request, one after the other, as the service writes it. The limit for whoever
/// stores in InfluxDB. Prints what it came to as JSON.
/// </summary>
internal static class LineLoader
{
    private const int LinesPerRequest = 5000;
    private const int Devices = 5000;

    private sealed record Outcome(long Lines, double Seconds, double CpuSeconds, double PeakMegabytes);

    public static async Task<int> RunAsync(Uri url, double seconds)
    {
        using var http = new HttpClient();
        var begin = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
        // Enough for the fastest server that was seen here; then it ends before its time.
        var bodies = Enumerable.Range(0, (int)Math.Ceiling(seconds * 200_000 / LinesPerRequest)).Select(request => Body(request, begin)).ToArray();
        var (lines, cpu, watch) = (0L, Environment.CpuUsage.TotalTime, Stopwatch.StartNew());
        foreach (var body in bodies.TakeWhile(_ => watch.Elapsed.TotalSeconds < seconds))
        {
            using var content = new ByteArrayContent(body);
            using var response = await http.PostAsync(url, content);
            response.EnsureSuccessStatusCode();
            lines += LinesPerRequest;
        }
        var taken = watch.Elapsed.TotalSeconds;
        Console.WriteLine(JsonSerializer.Serialize(new Outcome(lines, taken, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds, Environment.WorkingSet / 1048576.0)));
        return 0;
    }

    /// <summary>Runs it as a process of its own before a new sink.</summary>
    public static async Task<LoadRecord> MeasureAsync(SubjectKind kind, int run, PeersOptions options)
    {
        await using var stand = await Stand.StartAsync(kind);
        var sinkCpu = stand.Sink!.Server.CpuTime;
        var url = new Uri(stand.Sink.WriteUrl.ToString().Replace("precision=ms", "precision=ns", StringComparison.Ordinal));
        await using var loader = new PeerProcess("dotnet", [Path.Combine(AppContext.BaseDirectory, "Benchmarks.dll"), "line-loader", url.ToString(), options.Seconds.ToString(CultureInfo.InvariantCulture)]);
        await Wait.ForAsync("the loader", () => loader.HasEnded, 120);
        await Wait.ForAsync("its figures", () => loader.Said.Contains('}', StringComparison.Ordinal) ? true : loader.Said.Contains("Exception", StringComparison.Ordinal) ? throw new InvalidOperationException(loader.Said) : false);
        var outcome = JsonSerializer.Deserialize<Outcome>(loader.Said)!;
        var stored = await stand.Sink.CountAsync();
        var rate = new Phase
        {
            Offered = null, Acknowledged = outcome.Lines, Arrived = stored, PublishSeconds = outcome.Seconds, Seconds = outcome.Seconds,
            SubjectCpu = outcome.CpuSeconds, SinkCpu = (stand.Sink.Server.CpuTime - sinkCpu).TotalSeconds,
        };
        return new LoadRecord { Subject = kind.Name, Run = run, Rate = rate, PeakMegabytes = outcome.PeakMegabytes, Acknowledged = outcome.Lines, Lost = outcome.Lines - stored };
    }

    private static byte[] Body(int request, long begin)
    {
        var text = new StringBuilder(LinesPerRequest * 200);
        for (var i = 0; i < LinesPerRequest; i++)
        {
            var number = ((long)request * LinesPerRequest) + i;
            var device = number % Devices;
            text.Append(CultureInfo.InvariantCulture, $"gas_valve,device=load-valve-{device:D6},gateway=load-{device % 20} methane_lel=0.{200 + (number % 600)},carbon_monoxide=3.5,gas_pressure=2.13,battery_level=87,rsrp=-97,log_position={number}i,received={begin / 1_000_000}i,seq={number / Devices}i {begin + (number * 1000)}\n");
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
