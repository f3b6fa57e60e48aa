using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Gateways;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.State;

namespace Telemetry.Ingest.Store.Influx.Series;

/// <summary>The series beside the readings; where InfluxDB is no store there are none.</summary>
public static class SeriesParts
{
    public static void AddSeries(this IServiceCollection services, ServiceOptions options)
    {
        services.AddSingleton(provider => new MinuteSeries(provider.GetRequiredService<OperatorLoad>(), options.Stores.Influx is not null));
        if (options.Stores.Influx is not { } influx)
            return;
        services.AddSingleton(provider => new JournalSeries(
            influx, Get<StateDatabase>(provider), Get<DeviceDirectory>(provider), Get<FamilyCatalog>(provider), IdOf(provider, options), Refused(provider), Get<TimeProvider>(provider), Get<ILogger<JournalSeries>>(provider)) { Ownership = Get<Ownership>(provider) });
        services.AddSingleton(provider => new MinuteSender(
            influx, Get<StateDatabase>(provider), Get<MinuteSeries>(provider), IdOf(provider, options), Refused(provider), Get<TimeProvider>(provider), Get<ILogger<MinuteSender>>(provider)) { Ownership = Get<Ownership>(provider) });
        services.AddSingleton(provider => new ServiceFigures(
            Get<StatsReader>(provider), Get<DurableLog>(provider), Get<AlarmBook>(provider), Get<FamilyCatalog>(provider), Get<DeviceDirectory>(provider), Get<RulesRunner>(provider), options,
            IdOf(provider, options), Get<TimeProvider>(provider)) { Node = options.Cluster?.Owner?.Node.ToString() });
        services.AddSingleton(provider => new ServiceSeries(
            influx, Get<ServiceFigures>(provider), IdOf(provider, options), Refused(provider), Get<TimeProvider>(provider), Get<ILogger<ServiceSeries>>(provider)));
        services.AddHostedService(Get<JournalSeries>);
        services.AddHostedService(Get<MinuteSender>);
        services.AddHostedService(Get<ServiceSeries>);
        services.AddSingleton(provider => new SeriesMetrics([Get<JournalSeries>(provider), Get<MinuteSender>(provider), Get<ServiceSeries>(provider)]));
    }

    private static T Get<T>(IServiceProvider provider)
        where T : notnull => provider.GetRequiredService<T>();

    private static string IdOf(IServiceProvider provider, ServiceOptions options)
    {
        // The log makes the directory that its name is kept in.
        Get<DurableLog>(provider);
        return LogId.Of(Path.Combine(options.DataPath, "log"));
    }

    private static RefusedLines Refused(IServiceProvider provider) => new(Get<LogAppender>(provider).AppendAsync, Get<ILogger<SeriesWriter>>(provider));
}
