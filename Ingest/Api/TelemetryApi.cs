using Microsoft.AspNetCore.Http.Features;
using OpenTelemetry.Metrics;
using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Backtest;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Decoding.Models;
using Telemetry.Ingest.Decoding.Again;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Notify.Proof;
using Telemetry.Ingest.Notify.Second;
using Telemetry.Ingest.OperatorPage;
using Telemetry.Ingest.Positions;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.State;
using Telemetry.Ingest.Store;
using Telemetry.Rules.Positions;

namespace Telemetry.Ingest.Api;

/// <summary>Everything that the service answers over HTTP, on one screen.</summary>
public static class TelemetryApi
{
    /// <summary>Bytes of a body; a device or an action is far smaller.</summary>
    private const long MaxBody = 256 * 1024;

    /// <summary>
    /// Needs from the composition root: AlarmBook, AlarmFeed, OperatorLoad, StateDatabase, ISeriesStore, DurableLog, Stats, Progress, DeviceDirectory,
    /// CalendarDirectory, PositionDirectory, FamilyCatalog, DecodingTables, NotifySource, ServiceOptions, TimeProvider, SecurityParts and what they need.
    /// </summary>
    public static IServiceCollection AddTelemetryApi(this IServiceCollection services)
    {
        services.AddSingleton<ReadingFeed>();
        services.AddSingleton<Readiness>();
        services.AddSingleton(provider => new DeviceValidator(provider.GetRequiredService<FamilyCatalog>(), new KnownModels(provider.GetRequiredService<ModelSet>()).Problem));
        services.AddSingleton<RegisterConflicts>();
        services.AddSingleton<DeviceImporter>();
        services.AddSingleton<RegisterWriting>();
        services.AddSingleton<Exercises>();
        services.AddSingleton(provider => new Redecoder(
            provider.GetRequiredService<StateDatabase>(), provider.GetRequiredService<DurableLog>(), provider.GetRequiredService<LogWriting>(),
            new MessageDecoder(provider.GetRequiredService<DecodingTables>().Uncounted(), isAgain: true)));
        services.AddSingleton<AdoptedLetters>();
        services.AddHostedService(provider => provider.GetRequiredService<AdoptedLetters>());
        services.AddSingleton<RegisterImport>();
        services.AddSingleton<Adopting>();
        services.AddSingleton<StatsReader>();
        services.AddSingleton<LogWriting>();
        services.AddSingleton<AccountChanges>();
        services.AddSingleton(provider => new SecondPersons(
            provider.GetRequiredService<ServiceOptions>(), provider.GetRequiredService<NotifySource>(), provider.GetService<OutboxDatabase>(), provider.GetRequiredService<FamilyCatalog>(),
            provider.GetRequiredService<DeviceDirectory>(), provider.GetRequiredService<CalendarDirectory>(), provider.GetRequiredService<SecurityParts>().Users is not null,
            () => provider.GetRequiredService<TimeProvider>().GetUtcNow().ToUnixTimeMilliseconds(), provider.GetService<SharedLists>()?.Codes));
        services.AddSingleton<Acting>();
        services.AddSingleton(provider => new PositionPlan(provider.GetRequiredService<ServiceOptions>().Positions));
        services.AddSingleton<AlarmOwner>();
        services.AddSingleton<OperatorPositions>();
        services.AddSingleton(provider => new HandoverReader(
            provider.GetRequiredService<OperatorPositions>(), provider.GetRequiredService<AlarmBook>(), provider.GetRequiredService<FamilyCatalog>(), provider.GetRequiredService<DeviceDirectory>(),
            provider.GetRequiredService<OperatorLoad>(), provider.GetRequiredService<NotifySource>(), provider.GetService<OutboxDatabase>(), provider.GetService<Proofs>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<HandoverBook>();
        services.AddSingleton<ChannelTypes>();
        services.AddSingleton<FamilyChanges>();
        services.AddSingleton<ExplainReader>();
        services.AddSingleton<NewestValues>();
        services.AddSingleton<BacktestJobs>();
        services.AddSingleton<DryRuns>();
        services.AddSingleton<EventStream>();
        services.AddSingleton<TelemetryMetrics>();
        services.AddSingleton<LoadMetrics>();
        services.ConfigureHttpJsonOptions(json => ApiJson.Apply(json.SerializerOptions));
        services.AddOpenApi("v1", options =>
        {
            options.AddDocumentTransformer((document, _, _) =>
            {
                document.Info.Title = "Telemetry";
                document.Info.Description = "City device telemetry and alarms. Times out: RFC 3339 UTC with milliseconds; in: that or Unix ms. Errors: RFC 9457 with a `reason`.";
                return Task.CompletedTask;
            });
            options.AddOperationTransformer(OpenApiParameters.AddAsync);
        });
        services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter(TelemetryMetrics.MeterName, "System.Runtime", "Microsoft.AspNetCore.Server.Kestrel")
            .AddPrometheusExporter());
        return services;
    }

    public static void MapTelemetryApi(this WebApplication app)
    {
        // Made now: an instrument exists once its meter does.
        var metrics = app.Services.GetRequiredService<TelemetryMetrics>();
        var load = app.Services.GetRequiredService<LoadMetrics>();
        var readiness = app.Services.GetRequiredService<Readiness>();
        var log = app.Services.GetRequiredService<Log.ILogAppend>();
        readiness.Watch(Readiness.LogUnwritable, () => log.Unwritable);
        readiness.Watch(Readiness.NobodyOnDuty, app.Services.GetRequiredService<OperatorPositions>().WhyNobody);
        app.Lifetime.ApplicationStopped.Register(metrics.Dispose);
        app.Lifetime.ApplicationStopped.Register(load.Dispose);

        app.Use(HeadRequests.AsGetAsync);
        app.UseRouting();
        app.Use(SecurityHeaders.AddAsync);
        ErrorResponses.Use(app);
        // Before the guard, which must know a socket when it sees one.
        app.UseWebSockets();
        app.Use(GuardAsync);

        HealthRoutes.Map(app);
        app.MapPrometheusScrapingEndpoint("/metrics").Needs(Role.Viewer).Keeps(ScopeRule.OfNoDevice);
        app.MapOpenApi().Needs(Role.Viewer).Keeps(ScopeRule.OfNoDevice);
        LinkRoutes.Map(app);
        EnrolRoutes.Map(app);
        OidcLogin.Map(app);
        var api = app.MapGroup("/api/v1");
        SessionRoutes.Map(api);
        AccountRoutes.Map(api);
        TokenRoutes.Map(api);
        StatsRoutes.Map(api);
        FamilyRoutes.Map(api);
        FamilyChangeRoutes.Map(api);
        LoadRoutes.Map(api);
        DeadLetterRoutes.Map(api);
        DeviceRoutes.Map(api);
        ExerciseRoutes.Map(api);
        UnknownDeviceRoutes.Map(api);
        DeviceImportRoutes.Map(api);
        CalendarRoutes.Map(api);
        ReadingRoutes.Map(api);
        ExportRoutes.Map(api);
        BacktestRoutes.Map(api);
        AlarmRoutes.Map(api);
        AlarmActions.Map(api);
        PositionRoutes.Map(api);
        HandoverRoutes.Map(api);
        JournalRoutes.Map(api);
        AuditRoutes.Map(api);
        ExplainRoutes.Map(api);
        NotifyRoutes.Map(api);
        ProofRoutes.Map(api);
        ReplyRoutes.Map(api);
        EventStream.Map(api);
    }

    private static async Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        var file = context.GetEndpoint()?.Metadata.GetMetadata<AcceptsFile>();
        var form = context.GetEndpoint()?.Metadata.GetMetadata<AcceptsForm>();
        var security = context.RequestServices.GetRequiredService<SecurityParts>();
        if (security.Users is not null)
        {
            try
            {
                var caller = await AccessGuard.CheckAsync(context, security, context.RequestServices.GetRequiredService<LoginFailures>(), file, form);
                context.Features.Set(caller);
                if (context.WebSockets.IsWebSocketRequest)
                    next = SocketWatch.Around(next, caller, context.RequestServices.GetRequiredService<TimeProvider>());
            }
            catch (ApiException refused) when (refused.Status == StatusCodes.Status401Unauthorized && OperatorPageParts.IsView(context))
            {
                context.Response.Redirect("/login");
                return;
            }
            catch (ApiException refused) when (refused.Reason == "password_change" && OperatorPageParts.IsView(context))
            {
                context.Response.Redirect("/password");
                return;
            }
        }
        else if (OpenModeGuard.Check(context.Request, file, form) is { } refused)
            throw refused;
        if (QueryParameters.Check(context) is { } wrong)
            throw wrong;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = file?.MaxBytes ?? MaxBody;
        await next(context);
    }
}

/// <summary>Metadata of a call that takes a file.</summary>
/// <param name="Types">Content types beside application/json; none that a form of another site can send.</param>
public sealed record AcceptsFile(long MaxBytes, params IReadOnlyList<string> Types);

/// <summary>
/// Metadata of a call that takes a form, from wherever it comes: what lets it in stands in the call itself and never in a cookie, so no other site can make a
/// browser do it in somebody's place. And a browser that is told to send no referrer sends <c>Origin: null</c> with our own forms too.
/// </summary>
public sealed record AcceptsForm;
