using Telemetry.Ingest.Decoding.Reports;

namespace Telemetry.Ingest.Decoding.Sparkplug;

/// <summary>The metrics that a node or one of its devices listed in its birth.</summary>
internal sealed class MetricTable
{
    private readonly Dictionary<string, KnownMetric> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<ulong, KnownMetric> _byAlias = [];
    private readonly Dictionary<ulong, string> _templates = [];

    /// <summary>False from the node's next birth until the device's own.</summary>
    public bool IsBorn { get; set; } = true;

    /// <summary>Metrics, and templates with an alias.</summary>
    public int Count => _byName.Count + _templates.Count;

    /// <summary>In the order of the birth.</summary>
    public IEnumerable<KnownMetric> All => _byName.Values;

    public KnownMetric? Find(string name) => _byName.GetValueOrDefault(name);

    public KnownMetric? Find(ulong alias) => _byAlias.GetValueOrDefault(alias);

    /// <summary>The name, folders included, of the template's instance that has the alias.</summary>
    public string? FindTemplate(ulong alias) => _templates.GetValueOrDefault(alias);

    public void AddTemplate(string name, ulong alias) => _templates.TryAdd(alias, name);

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
    /// <summary>Characters of a name, of a text that is a value, and of a unit: each metric keeps them.</summary>
    public const int MaxText = 256;

    public string Name { get; } = name;

    /// <summary>By the specification's numbers; 0 where the birth did not say.</summary>
    public uint DataType { get; } = dataType;

    /// <summary>UCUM, as far as its spelling could be understood.</summary>
    public string? Unit { get; set; }

    /// <summary>The newest value that was no backfill; null before the first.</summary>
    public Field? Last { get; set; }
}
