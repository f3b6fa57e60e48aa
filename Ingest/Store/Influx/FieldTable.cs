using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Store.Influx;

/// <summary>How a channel is called in InfluxDB, and what its states' numbers are. For one thread at a time.</summary>
/// <param name="findFamily">The family in force under a name, or null.</param>
internal sealed class FieldTable(Func<string, Family?> findFamily)
{
    private readonly Dictionary<(string Family, string Channel), (Family? Family, ChannelField Field)> _fields = [];

    public ChannelField Of(string family, string channel)
    {
        var inForce = findFamily(family);
        ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_fields, (family, channel), out var exists);
        // A changed family file may have changed the states.
        if (!exists || known.Family != inForce)
            known = (inForce, ChannelField.Of(channel, inForce?.Find(channel)?.Channel.States ?? []));
        return known.Field;
    }
}

internal sealed class ChannelField
{
    /// <summary>The number of a state that the family file does not name (any more); its name then stands in a field of its own.</summary>
    public const int UnknownState = -1;

    public const string BadSuffix = "_bad";
    public const string QualitySuffix = "_quality";
    public const string NameSuffix = "_name";

    /// <summary>The channel without its instance: the field's key.</summary>
    public required string Name { get; init; }

    /// <summary>1 to 999; 0 for none.</summary>
    public required int Instance { get; init; }

    /// <summary>In the family file's order: a state's number is its place.</summary>
    public required IReadOnlyList<string> States { get; init; }

    /// <summary>Of the channel's name with instance, the same on every machine.</summary>
    public required ulong Hash { get; init; }

    public static ChannelField Of(string channel, IReadOnlyList<string> states)
    {
        var dot = channel.LastIndexOf('.');
        var instance = dot > 0 ? Family.InstanceNumber(channel.AsSpan(dot + 1)) : null;
        return new ChannelField
        {
            Name = instance is null ? channel : channel[..dot],
            Instance = instance ?? 0,
            States = states,
            Hash = XxHash3.HashToUInt64(MemoryMarshal.AsBytes(channel.AsSpan())),
        };
    }

    public string NameOf(long number) => number >= 0 && number < States.Count ? States[(int)number] : number.ToString(CultureInfo.InvariantCulture);

    public int NumberOf(string state)
    {
        for (var i = 0; i < States.Count; i++)
        {
            if (string.Equals(States[i], state, StringComparison.Ordinal))
                return i;
        }
        return UnknownState;
    }
}
