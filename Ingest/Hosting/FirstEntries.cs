using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.State;
using Telemetry.Ingest.Watchdog;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Hosting;

/// <summary>What every start writes before anything else: that it started, and the family files that have changed.</summary>
internal static partial class FirstEntries
{
    /// <summary>Changes when the same log would give another journal.</summary>
    public const string EngineVersion = "12";

    public static async Task AppendAsync(IServiceProvider parts, FamilySet files, ServiceOptions options)
    {
        var log = parts.GetRequiredService<ILogAppend>();
        var rules = parts.GetRequiredService<RulesRunner>();
        var batch = new EntryBatch();
        // Gateways with credentials: devices first seen from now on wait until someone adopts them.
        batch.Add(new ServiceStartedEntry(EngineVersion, adoption: options.Security.GatewaysFile is not null));
        AddFamilies(batch, parts, files, options);
        // In force from the first test reading on: devices first seen may have to wait for somebody.
        if (options.Watchdog is not null && parts.GetRequiredService<DeviceDirectory>().Find(TestFamily.Device) is null)
            batch.Add(new DeviceEntry(new Device { Id = TestFamily.Device, Family = TestFamily.Name, Gateway = TestFamily.Gateway }, "telemetry"));
        if (options.Upward is null && parts.GetRequiredService<AlarmBook>().Stands(WatchService.UpwardLost))
            batch.Add(new SystemEntry(WatchService.UpwardLost, false, "no city is configured"));
        if (options.Watchdog is null && parts.GetRequiredService<AlarmBook>().Stands(WatchService.WatchdogLost))
            batch.Add(new SystemEntry(WatchService.WatchdogLost, false, "no watchdog is configured"));
        // Whoever comes after could not say so: there is no broker any more to be connected to.
        if (rules.BrokerLost && options.External is null)
            batch.Add(new SystemEntry(WatchService.BrokerLost, false, "no external broker is configured"));
        // The ticker of the run before could not say so any more.
        if (rules.LogUnwritable && log.Unwritable is null)
            batch.Add(new SystemEntry(WatchService.LogUnwritable, false, "entries are durable again"));
        foreach (var rule in (string[])[WatchService.ChannelDead, WatchService.ChannelUnproven])
        {
            if (options.NotifyFile is null && parts.GetRequiredService<AlarmBook>().Stands(rule))
                batch.Add(new SystemEntry(rule, false, "no channel is configured"));
        }
        await await log.AppendAsync(batch, CancellationToken.None);
    }

    /// <summary>The last change wins: a file that changed since it was last taken becomes an entry; what came through the API since then stays in force, and the log says so.</summary>
    private static void AddFamilies(EntryBatch batch, IServiceProvider parts, FamilySet files, ServiceOptions options)
    {
        var rules = parts.GetRequiredService<RulesRunner>();
        var database = parts.GetRequiredService<StateDatabase>();
        var catalog = parts.GetRequiredService<FamilyCatalog>();
        var logger = parts.GetRequiredService<ILoggerFactory>().CreateLogger("Telemetry.Rules");
        foreach (var name in files.All.Select(file => file.Name).Union(database.FamilyNames(), StringComparer.Ordinal))
        {
            var (file, inForce) = (files.Find(name), rules.InForce(name));
            if (inForce is not null && file?.Hash == inForce.Hash)
                continue;
            var versions = database.FamilyVersions(name);
            if (inForce is not null && versions is [{ By: { } by } newest, ..] && newest.Hash == inForce.Hash && !IsNewer(file, versions, options))
            {
                catalog.Set(inForce);
                if (file is not null)
                    LogFileIsOlder(logger, name, file.Hash, newest.Hash, by, Iso.Time(newest.Time));
            }
            else if (file is not null)
                batch.Add(new FamilyEntry(name, file.Text, file.Hash));
        }
    }

    /// <summary>The shipped files change with the program, not because somebody here meant it.</summary>
    private static bool IsNewer(Family? file, IReadOnlyList<FamilyEntry> versions, ServiceOptions options) =>
        file is not null && options.RulesPath is not null && versions.FirstOrDefault(version => version.By is null)?.Hash != file.Hash;

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Family}: version {InForce}, put in force by {By} at {Time} through the API, stays in force over the file's {File}, which has not changed since. Save GET /api/v1/families/{Family}/text as the file to end the difference")]
    private static partial void LogFileIsOlder(ILogger logger, string family, string file, string inForce, string by, string time);
}
