using Telemetry.Ingest.Store.Influx;
using Telemetry.Rules.Conditions;

namespace Telemetry.Ingest.Store;

/// <summary>Which stores there are.</summary>
public sealed record StoreOptions
{
    public static readonly IReadOnlyList<string> Known = [DuckDbStore.KindName, InfluxStore.KindName];

    /// <summary><c>duckdb</c> (default), <c>influxdb</c>, or both; the first one named answers the readings API.</summary>
    public IReadOnlyList<string> Kinds { get; init; } = [DuckDbStore.KindName];

    /// <summary>How long DuckDB keeps readings, by event time. Default 400 d, as the log; from 1 d. InfluxDB keeps what its buckets say.</summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(400);

    /// <summary>There if <see cref="Kinds"/> names it.</summary>
    public InfluxOptions? Influx { get; init; }

    /// <summary>Tells <paramref name="wrong"/> key, value and rule of everything that is not right.</summary>
    public static StoreOptions Read(IConfiguration configuration, Action<string, string?, string> wrong)
    {
        var text = configuration["Store:Kinds"];
        var kinds = (text ?? DuckDbStore.KindName).Split(',', StringSplitOptions.TrimEntries);
        if (kinds.Except(Known).Any() || kinds.Distinct().Count() < kinds.Length)
            wrong("Store:Kinds", text, "duckdb, influxdb, or both with a comma between; the first one named answers the readings API");
        return new StoreOptions { Kinds = kinds, Keep = KeepOf(configuration["Store:Keep"], wrong), Influx = InfluxOptions.Read(configuration, kinds.Contains(InfluxStore.KindName), wrong) };
    }

    private static TimeSpan KeepOf(string? text, Action<string, string?, string> wrong)
    {
        var fallback = new StoreOptions().Keep;
        if (text is null)
            return fallback;
        if (Quantity.Duration(text) is >= 86_400_000 and var milliseconds)
            return TimeSpan.FromMilliseconds(milliseconds);
        wrong("Store:Keep", text, "a duration of at least 1d, such as 90d or 400d");
        return fallback;
    }
}
