using Telemetry.Ingest.Store.Influx;

namespace Telemetry.Ingest.Store;

/// <summary>Which stores there are.</summary>
public sealed record StoreOptions
{
    public static readonly IReadOnlyList<string> Known = [DuckDbStore.KindName, InfluxStore.KindName];

    /// <summary><c>duckdb</c> (default), <c>influxdb</c>, or both; the first one named answers the readings API.</summary>
    public IReadOnlyList<string> Kinds { get; init; } = [DuckDbStore.KindName];

    /// <summary>There if <see cref="Kinds"/> names it.</summary>
    public InfluxOptions? Influx { get; init; }

    /// <summary>Tells <paramref name="wrong"/> key, value and rule of everything that is not right.</summary>
    public static StoreOptions Read(IConfiguration configuration, Action<string, string?, string> wrong)
    {
        var text = configuration["Store:Kinds"];
        var kinds = (text ?? DuckDbStore.KindName).Split(',', StringSplitOptions.TrimEntries);
        if (kinds.Except(Known).Any() || kinds.Distinct().Count() < kinds.Length)
            wrong("Store:Kinds", text, "duckdb, influxdb, or both with a comma between; the first one named answers the readings API");
        return new StoreOptions { Kinds = kinds, Influx = InfluxOptions.Read(configuration, kinds.Contains(InfluxStore.KindName), wrong) };
    }
}
