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
        services.AddSingleton(provider => new PushChannel(push, provider.GetRequiredService<PushKey>(), provider.GetRequiredService<OutboxDatabase>(), options.Channels.Authorities));
        services.AddSingleton(provider =>
        {
            var (source, outbox) = (provider.GetRequiredService<NotifySource>(), provider.GetRequiredService<OutboxDatabase>());
            outbox.KeepBrowsersOf(source.Current!.People.Keys);
            return new PushDesk(source, outbox, push, provider.GetRequiredService<PushKey>(), provider.GetRequiredService<LogClock>().Now);
        });
    }
}
