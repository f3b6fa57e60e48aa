using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Telemetry.Tests.Shared;

/// <summary>The service as its users run it: a process of its own. Killed and its data deleted when the test is over.</summary>
internal sealed partial class ServiceProcess : IAsyncDisposable
{
    // Of /proc/PID/stat; fixed at 100 on every Linux that .NET runs on.
    private const double ClockTicksPerSecond = 100;

    /// <summary>The program, as dotnet takes it: what was built beside these tests in the service's own folder, compiled ahead.</summary>
    public static readonly string Dll = Path.Combine([Repository.Root, "Ingest", .. Path.GetRelativePath(Repository.Root, AppContext.BaseDirectory).Split(Path.DirectorySeparatorChar)[2..], "Ingest.dll"]);
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<(int Mqtt, int Http)> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServiceProcess(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
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

    public HttpClient Http { get; private set; } = null!;

    public string Output
    {
        get
        {
            lock (_gate)
                return _output.ToString();
        }
    }

    /// <param name="mqttPort">0 takes a free one; null gives none: behind an external broker the service has no endpoint then.</param>
    public static Task<ServiceProcess> StartAsync(string data, int? mqttPort = 0, params string[] more) =>
        StartAsync(new ServiceProcess("dotnet", Arguments(data, mqttPort, more)));

    /// <summary>Where it was before: a page that waits for it finds it there.</summary>
    public static Task<ServiceProcess> StartOnAsync(string data, int httpPort) =>
        StartAsync(new ServiceProcess("dotnet", [Dll, "--Mqtt:Port=0", string.Create(CultureInfo.InvariantCulture, $"--Http:Port={httpPort}"), $"--Data:Path={data}"]));

    /// <param name="environment"><c>NAME=value</c>.</param>
    public static Task<ServiceProcess> StartInAsync(string[] environment, string data, params string[] more) =>
        StartAsync(new ServiceProcess("env", [.. environment, "dotnet", .. Arguments(data, 0, more)]));

    /// <summary>Its data directory is a file system of its own in memory, mounted where only it sees it; needs root.</summary>
    public static Task<ServiceProcess> StartInMemoryAsync(string data, int megabytes, params string[] more) =>
        StartAsync(new ServiceProcess("unshare",
        [
            "--mount", "sh", "-c", "mount -t tmpfs -o size=\"$1\"m tmpfs \"$2\" || exit 1; shift 2; exec \"$@\"", "sh",
            megabytes.ToString(CultureInfo.InvariantCulture), data, "dotnet", .. Arguments(data, 0, more),
        ]));

    /// <summary>By a program that becomes the service, such as <c>unshare</c>.</summary>
    public static Task<ServiceProcess> StartByAsync(string program, params string[] arguments) => StartAsync(new ServiceProcess(program, arguments));

    /// <summary>A path as the service sees it, from outside its mounts.</summary>
    public string Inside(string path) => string.Create(CultureInfo.InvariantCulture, $"/proc/{_process.Id}/root{path}");

    /// <summary>Of the process.</summary>
    public string Id => _process.Id.ToString(CultureInfo.InvariantCulture);

    /// <summary>Bytes of the process in memory.</summary>
    public long Memory()
    {
        _process.Refresh();
        return _process.WorkingSet64;
    }

    private static string[] Arguments(string data, int? mqttPort, string[] more) =>
        [Dll, .. mqttPort is { } port ? [$"--Mqtt:Port={port.ToString(CultureInfo.InvariantCulture)}"] : Array.Empty<string>(), "--Http:Port=0", $"--Data:Path={data}", .. more];

    private static async Task<ServiceProcess> StartAsync(ServiceProcess service)
    {
        // A start that fails ends at once; one that has a day to replay takes its time.
        var (mqtt, http) = await service._listening.Task.WaitAsync(TimeSpan.FromMinutes(5));
        service.MqttPort = mqtt;
        service.Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{http}/"), Timeout = Wait.Longest };
        return service;
    }

    /// <summary>Runs it to its end: a command, or a start that is refused.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments.Prepend(Dll))
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(Wait.Longest);
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    public async Task<JsonElement> GetAsync(string path) => await Http.GetFromJsonAsync<JsonElement>(path);

    public async Task<HttpResponseMessage> ActAsync(string alarm, string action) =>
        await Http.PostAsJsonAsync($"api/v1/alarms/{alarm}/{action}", new { by = "test", comment = "by a test" });

    /// <summary>Waits until rules and store have processed everything that is committed now.</summary>
    public async Task CaughtUpAsync()
    {
        var position = (await GetAsync("api/v1/stats")).GetProperty("logPosition").GetInt64();
        await Wait.ForAsync($"position {position}", () => GetAsync("api/v1/stats"), stats => stats.GetProperty("rulesPosition").GetInt64() >= position && stats.GetProperty("storePosition").GetInt64() >= position, 120);
    }

    public Task<JsonElement> AlarmAsync(string device, string rule, Func<JsonElement, bool>? holds = null, int seconds = 30) => Wait.ForAsync(
        $"alarm {rule} of {device}",
        async () => (await GetAsync($"api/v1/alarms?state=all&device={device}")).EnumerateArray().FirstOrDefault(alarm => alarm.GetProperty("rule").GetString() == rule),
        alarm => alarm.ValueKind == JsonValueKind.Object && (holds is null || holds(alarm)),
        seconds);

    /// <summary>Of a cluster: this node does what is done once.</summary>
    public async Task<bool> IsOwnerAsync() =>
        (await Http.GetStringAsync("metrics")).Split('\n').Any(line => line.StartsWith("telemetry_cluster_owner{", StringComparison.Ordinal) && line.TrimEnd().EndsWith("} 1", StringComparison.Ordinal));

    /// <summary>Of a cluster: this node takes part in finding an owner, and there is one.</summary>
    public bool KnowsAnOwner => Output.Contains("OwnerSilo: the owner is ", StringComparison.Ordinal);

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

    /// <param name="stoppingFor">It is told to stop, and killed so long after; null kills it at once.</param>
    public async Task KillAsync(TimeSpan? stoppingFor = null)
    {
        if (stoppingFor is { } delay)
        {
            await SignalAsync();
            await Task.WhenAny(_process.WaitForExitAsync(), Task.Delay(delay));
        }
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, as systemd does; returns the exit code.</summary>
    public async Task<int> StopAsync()
    {
        await SignalAsync();
        await _process.WaitForExitAsync().WaitAsync(Wait.Longest);
        return _process.ExitCode;
    }

    private async Task SignalAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        Http?.Dispose();
        _process.Dispose();
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
