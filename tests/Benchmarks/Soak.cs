using System.Diagnostics;
using System.Globalization;
using Telemetry.Simulators.Load;

namespace Telemetry.Benchmarks;

/// <summary>
/// <c>soak MINUTES RATE [--picture FILE]</c>: so many readings a second for so long, with a fault each minute (hang, kill, stop, a burst of rubbish), and what memory, handles, threads and disk
/// do meanwhile. At the end what was acknowledged is compared with what is stored.
/// </summary>
internal static class Soak
{
    private const int Devices = 2000;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private sealed record Sample(double Minute, double Megabytes, int Handles, int Threads, double DiskMegabytes, long Acknowledged, string Fault);

    public static async Task<int> RunAsync(int minutes, int rate, string? picture)
    {
        using var data = new TempDirectory();
        using var records = new TempDirectory();
        var port = FreePort.Next();
        using var over = new CancellationTokenSource();
        var load = new LoadPublisher(
            new LoadOptions
            {
                Port = port, Connections = 50, Devices = Devices, Qos = 1, InFlight = 200, Rate = rate, Duration = TimeSpan.FromMinutes(minutes), Reconnect = true, Patience = TimeSpan.FromMinutes(2), Record = records.File("acknowledged"),
            },
            TimeProvider.System);
        var begun = TimeProvider.System.GetUtcNow();
        var service = await ServiceProcess.StartAsync(data.Path, port);
        var publishing = load.RunAsync(over.Token);
        var samples = new List<Sample>();
        var watch = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(Every);
        var nextFault = 1;
        Console.WriteLine("minute  MB  handles  threads  disk MB  acknowledged  fault");
        try
        {
            while (watch.Elapsed < TimeSpan.FromMinutes(minutes) && !publishing.IsCompleted)
            {
                var fault = "";
                if (watch.Elapsed.TotalMinutes >= nextFault)
                    (service, fault) = await FaultAsync(service, data.Path, port, nextFault++);
                samples.Add(Look(service, data.Path, watch.Elapsed.TotalMinutes, load.Acknowledged, fault));
                Console.WriteLine(Line(samples[^1]));
                await timer.WaitForNextTickAsync();
            }
            var result = await publishing;
            await service.CaughtUpAsync();
            var (acknowledged, stored, lost, doubled) = await Ledger.CompareAsync(service, records.File("acknowledged"), begun);
            Console.WriteLine(FormattableString.Invariant($"{minutes} min: sent {result.Sent}, drops {result.Drops}, resent {result.Resent}; acknowledged {acknowledged}, stored {stored}, lost {lost}, doubled {doubled}"));
            Console.WriteLine(FormattableString.Invariant($"memory {Halves(samples, sample => sample.Megabytes)} MB, handles {Halves(samples, sample => sample.Handles)}, threads {Halves(samples, sample => sample.Threads)} (median of the first half -> of the second); disk {(samples[^1].DiskMegabytes - samples[0].DiskMegabytes) * 1048576 / Math.Max(1, acknowledged):N0} B a reading"));
            if (picture is not null)
                await File.WriteAllTextAsync(picture, SoakPicture.Of([.. samples.Select(sample => (sample.Minute, sample.Megabytes, sample.Handles, sample.Threads, sample.DiskMegabytes, sample.Fault))]));
            return lost + doubled == 0 ? 0 : 1;
        }
        finally
        {
            await over.CancelAsync();
            await service.DisposeAsync();
        }
    }

    /// <summary>The minute's own, in turn.</summary>
    private static async Task<(ServiceProcess Service, string Fault)> FaultAsync(ServiceProcess service, string data, int port, int minute)
    {
        switch (minute % 4)
        {
            case 0:
                await service.KillAsync();
                return (await ServiceProcess.StartAsync(data, port), "kill -9");
            case 1:
                await SignalAsync("-STOP", service);
                await Task.Delay(TimeSpan.FromSeconds(3));
                await SignalAsync("-CONT", service);
                return (service, "hung for 3 s");
            case 2:
                await RubbishAsync(port);
                return (service, "2,000 bad messages");
            default:
                await service.StopAsync();
                await service.DisposeAsync();
                return (await ServiceProcess.StartAsync(data, port), "stop and start");
        }
    }

    private static async Task SignalAsync(string signal, ServiceProcess service)
    {
        using var kill = Process.Start("kill", [signal, service.Id]);
        await kill.WaitForExitAsync();
    }

    private static async Task RubbishAsync(int port)
    {
        using var pub = Process.Start(new ProcessStartInfo("mosquitto_pub", ["-p", port.ToString(CultureInfo.InvariantCulture), "-q", "1", "-l", "-t", "telemetry/v1/gw-bad/drainage_pump/bad-1"]) { RedirectStandardInput = true })!;
        for (var i = 0; i < 2000; i++)
            await pub.StandardInput.WriteLineAsync("{\"values\": {\"sump_level\": ");
        pub.StandardInput.Close();
        await pub.WaitForExitAsync();
    }

    private static Sample Look(ServiceProcess service, string data, double minute, long acknowledged, string fault)
    {
        var process = $"/proc/{service.Id}";
        var threads = int.Parse(File.ReadLines(process + "/status").First(line => line.StartsWith("Threads:", StringComparison.Ordinal))[8..], CultureInfo.InvariantCulture);
        var disk = new DirectoryInfo(data).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Exists ? file.Length : 0);
        return new Sample(minute, service.Memory() / 1048576.0, Directory.EnumerateFileSystemEntries(process + "/fd").Count(), threads, disk / 1048576.0, acknowledged, fault);
    }

    private static string Line(Sample sample) => FormattableString.Invariant(
        $"{sample.Minute,6:N2}  {sample.Megabytes,4:N0}  {sample.Handles,5}  {sample.Threads,4}  {sample.DiskMegabytes,7:N0}  {sample.Acknowledged,11}  {sample.Fault}");

    private static string Halves(List<Sample> samples, Func<Sample, double> of) =>
        FormattableString.Invariant($"{Median(samples.Take(samples.Count / 2).Select(of)):N0} -> {Median(samples.Skip(samples.Count / 2).Select(of)):N0}");

    private static double Median(IEnumerable<double> values) => values.Order().ToArray() is { Length: > 0 } sorted ? sorted[sorted.Length / 2] : 0;
}
