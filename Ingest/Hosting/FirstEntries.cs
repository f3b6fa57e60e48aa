using Telemetry.Ingest.Log;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Hosting;

/// <summary>What every start writes before anything else: that it started, and the family files that differ from those in force.</summary>
internal static class FirstEntries
{
    /// <summary>Changes when the same log would give another journal.</summary>
    public const string EngineVersion = "1";

    /// <param name="adoption">Gateways have credentials: devices first seen from now on wait until someone adopts them.</param>
    public static async Task AppendAsync(DurableLog log, RulesRunner rules, FamilySet families, bool adoption)
    {
        var batch = new EntryBatch();
        batch.Add(new ServiceStartedEntry(EngineVersion, adoption));
        foreach (var family in families.All)
        {
            if (rules.HashInForce(family.Name) != family.Hash)
                batch.Add(new FamilyEntry(family.Name, family.Text, family.Hash));
        }
        await await log.AppendAsync(batch, CancellationToken.None);
    }
}
