using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Notify.Channels;
using Telemetry.Ingest.State;

namespace Telemetry.Ingest.Notify.Push;

/// <summary>Browsers as a way to people. Without <c>Notify:Push:Subject</c> nothing of it is there.</summary>
internal static class PushParts
{
    public static void Add(IServiceCollection services, ServiceOptions options)
    {
        if (options.Channels.Push is not { } push)
            return;
        services.AddSingleton(_ => PushKey.Open(options.DataPath, push.KeyFile));
        services.AddSingleton(provider =>
        {
            var source = provider.GetRequiredService<NotifySource>();
            return new Browsers(
                provider.GetRequiredService<OutboxDatabase>(), provider.GetRequiredService<PushKey>(), () => source.Current!.People.Keys, provider.GetRequiredService<LogClock>().Now,
                provider.GetService<SharedLists>()?.Browsers, provider.GetRequiredService<ILogger<Browsers>>());
        });
        services.AddSingleton(provider => new PushChannel(push, provider.GetRequiredService<PushKey>(), provider.GetRequiredService<Browsers>(), options.Channels.Authorities));
        services.AddSingleton(provider => new PushDesk(provider.GetRequiredService<NotifySource>(), provider.GetRequiredService<Browsers>(), push, provider.GetRequiredService<PushKey>()));
    }
}
