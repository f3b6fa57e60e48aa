using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Store.Influx;

/// <summary>Names that lines have for themselves: a family or a channel of such a name would be mixed up with them.</summary>
public static class InfluxNames
{
    private static readonly string[] Taken = ["device", "district", "gateway", "instance", "street", "late", "log_position", "received", "seq", "time"];
    private static readonly string[] Measurements = ["alarm", "device_state", "district_state", "operator_load", "street_state", "telemetry_service", StoredMark.Measurement];
    private static readonly string[] Endings = [ChannelField.BadSuffix, ChannelField.QualitySuffix, ChannelField.NameSuffix];

    /// <summary>One message for each family or channel that can't be stored; empty without InfluxDB.</summary>
    public static IEnumerable<string> Check(StoreOptions stores, FamilySet? families)
    {
        if (!stores.Kinds.Contains(InfluxStore.KindName) || families is null)
            return [];
        return families.All.Where(family => Measurements.Contains(family.Name))
            .Select(family => $"{family.Name}.yaml: family {family.Name}: the influxdb store uses this name itself (docs/influx.md); give the family another one")
            .Concat(Channels(families));
    }

    private static IEnumerable<string> Channels(FamilySet families) =>
        from family in families.All
        from channel in family.Channels
        where Taken.Contains(channel.Name) || Endings.Any(ending => channel.Name.EndsWith(ending, StringComparison.Ordinal) && family.Channels.Any(other => other.Name + ending == channel.Name))
        select $"{family.Name}.yaml: channel {channel.Name}: the influxdb store uses this name itself (docs/influx.md); give the channel another one";
}
