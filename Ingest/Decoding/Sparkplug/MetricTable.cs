using Telemetry.Ingest.Decoding.Reports;

namespace Telemetry.Ingest.Decoding.Sparkplug;

/// <summary>The metrics that a node or one of its devices listed in its birth.</summary>
internal sealed class MetricTable
{
    private readonly Dictionary<string, KnownMetric> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<ulong, KnownMetric> _byAlias = [];

    /// <summary>False from the node's next birth until the device's own.</summary>
    public bool IsBorn { get; set; } = true;

    public int Count => _byName.Count;

    /// <summary>In the order of the birth.</summary>
    public IEnumerable<KnownMetric> All => _byName.Values;

    public KnownMetric? Find(string name) => _byName.GetValueOrDefault(name);

    public KnownMetric? Find(ulong alias) => _byAlias.GetValueOrDefault(alias);

    /// <returns>Null where the name stands in it already.</returns>
    public KnownMetric? Add(string name, ulong? alias, uint dataType)
    {
        var metric = new KnownMetric(name, dataType);
        if (!_byName.TryAdd(name, metric))
            return null;
        if (alias is { } number)
            _byAlias.TryAdd(number, metric);
        return metric;
    }
}

/// <summary>One metric: what the birth said of it, and its last value.</summary>
internal sealed class KnownMetric(string name, uint dataType)
{
    public string Name { get; } = name;

    /// <summary>By the specification's numbers; 0 where the birth did not say.</summary>
    public uint DataType { get; } = dataType;

    /// <summary>UCUM, as far as its spelling could be understood.</summary>
    public string? Unit { get; set; }

    /// <summary>The newest value that was no backfill; null before the first.</summary>
    public Field? Last { get; set; }
}
