using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Telemetry.Benchmarks.EndToEnd;

/// <summary>The service as its users run it: a process of its own on free ports and a new data directory.</summary>
internal sealed partial class ServiceProcess : IAsyncDisposable
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(60);
    // Of /proc/PID/stat; fixed at 100 on every Linux that .NET runs on.
    private const double ClockTicksPerSecond = 100;

    private readonly Process _process;
    private readonly string _data = Directory.CreateTempSubdirectory("end-to-end-").FullName;
    private readonly StringBuilder _output = new();
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<(int Mqtt, int Http)> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServiceProcess()
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "Ingest.dll"), "--Mqtt:Port=0", "--Http:Port=0", $"--Data:Path={_data}"])
            start.ArgumentList.Add(argument);
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.Exited += (_, _) => _listening.TrySetException(new InvalidOperationException($"the service ended before it listened:\n{Output}"));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int MqttPort { get; private set; }

    public Uri Http { get; private set; } = null!;

    /// <summary>What it printed so far.</summary>
    public string Output
    {
        get
        {
            lock (_gate)
                return _output.ToString();
        }
    }

    /// <exception cref="InvalidOperationException">It ended before it listened; the message carries its output.</exception>
    /// <exception cref="TimeoutException">It did not listen within a minute.</exception>
    public static async Task<ServiceProcess> StartAsync(CancellationToken cancellationToken)
    {
        var service = new ServiceProcess();
        try
        {
            var (mqtt, http) = await service._listening.Task.WaitAsync(LongestStart, cancellationToken);
            service.MqttPort = mqtt;
            service.Http = new Uri($"http://127.0.0.1:{http}");
            return service;
        }
        catch
        {
            await service.DisposeAsync();
            throw;
        }
    }

    /// <summary>CPU time of all its threads, user and system, and the greatest resident set so far.</summary>
    public (double CpuSeconds, double PeakMegabytes) Usage()
    {
        var id = _process.Id.ToString(CultureInfo.InvariantCulture);
        // The second field is a name in brackets that may contain blanks; utime and stime are the 12th and 13th after it.
        var stat = File.ReadAllText($"/proc/{id}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var ticks = long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
        var peak = File.ReadLines($"/proc/{id}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        var kilobytes = double.Parse(peak.AsSpan("VmHWM:".Length, peak.Length - "VmHWM:".Length - " kB".Length), CultureInfo.InvariantCulture);
        return (ticks / ClockTicksPerSecond, kilobytes / 1024);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    private void Take(string? line)
    {
        if (line is null)
            return;
        lock (_gate)
            _output.AppendLine(line);
        if (ListeningLine().Match(line) is { Success: true } ports)
            _listening.TrySetResult((int.Parse(ports.Groups["mqtt"].ValueSpan, CultureInfo.InvariantCulture), int.Parse(ports.Groups["http"].ValueSpan, CultureInfo.InvariantCulture)));
    }

    [GeneratedRegex(@"^listening mqtt=(?<mqtt>\d+) http=(?<http>\d+)$")]
    private static partial Regex ListeningLine();
}
