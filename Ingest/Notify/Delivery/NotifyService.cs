using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Gateways;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Notify.Channels;
using Telemetry.Ingest.Notify.Escalation;
using Telemetry.Ingest.Notify.Texts;
using Telemetry.Ingest.State;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Notify.Delivery;

/// <summary>One channel as it stands.</summary>
/// <param name="DeadSince">Unix ms; null while it works.</param>
/// <param name="Reason">What it failed with last.</param>
internal sealed record ChannelView(string Name, long? DeadSince, string? Reason);

/// <summary>Tells people: one worker follows the journal, one a channel sends. None of them is waited for by anything else.</summary>
internal sealed partial class NotifyService : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FollowEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PayEvery = TimeSpan.FromSeconds(1);
    private const int FollowedAtOnce = 1000;

    private readonly OutboxDatabase _outbox;
    private readonly IReadOnlyList<ChannelSender> _senders;
    private readonly ChannelDeaths _deaths;
    private readonly Teller _teller;
    private readonly NotifyMetrics _metrics;
    private readonly LogClock _clock;
    private readonly TimeProvider _time;
    private readonly TimeSpan _keep;
    private readonly ILogger _logger;
    private readonly Ownership _ownership;
    private readonly ToldTable? _told;
    private readonly AnswerTable? _answers;
    private long _prunedAt;
    private volatile string? _failing;

    public NotifyService(
        NotifySource source, ServiceOptions options, IReadOnlyList<INotifyChannel> channels, StateDatabase journal, OutboxDatabase outbox, DeviceDirectory devices, CalendarDirectory calendar, FamilyCatalog families,
        AlarmBook book, LogAppender log, LogClock clock, DeliveryStats stats, Readiness readiness, Ownership ownership, ILogger<NotifyService> logger, ToldTable? told = null, AnswerTable? answers = null)
    {
        (_outbox, _clock, _time, _keep, _logger, _ownership, _told, _answers) = (outbox, clock, clock.Time, options.Log.Keep, logger, ownership, told, answers);
        _deaths = new ChannelDeaths(outbox, log.AppendAsync, () => book.Stands(WatchService.ChannelDead), _time, logger);
        _senders = [.. channels.Select(channel => new ChannelSender(channel, outbox, Of, clock.Now, stats, _deaths.Changed, _time, logger) { Told = told, Answers = answers, IsPast = IsPast })];
        _teller = new Teller(source, journal, outbox, devices, calendar, [.. channels.Select(channel => channel.Name)], LogId.Of(Path.Combine(options.DataPath, "log")), ownership.IsAlone ? clock.Now : () => journal.CompleteUntil - 1);
        _metrics = new NotifyMetrics(stats, outbox, _senders, clock.Now);
        readiness.Watch(Readiness.NotifyFailing, () => _failing ?? stats.OutboxFailing);
        readiness.Watch(Readiness.ChannelDead, () => _deaths.Dead is { Count: > 0 } dead ? string.Join("; ", dead.Select(channel => $"{channel.Key}: {channel.Value}")) : null);

        bool IsPast(Delivery delivery)
        {
            try
            {
                return RetryPolicy.IsPast(delivery, clock.Now(), book.Find);
            }
            catch (IOException)
            {
                // What can't be known is told.
                return false;
            }
        }

        Envelope Of(Delivery delivery)
        {
            var (file, message) = (source.Current!, delivery.Message);
            var text = new CrewText(file, message, place => new PlaceFacts(families.RuleOf(place.Alarm), devices.Find(place.Alarm.Device)), options.Channels.WaysOf(delivery.Link));
            return new Envelope(message, file.People.GetValueOrDefault(message.Recipient), text, file.People, delivery.Code);
        }
    }

    /// <summary>In the order in which they are configured.</summary>
    public IReadOnlyList<ChannelView> Channels => [.. _senders.Select(sender => new ChannelView(sender.Name, sender.Circuit.DeadSince, sender.Circuit.Reason))];

    /// <inheritdoc cref="Teller.Followed"/>
    public long Followed => _teller.Followed;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Nothing of this may hold up the host's start.
        await Task.Yield();
        _outbox.Keep([.. _senders.Select(sender => sender.Name)], _clock.Now());
        await Task.WhenAll(TellAsync(stoppingToken), SendAsync(stoppingToken), _told is null || _answers is null ? Task.CompletedTask : PayAsync(_told, _answers, stoppingToken));
    }

    /// <summary>What was sent while PostgreSQL was away the others learn as soon as it is back, whoever is the owner by then.</summary>
    private async Task PayAsync(ToldTable told, AnswerTable answers, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(PayEvery, _time);
        try
        {
            do
            {
                try
                {
                    await PayAsync(_outbox, told, answers, stoppingToken);
                }
                catch (IOException)
                {
                    // Said by whoever sent it; tried again.
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping: it stands in the outbox.
        }
    }

    internal static async Task PayAsync(OutboxDatabase outbox, ToldTable told, AnswerTable answers, CancellationToken cancellationToken)
    {
        foreach (var (attempt, delivery, at) in outbox.OwedDeliveries(FollowedAtOnce))
        {
            await answers.ShowAsync(delivery.Message, delivery.Code, delivery.Link, cancellationToken);
            await told.AddAsync(delivery, at, cancellationToken);
            outbox.Paid(attempt);
        }
    }

    /// <summary>Of a cluster's nodes all have the messages, and one sends.</summary>
    private async Task SendAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                if (_told is not null)
                    await FollowAsync(_told, stoppingToken);
                await _ownership.WhenOwnerAsync(stoppingToken);
                _deaths.Restore(_senders);
                await _ownership.AsOwnerAsync(token => Task.WhenAll([_deaths.RunAsync(token), .. _senders.Select(sender => sender.RunAsync(token))]), stoppingToken);
                stoppingToken.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    /// <summary>While another node sends: what it has sent waits here no more.</summary>
    private async Task FollowAsync(ToldTable told, CancellationToken stoppingToken)
    {
        var knows = true;
        while (!_ownership.IsOwner)
        {
            knows = await LearnAsync(told, stoppingToken);
            await Task.WhenAny(_ownership.WhenOwnerAsync(stoppingToken), Task.Delay(FollowEvery, _time, stoppingToken));
            stoppingToken.ThrowIfCancellationRequested();
        }
        // What the one before has sent since: asked for at once, and not before each message on its own. Where nobody can be asked, nobody is waited for.
        if (knows)
            await LearnAsync(told, stoppingToken);
    }

    /// <returns>False where PostgreSQL does not answer.</returns>
    private async Task<bool> LearnAsync(ToldTable told, CancellationToken stoppingToken)
    {
        try
        {
            for (var waiting = _outbox.Waiting(FollowedAtOnce); waiting.Count > 0; waiting = _outbox.Waiting(FollowedAtOnce, waiting[^1].Id))
            {
                if (await told.OfAsync(waiting, stoppingToken) is { Count: > 0 } known)
                    _outbox.ToldElsewhere(known, _clock.Now());
            }
            return true;
        }
        catch (IOException error)
        {
            // Asked again, at the latest before it is sent.
            LogNotFollowed(error.Message);
            return false;
        }
    }

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Look() ? Pause : PauseAfterFailure, _time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    /// <summary>False where a database takes nothing.</summary>
    private bool Look()
    {
        try
        {
            _teller.Look();
            Prune();
            _failing = null;
            return true;
        }
        // Whatever it is: a telling that ends in silence looks like a quiet night.
        catch (Exception error)
        {
            if (_failing is null)
                LogFailing(error);
            _failing = error.Message;
            return false;
        }
    }

    private void Prune()
    {
        var now = _clock.Now();
        if (now - _prunedAt < LocalTime.Day)
            return;
        _outbox.Prune(now - (long)_keep.TotalMilliseconds);
        if (_told is not null && _answers is not null && _ownership.IsOwner)
            _ = PruneAsync(_told, _answers, now - (long)_keep.TotalMilliseconds);
        _prunedAt = now;
    }

    private async Task PruneAsync(ToldTable told, AnswerTable answers, long before)
    {
        try
        {
            await told.PruneAsync(before, CancellationToken.None);
            await answers.PruneAsync(before, CancellationToken.None);
        }
        catch (IOException error)
        {
            LogNotFollowed(error.Message);
        }
    }

    public override void Dispose()
    {
        _metrics.Dispose();
        base.Dispose();
    }

    [LoggerMessage(LogLevel.Information, "what other nodes have told can't be read from PostgreSQL now: {Problem}")]
    private partial void LogNotFollowed(string problem);

    [LoggerMessage(LogLevel.Critical, "nobody is told for now: what is to be told can't be worked out or stored")]
    private partial void LogFailing(Exception error);
}
