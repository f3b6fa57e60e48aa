using Telemetry.Ingest.Api;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Gateways;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Store.Influx;
using Telemetry.Ingest.Store.Influx.Downsampling;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Store;

/// <summary>The stores by configuration, their writers and metrics.</summary>
public static partial class StoreParts
{
    /// <summary>Needs DurableLog, LogAppender, Progress, Verdicts, DeviceDirectory, FamilyCatalog, TimeProvider and logging.</summary>
    public static void AddStores(this IServiceCollection services, ServiceOptions options)
    {
        services.AddSingleton<PlaceHistory>();
        services.AddSingleton(new StoreWriterOptions());
        // The last one registered is the one that the API gets: the first one named.
        foreach (var kind in options.Stores.Kinds.Reverse())
            services.AddSingleton<ISeriesStore>(provider => kind == InfluxStore.KindName ? Influx(provider, options) : new DuckDbStore(Path.Combine(options.DataPath, "series.duckdb"), options.Stores.Keep, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<DuckDbStore>>()));
        services.AddSingleton(provider =>
        {
            // A store that is not named any more must not hold back the log for ever.
            foreach (var kind in StoreOptions.Known.Except(options.Stores.Kinds))
                provider.GetRequiredService<DurableLog>().ForgetReader(StoreWriter.ReaderName(kind));
            return new StoreWriters([.. provider.GetServices<ISeriesStore>().Select(store => ActivatorUtilities.CreateInstance<StoreWriter>(provider, store, store is InfluxStore ? provider.GetRequiredService<Ownership>() : Ownership.Alone))]);
        });
        services.AddHostedService(provider => provider.GetRequiredService<StoreWriters>());
        if (options.Stores.Influx is { Downsamples: true } influx)
        {
            services.AddSingleton(provider => new Downsampler(
                provider.GetServices<ISeriesStore>().OfType<InfluxStore>().Single(),
                influx,
                () => provider.GetRequiredService<FamilyCatalog>().All,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<Downsampler>>()) { Ownership = provider.GetRequiredService<Ownership>() });
            services.AddHostedService(provider => provider.GetRequiredService<Downsampler>());
        }
        services.AddSingleton(provider => new StoreMetrics(
            provider.GetRequiredService<StoreWriters>(),
            provider.GetRequiredService<Progress>(),
            provider.GetServices<ISeriesStore>().OfType<InfluxStore>().FirstOrDefault()));
    }

    private static InfluxStore Influx(IServiceProvider provider, ServiceOptions options)
    {
        // The log makes the directory that its name is kept in.
        provider.GetRequiredService<DurableLog>();
        var directory = provider.GetRequiredService<DeviceDirectory>();
        var (influx, logger) = (options.Stores.Influx!, provider.GetRequiredService<ILogger<InfluxStore>>());
        if (!influx.Downsamples)
            LogOneBucket(logger, influx.Bucket);
        return new InfluxStore(
            influx,
            provider.GetRequiredService<FamilyCatalog>().Find,
            device => directory.Find(device)?.Family,
            LogId.Of(Path.Combine(options.DataPath, "log")),
            new RefusedLines(provider.GetRequiredService<LogAppender>().AppendAsync, logger),
            provider.GetRequiredService<TimeProvider>());
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Everything goes into the bucket {Bucket}, and nothing is downsampled: Influx:MinutesBucket and Influx:HoursBucket are not given")]
    private static partial void LogOneBucket(ILogger logger, string bucket);
}
