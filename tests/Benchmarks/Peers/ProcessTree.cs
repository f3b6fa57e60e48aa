using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Telemetry.Benchmarks.Peers;

/// <summary>Processes with all their children, from /proc.</summary>
internal static partial class ProcessTree
{
    private const int SetChildSubreaper = 36;

    // Of /proc/PID/stat; fixed at 100 on every Linux that .NET runs on.
    private const double ClockTicksPerSecond = 100;

    /// <summary>Children of a child that was killed become ours, and not init's: <see cref="KillDescendants"/> finds them.</summary>
    public static void AdoptOrphans() => _ = Control(SetChildSubreaper, 1, 0, 0, 0);

    /// <summary>User and system, of what lives.</summary>
    public static double CpuSeconds(int root) => Of(root).Sum(Ticks) / ClockTicksPerSecond;

    /// <summary>The same, of what lives below it alone.</summary>
    public static double CpuSecondsBelow(int root) => Children(root).Sum(CpuSeconds);

    /// <summary>Greatest resident sets so far, summed over what lives.</summary>
    public static double PeakMegabytes(int root) => Of(root).Sum(PeakKilobytes) / 1024;

    /// <summary>The process and everything under it that lives.</summary>
    public static List<int> Of(int root)
    {
        List<int> all = [];
        if (State(root) is not (null or 'Z'))
            all.Add(root);
        foreach (var child in Children(root))
            all.AddRange(Of(child));
        return all;
    }

    /// <summary>SIGKILL, to everything that this process has started and what that has started.</summary>
    public static void KillDescendants()
    {
        // One that is starting another one while it is killed leaves it for the next round.
        for (var round = 0; round < 20 && Children(Environment.ProcessId).SelectMany(Of).ToList() is { Count: > 0 } left; round++)
            left.ForEach(Kill);
    }

    public static void Kill(int pid) => _ = Signal(pid, 9);

    public static void Terminate(int pid) => _ = Signal(pid, 15);

    private static List<int> Children(int pid)
    {
        try
        {
            return [.. Directory.EnumerateDirectories($"/proc/{pid}/task")
                .SelectMany(task => File.ReadAllText(task + "/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Select(child => int.Parse(child, CultureInfo.InvariantCulture))];
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static char? State(int pid) => Fields(pid) is [var state, ..] ? state[0] : null;

    private static double Ticks(int pid) => Fields(pid) is { Length: > 12 } fields ? long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture) : 0;

    // Those behind the name, which stands in brackets and may contain blanks: the state first.
    private static string[]? Fields(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static double PeakKilobytes(int pid)
    {
        try
        {
            return File.ReadLines($"/proc/{pid}/status").FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)) is { } peak
                ? double.Parse(peak.AsSpan("VmHWM:".Length, peak.Length - "VmHWM:".Length - " kB".Length), CultureInfo.InvariantCulture)
                : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nuint first, nuint second, nuint third, nuint fourth);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int pid, int signal);
}
