using System.Reflection;
using System.Runtime.InteropServices;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Store;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.OperatorPage.Health;

/// <param name="Position">The last entry that it has stored.</param>
/// <param name="Failing">Why it takes nothing; null while it does.</param>
public sealed record StoreHealth(string Kind, long Position, string? Failing);

/// <summary>How much of a disk is used. Bytes.</summary>
/// <param name="Data">What stands under Data:Path.</param>
/// <param name="Free">What the disk has left.</param>
/// <param name="Unread">Entries that the slowest reader has not read yet.</param>
/// <param name="Budget">Above so many unread ones gateways are not acknowledged any more.</param>
public sealed record DiskHealth(long Data, long Free, long Unread, long Budget);

/// <param name="WorkingSet">Bytes of the process in memory.</param>
/// <param name="Heap">Bytes of managed objects.</param>
/// <param name="Processor">Of one core, since the start, 0 to 1 and more.</param>
public sealed record ProcessHealth(long WorkingSet, long Heap, double Processor, TimeSpan Uptime, string Version, string Engine, string Runtime, string System);

/// <summary>Reads what the view of the system shows, from the parts that do the work.</summary>
public sealed class ServiceHealth(StoreWriters stores, Progress progress, DurableLog log, RulesRunner rules, Readiness readiness, ServiceOptions options)
{
    public IReadOnlyDictionary<string, string> Missing => readiness.Missing();

    public IReadOnlyList<StoreHealth> Stores => [.. stores.All.Select(store => new StoreHealth(store.Kind, progress.StoreOf(store.Kind), store.Failing))];

    public long FirstPosition => log.First;

    /// <summary>Those that are down first, the longest away at the top; then by id.</summary>
    public IReadOnlyList<GatewayView> Gateways => [.. rules.Gateways.OrderBy(gateway => gateway.Up).ThenBy(gateway => gateway.Up ? 0 : gateway.HeardAt ?? 0).ThenBy(gateway => gateway.Id, StringComparer.Ordinal)];

    /// <summary>How many devices report through each.</summary>
    public static IReadOnlyDictionary<string, int> Behind(IEnumerable<Device> devices) => devices.Where(device => device.Gateway is not null).CountBy(device => device.Gateway!, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);

    /// <summary>Walks the data directory: for now and then.</summary>
    public DiskHealth Disk()
    {
        var data = new DirectoryInfo(options.DataPath);
        var used = data.EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true }).Sum(Length);
        return new DiskHealth(used, new DriveInfo(data.FullName).AvailableFreeSpace, log.UnreadBytes, options.Log.Budget);
    }

    public static ProcessHealth Process()
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        var uptime = TimeProvider.System.GetUtcNow() - process.StartTime.ToUniversalTime();
        return new ProcessHealth(
            process.WorkingSet64, GC.GetTotalMemory(forceFullCollection: false), process.TotalProcessorTime / uptime, uptime,
            typeof(ServiceHealth).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "", FirstEntries.EngineVersion, RuntimeInformation.FrameworkDescription, RuntimeInformation.OSDescription);
    }

    // A segment may be gone since it was listed.
    private static long Length(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }
}
