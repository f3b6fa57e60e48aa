using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Gateways;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Notify.Crew;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Ingest.Notify.Proof;
using Telemetry.Ingest.Notify.Push;
using Telemetry.Ingest.State;
using Telemetry.Rules.Families;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Notify.Channels;

/// <summary>The channels that the configuration names, and everything that sends. Without Notify:File nothing of it is there.</summary>
internal static class NotifyParts
{
    public static void Add(IServiceCollection services, NotifyFile? file, ServiceOptions options)
    {
        if (file is null)
            return;
        services.AddSingleton(_ => new HttpCaller(options.Channels.Authorities));
        PushParts.Add(services, options);
        services.AddSingleton<IReadOnlyList<INotifyChannel>>(provider =>
            [.. Channels(file, options.Channels, provider.GetRequiredService<HttpCaller>(), provider.GetRequiredService<LogClock>()), .. provider.GetService<PushChannel>() is { } push ? [push] : Array.Empty<INotifyChannel>()]);
        services.AddSingleton<NotifyService>();
        CrewParts.Add(services, options);
        services.AddHostedService(provider => provider.GetRequiredService<NotifyService>());
        services.AddSingleton(provider => new Proofs(
            provider.GetRequiredService<NotifySource>(), provider.GetRequiredService<ProofBook>(),
            [.. provider.GetRequiredService<IReadOnlyList<INotifyChannel>>().Select(channel => channel.Name)], provider.GetRequiredService<LogAppender>().AppendAsync,
            () => provider.GetRequiredService<AlarmBook>().Stands(WatchService.ChannelUnproven), provider.GetRequiredService<Ownership>(), provider.GetRequiredService<LogClock>().Now,
            provider.GetRequiredService<LogClock>().Time, provider.GetRequiredService<ILogger<Proofs>>()));
        services.AddHostedService(provider => provider.GetRequiredService<Proofs>());
        if (options.Channels.Alertmanager is not { } alertmanager)
            return;
        services.AddHostedService(provider => new AlertmanagerFeed(
            alertmanager, provider.GetRequiredService<HttpCaller>(), provider.GetRequiredService<AlarmBook>(), provider.GetRequiredService<AlarmFeed>(), provider.GetRequiredService<FamilyCatalog>(),
            provider.GetRequiredService<DeliveryStats>(), provider.GetRequiredService<Ownership>(), provider.GetRequiredService<LogClock>().Now, provider.GetRequiredService<LogClock>().Time,
            provider.GetRequiredService<ILogger<AlertmanagerFeed>>()));
    }

    /// <summary>What the file asks for and the configuration does not have.</summary>
    public static IEnumerable<string> Check(NotifyFile? file, ServiceOptions options)
    {
        if (file is null)
            yield break;
        if (!options.Channels.HasAny)
            yield break;
        foreach (var (severity, channels) in file.Channels.Select(pair => (Of: Vocabulary.Severities.First(word => word.Value == pair.Key).Key, pair.Value)).Append(("the digest", file.DigestChannels)))
        {
            if (!channels.Any(options.Channels.Has))
                yield return $"{options.NotifyFile}: {severity} is told by {string.Join(", ", channels.Select(ChannelNames.Of))}, and none of them is configured; give one its keys (Notify:Sms:Url, Notify:Voice:Url, Notify:Mail:Server, Notify:Push:Subject), or change channels:";
        }
        foreach (var robot in file.Robots.Keys.Where(robot => !options.Channels.Robots.ContainsKey(robot)))
            yield return $"{options.NotifyFile}: the robot {robot} has no address; name the file that holds it by Notify:Robots:{robot}:UrlFile";
        foreach (var robot in options.Channels.Robots.Keys.Where(robot => !file.Robots.ContainsKey(robot)))
            yield return $"Notify:Robots:{robot}: {options.NotifyFile} has no robot of this name";
    }

    private static List<INotifyChannel> Channels(NotifyFile file, ChannelOptions options, HttpCaller http, LogClock clock)
    {
        var channels = new List<INotifyChannel>();
        if (options.Voice is { } voice)
            channels.Add(new ProviderChannel(ChannelNames.Voice, voice, envelope => envelope.Text.Voice, http));
        if (options.Sms is { } sms)
            channels.Add(new ProviderChannel(ChannelNames.Sms, sms, envelope => envelope.Text.Sms(envelope.Code), http));
        if (options.Mail is { } mail)
            channels.Add(new MailChannel(mail, options.Authorities, clock.Time));
        if (options.Webhook is { } webhook)
            channels.Add(new WebhookChannel(webhook, http, clock.Now));
        if (options.Mqtt is { } mqtt)
            channels.Add(new MqttChannel(mqtt, clock.Time));
        channels.AddRange(file.Robots.Values.Where(robot => options.Robots.ContainsKey(robot.Name)).Select(robot => Robot(robot, options.Robots[robot.Name], http, clock)));
        return channels;
    }

    private static INotifyChannel Robot(Robot robot, RobotOptions options, HttpCaller http, LogClock clock) => robot.Kind switch
    {
        DingTalkRobot.Kind => new DingTalkRobot(robot.Name, options, http, clock.Now),
        WeComRobot.Kind => new WeComRobot(robot.Name, options, http),
        FeishuRobot.Kind => new FeishuRobot(robot.Name, options, http, clock.Now),
        _ => throw new ArgumentException($"robot {robot.Name} is of an unknown kind {robot.Kind}", nameof(robot)),
    };
}
