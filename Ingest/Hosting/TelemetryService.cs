using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Backtest;
using Telemetry.Ingest.Cluster;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Decoding.Models;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Gateways;
using Telemetry.Ingest.Gateways.Hj212;
using Telemetry.Ingest.Gateways.Upward;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Notify.Channels;
using Telemetry.Ingest.Notify.Crew;
using Telemetry.Ingest.Notify.Proof;
using Telemetry.Ingest.Notify.Push;
using Telemetry.Ingest.Notify.Second;
using Telemetry.Ingest.OperatorPage;
using Telemetry.Ingest.Positions;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.State;
using Telemetry.Ingest.Store;
using Telemetry.Ingest.Store.Influx;
using Telemetry.Ingest.Store.Influx.Series;
using Telemetry.Ingest.Watchdog;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Hosting;

/// <summary>The composition root: every part of the service, in the order of the reading's path.</summary>
internal static class TelemetryService
{
    public static async Task<int> RunAsync(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        var repeated = ConfigurationSources.Use(builder.Configuration, args);
        var (options, errors) = OptionsReader.Read(builder.Configuration);
        var (families, familyErrors) = RulesFolder.Load(options.RulesPath, options.Watchdog is null ? [] : [TestFamily.File()]);
        var (models, modelErrors) = families is null ? (null, []) : ModelSet.Load(options.ModelsPath, families);
        var (counts, countErrors) = families is null ? (null, []) : AlarmCounts.Load(options.Upward?.Counts, families);
        var (notify, notifyErrors) = families is null ? (null, []) : NotifySource.First(options, families.All);
        var problems = repeated.Concat(errors).Concat(familyErrors).Concat(modelErrors.Select(error => error.ToString())).Concat(countErrors).Concat(notifyErrors).Concat(NotifyParts.Check(notify, options)).Concat(InfluxNames.Check(options.Stores, families)).Concat(DataDirectory.Check(options.DataPath)).Concat(ClusterLimits.CheckAlone(options.Cluster is not null, options.DataPath)).ToList();
        if (problems.Count > 0 || families is null || models is null)
            return Refuse(problems);

        ServiceLogging.Use(builder.Logging, options.JsonLogs);
        // Beside the assembly when it was built, in wwwroot once it is published.
        builder.WebHost.UseStaticWebAssets();
        var listeners = new Listeners(options);
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(listeners.Configure);
        AddParts(builder.Services, options, families, models, notify);
        if (counts is not null)
            builder.Services.AddSingleton(counts);
        try
        {
            await using var app = builder.Build();
            // Before anything reads the log: it holds what the cluster's other nodes have written meanwhile.
            if (options.Cluster is not null)
                await app.Services.GetRequiredService<ClusterLog>().StartAsync(app.Lifetime.ApplicationStopping);
            app.MapTelemetryApi();
            app.MapOperatorPage();
            var rules = app.Services.GetRequiredService<RulesRunner>();
            var stores = app.Services.GetRequiredService<StoreWriters>();
            // Made now: an instrument exists once its meter does.
            app.Services.GetRequiredService<StoreMetrics>();
            app.Services.GetService<SeriesMetrics>();
            app.Services.GetService<OwnerMetrics>();
            // Likewise: a key that is broken ends the start, and not the first crew's look at its page.
            app.Services.GetService<StepTokens>();
            var readiness = app.Services.GetRequiredService<Readiness>();
            readiness.Watch(Readiness.StoreFailing, () => stores.Failing);
            readiness.Watch(Readiness.ProjectionsFailing, () => rules.Failing);
            // Of the other nodes' changes too, whether PostgreSQL answers or not.
            if (app.Services.GetRequiredService<SecurityParts>().Users?.Accounts is { } accounts)
                rules.AccountChanged = accounts.Heard;
            rules.Replay();
            if (options.DemoSpeed > 1 && app.Services.GetRequiredService<DurableLog>().Committed > 0)
                return Refuse([$"Demo:Speed = {options.DemoSpeed}: {options.DataPath} holds a past, and this clock would begin before or behind its end; an empty Data:Path would be right"]);
            var changed = await app.Services.GetRequiredService<ChannelTypes>().ChangedAsync(families.All, CancellationToken.None);
            if (changed.Count > 0)
                return Refuse(changed.Select(error => error.ToString()));
            if (options.Upward is null)
                UpwardService.Forget(app.Services.GetRequiredService<DurableLog>(), options.DataPath);
            await FirstEntries.AppendAsync(app.Services, families, options);
            app.Lifetime.ApplicationStopping.Register(app.Services.GetRequiredService<Hj212Listener>().Stop);
            await app.StartAsync();
            readiness.Ready(Readiness.Starting);
            await app.Services.GetRequiredService<FirstAdministrator>().AnnounceAsync(app.Lifetime.ApplicationStopping);
            listeners.Announce(app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Telemetry"));
            app.Services.GetRequiredService<Supervisor>().Ready();
            if (options.Demo)
                DemoCity.Start(options, listeners.MqttPort, listeners.HttpPort, app);
            await app.WaitForShutdownAsync();
            // The host stops for a part that failed as it does for a signal; whoever supervises it must know which it was.
            return app.Services.GetServices<IHostedService>().OfType<BackgroundService>().Any(part => part.ExecuteTask is { IsFaulted: true }) ? 1 : 0;
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return Refuse([StartProblem.Of(error, options)]);
        }
    }

    private static void AddParts(IServiceCollection services, ServiceOptions options, FamilySet families, ModelSet models, NotifyFile? notify)
    {
        var time = DemoCity.Clock(options);
        services.AddSingleton(time);
        services.AddSingleton(options);
        services.AddSingleton(new FamilyCatalog(families.All));
        services.AddSingleton(models);
        services.AddSingleton<Stats>();
        services.AddSingleton<Progress>();
        services.AddSingleton<DeviceDirectory>();
        services.AddSingleton<CalendarDirectory>();
        services.AddSingleton<PositionDirectory>();

        services.AddSingleton<LogClock>();
        services.AddSingleton(provider => DurableLog.Open(
            Path.Combine(options.DataPath, "log"), options.Log, new FileSystem(), provider.GetRequiredService<LogClock>(), provider.GetRequiredService<ILogger<DurableLog>>()));
        if (options.Cluster is { } cluster)
            ClusterService.Add(services, cluster, options);
        else
        {
            services.AddSingleton<ILogAppend>(provider => provider.GetRequiredService<DurableLog>());
            services.AddSingleton(Ownership.Alone);
        }
        services.AddSingleton<LogAppender>();

        services.AddSingleton(provider => StateDatabase.Open(
            Path.Combine(options.DataPath, "state.db"), options.DeadLetters, new JournalBy(FirstEntries.EngineVersion, (long)options.Log.DuplicateWindow.TotalMilliseconds),
            provider.GetRequiredService<ILogger<StateDatabase>>()).WithReserve());
        services.AddSingleton<AlarmBook>();
        services.AddSingleton<AlarmFeed>();
        services.AddSingleton(new LoadLedger(options.Positions));
        services.AddSingleton<OperatorLoad>();
        services.AddSingleton<Verdicts>();
        services.AddSingleton(provider => new Checkpoint(Path.Combine(options.DataPath, "checkpoint"), provider.GetRequiredService<ILogger<Checkpoint>>()));
        services.AddSingleton<RulesRunner>();
        services.AddHostedService(provider => provider.GetRequiredService<RulesRunner>());

        services.AddStores(options);
        services.AddSeries(options);

        // Parts stop in the opposite order: what writes entries stops before the rules do, so that the next start has nothing to replay.
        services.AddHostedService<Ticker>();
        services.AddHostedService(provider => new DiskWatch(
            options.Disk, [options.DataPath, Path.Combine(options.DataPath, "log")], DiskWatch.Of, provider.GetRequiredService<LogAppender>().AppendAsync, provider.GetRequiredService<AlarmBook>().Stands, time,
            provider.GetRequiredService<ILogger<DiskWatch>>()));

        services.AddSingleton(provider => new DecodingTables(provider.GetRequiredService<FamilyCatalog>().Find, provider.GetRequiredService<DeviceDirectory>(), provider.GetRequiredService<Stats>(), options.Formats)
        {
            Models = models,
            MayCarryAny = provider.GetRequiredService<SecurityParts>().Mqtt is { } logins ? logins.MayCarryAny : null,
            Logger = provider.GetRequiredService<ILogger<MessageDecoder>>(),
        });
        services.AddSingleton(provider =>
        {
            // Asked for here: the broker looks at it while it closes too, and then nothing can be asked of the provider any more.
            var log = provider.GetRequiredService<ILogAppend>();
            return new EmbeddedBroker(
                provider.GetRequiredService<DecodingTables>(), provider.GetRequiredService<LogAppender>().AppendAsync, () => log.StalledFor,
                provider.GetRequiredService<LogClock>().Now, time, provider.GetRequiredService<ILogger<EmbeddedBroker>>(), provider.GetRequiredService<SecurityParts>().Mqtt, provider.GetRequiredService<SecurityParts>().Gate);
        });
        services.AddSingleton(provider => new Hj212Listener(
            provider.GetRequiredService<DecodingTables>(), provider.GetRequiredService<LogAppender>().AppendAsync, provider.GetRequiredService<LogClock>().Now, time,
            provider.GetRequiredService<ILogger<Hj212Listener>>(), provider.GetRequiredService<SecurityParts>().Hj212Gate, provider.GetRequiredService<SecurityParts>().Mqtt));
        if (options.HasEndpoint)
            services.AddHostedService<BrokerHost>();
        if (options.External is not null)
            services.AddHostedService<ExternalBrokerHost>();
        SparkplugService.Add(services, options);
        if (options.Upward is { } upward)
            services.AddSingleton(upward).AddHostedService<UpwardService>();

        NotifySource.Add(services, notify);
        NotifyParts.Add(services, notify, options);
        HeartbeatParts.Add(services, options);
        SecurityParts.Add(services, options.Security);
        services.AddHostedService(provider => new CertificateWatch(
            () => CertificateEnds.Of(provider.GetRequiredService<SecurityParts>()), name => CertificateEnds.IsGone(provider.GetRequiredService<SecurityParts>(), name), () => CertificateWatch.Standing(provider.GetRequiredService<AlarmBook>()),
            provider.GetRequiredService<LogAppender>().AppendAsync, time, provider.GetRequiredService<ILogger<CertificateWatch>>()));
        services.AddTelemetryApi();
        if (options.Cluster is { Owner: not null })
            services.AddHostedService(CopiesOf);
        services.AddOperatorPage(options);
        services.AddSingleton<FirstAdministrator>();
        services.AddSingleton<Supervisor>();
        services.AddHostedService(provider => provider.GetRequiredService<Supervisor>());
    }

    /// <summary>Who is logged in and who may be is followed by what lets people in.</summary>
    private static SharedCopies CopiesOf(IServiceProvider provider) => new(
    [
        provider.GetRequiredService<FamilyChanges>().FollowAsync,
        provider.GetRequiredService<SecondPersons>().FollowAsync,
        provider.GetRequiredService<BacktestJobs>().FollowAsync,
        provider.GetService<ProofBook>() is { } proofs ? proofs.FollowAsync : null,
        provider.GetService<Browsers>() is { } browsers ? browsers.FollowAsync : null,
    ]);

    private static int Refuse(IEnumerable<string> problems)
    {
        Console.Error.WriteLine("Telemetry does not start:");
        foreach (var problem in problems)
            Console.Error.WriteLine("  " + problem);
        return 1;
    }
}
