using System.Diagnostics;

namespace Telemetry.Benchmarks.Peers;

/// <summary>Something that the machine must have, and the command that brings it.</summary>
internal sealed record Requirement(string Name, Func<bool> IsThere, string Command)
{
    public static readonly Requirement Mosquitto = Package("mosquitto", "/usr/sbin/mosquitto");
    public static readonly Requirement Influxd = Package("influxdb", "/usr/bin/influxd");
    public static readonly Requirement MosquittoClients = Package("mosquitto-clients", "/usr/bin/mosquitto_sub");
    public static readonly Requirement SyslogNg = new("syslog-ng", () => File.Exists("/usr/sbin/syslog-ng") && Directory.EnumerateFiles("/usr/lib/syslog-ng", "libhttp.so", SearchOption.AllDirectories).Any(), Apt("syslog-ng-core syslog-ng-mod-http"));
    public static readonly Requirement Paho = Package("python3-paho-mqtt", "/usr/lib/python3/dist-packages/paho/mqtt/client.py");

    /// <summary>Of 18 or newer, which Node-RED wants and Debian 12 has; one that stands in the path from elsewhere is as good.</summary>
    public static readonly Requirement Node = new("node and npm", () => InPath("node") && InPath("npm"), Apt("nodejs npm"));

    public static readonly Requirement NodeRed = new(
        "node-red", () => File.Exists(Path.Combine(SubjectKind.Folder, "NodeRed/node_modules/node-red/red.js")), $"npm ci --no-audit --no-fund --prefix {Path.GetRelativePath(Environment.CurrentDirectory, Path.Combine(SubjectKind.Folder, "NodeRed"))}");

    /// <summary>What these subjects need and the machine lacks.</summary>
    public static List<Requirement> Missing(IEnumerable<SubjectKind> subjects) =>
        [.. new[] { Mosquitto, Influxd }.Concat(subjects.SelectMany(subject => subject.Needs)).Distinct().Where(each => !each.IsThere())];

    /// <exception cref="InvalidOperationException">The command failed.</exception>
    public async Task InstallAsync()
    {
        Console.WriteLine(Command);
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", Command]))!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0 || !IsThere())
            throw new InvalidOperationException($"{Name} is not there after: {Command}");
    }

    private static Requirement Package(string name, string file) => new(name, () => File.Exists(file), Apt(name));

    private static string Apt(string packages) => $"apt-get update -qq && apt-get install -y --no-install-recommends {packages}";

    private static bool InPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
}
