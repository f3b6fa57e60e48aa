using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Telemetry.Benchmarks.Peers;

/// <summary>What it was measured on, and with what.</summary>
internal static class Machine
{
    private const int Syncs = 200;

    public static async Task<IReadOnlyList<(string Name, string Value)>> LookAsync(IEnumerable<SubjectKind> kinds)
    {
        var cpu = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim();
        var memory = File.ReadLines("/proc/meminfo").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        List<(string, string)> all =
        [
            ("measured", TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)),
            ("processor", string.Create(CultureInfo.InvariantCulture, $"{cpu}, {Environment.ProcessorCount} cores, {long.Parse(memory, CultureInfo.InvariantCulture) / 1048576.0:N0} GiB")),
            ("system", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}"),
            ("fdatasync of 4 KiB", Fsync()),
            ("ours", await SaysAsync("git", "-C", Repository.Root, "log", "-1", "--format=%h of %cs")),
            ("mosquitto", await PackageAsync("mosquitto")),
            ("influxdb", await PackageAsync("influxdb")),
        ];
        foreach (var kind in kinds)
        {
            if (kind.Needs.Contains(Requirement.NodeRed))
                all.Add(("Node-RED", $"{await SaysAsync("node", "-p", $"require('{SubjectKind.Folder}/NodeRed/node_modules/node-red/package.json').version")} on Node {await SaysAsync("node", "--version")}"));
            if (kind.Needs.Contains(Requirement.SyslogNg))
                all.Add(("syslog-ng", await PackageAsync("syslog-ng-core")));
            if (kind.Needs.Contains(Requirement.Paho))
                all.Add(("paho", $"{await PackageAsync("python3-paho-mqtt")} on {await SaysAsync("/usr/bin/python3", "--version")}"));
        }
        return all;
    }

    private static string Fsync()
    {
        var path = Path.Combine(Path.GetTempPath(), "fsync");
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
        var block = new byte[4096];
        var times = new List<double>();
        for (var i = 0; i < Syncs; i++)
        {
            var one = Stopwatch.StartNew();
            RandomAccess.Write(file, block, (long)i * block.Length);
            RandomAccess.FlushToDisk(file);
            times.Add(one.Elapsed.TotalMilliseconds);
        }
        times.Sort();
        return string.Create(CultureInfo.InvariantCulture, $"p50 {times[Syncs / 2]:N2} ms, p99 {times[Syncs * 99 / 100]:N2} ms");
    }

    private static Task<string> PackageAsync(string package) => SaysAsync("dpkg-query", "-W", "-f=${Version} (Debian)", package);

    private static async Task<string> SaysAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = (await process.StandardOutput.ReadToEndAsync()).Trim();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? said : "unknown";
    }
}
