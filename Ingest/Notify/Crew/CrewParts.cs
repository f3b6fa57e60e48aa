using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Ingest.Notify.Proof;
using Telemetry.Ingest.State;

namespace Telemetry.Ingest.Notify.Crew;

/// <summary>How crews answer. Needs what was sent to them: the outbox.</summary>
internal static class CrewParts
{
    public static void Add(IServiceCollection services, ServiceOptions options)
    {
        services.AddSingleton(provider => OutboxDatabase.Open(Path.Combine(options.DataPath, "notify.db"), provider.GetRequiredService<ILogger<OutboxDatabase>>()).WithReserve());
        services.AddSingleton(provider => new ProofBook(provider.GetRequiredService<OutboxDatabase>(), provider.GetService<SharedLists>()?.Proofs, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<DeliveryStats>();
        services.AddSingleton<CrewDesk>();
        services.AddSingleton<ReplyDesk>();
        if (options.Channels.PublicUrl is null)
            return;
        services.AddSingleton(_ => new StepTokens(CrewKey.Open(options.DataPath)));
        services.AddSingleton<CrewLinks>();
    }
}
