using Telemetry.Ingest.Log;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Hosting;

/// <summary>What every start writes before anything else: that it started, and the family files that differ from those in force.</summary>
internal static class FirstEntries
{
    /// <summary>Changes when the same log would give another journal.</summary>
    public const string EngineVersion = "3";

    public static async Task AppendAsync(DurableLog log, RulesRunner rules, FamilySet families, ServiceOptions options)
    {
        var batch = new EntryBatch();
        // Gateways with credentials: devices first seen from now on wait until someone adopts them.
        batch.Add(new ServiceStartedEntry(EngineVersion, adoption: options.Security.GatewaysFile is not null));
        foreach (var family in families.All)
        {
            if (rules.HashInForce(family.Name) != family.Hash)
                batch.Add(new FamilyEntry(family.Name, family.Text, family.Hash));
        }
        // Whoever comes after could not say so: there is no broker any more to be connected to.
        if (rules.BrokerLost && options.External is null)
            batch.Add(new SystemEntry(WatchService.BrokerLost, false, "no external broker is configured"));
        // The ticker of the run before could not say so any more.
        if (rules.LogUnwritable && log.Unwritable is null)
            batch.Add(new SystemEntry(WatchService.LogUnwritable, false, "entries are durable again"));
        await await log.AppendAsync(batch, CancellationToken.None);
    }
}
