using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.State;

namespace Telemetry.Ingest.Notify.Delivery;

/// <summary>
/// One channel's own worker: takes from the outbox what is due on it, a bounded number at once, and writes down what came of it. A channel that hangs holds up
/// nobody but itself.
/// </summary>
/// <param name="envelopes">Gives the words to a message, as file, rules and register stand now.</param>
/// <param name="changed">The channel died, or works again.</param>
internal sealed partial class ChannelSender(
    INotifyChannel channel, OutboxDatabase outbox, Func<Delivery, Envelope> envelopes, Func<long> now, DeliveryStats stats, Action<ChannelSender> changed, TimeProvider time, ILogger logger)
{
    /// <summary>Between two looks at the outbox.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>How long an attempt that is under way may still take once the sender is to stop.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    private readonly Dictionary<long, Task> _underWay = [];

    // What came of attempts that the outbox did not take. Nobody is called once more because of that, and it is written down as soon as the outbox takes it.
    private readonly Dictionary<long, Attempted> _unwritten = [];
    private readonly Lock _gate = new();
    private TaskCompletionSource _ended = new();
    private long _beganAt = long.MinValue / 2;

    public string Name => channel.Name;

    public Circuit Circuit { get; } = new();

    /// <summary>What other nodes have sent; null on a machine alone.</summary>
    public ToldTable? Told { get; init; }

    /// <summary>By what the answers to them are found; null on a machine alone.</summary>
    public AnswerTable? Answers { get; init; }

    /// <summary>Whether nobody has to be called by it any more.</summary>
    public Func<Delivery, bool> IsPast { get; init; } = _ => false;

    /// <summary>Until it is to stop and nothing is under way any more, which takes <see cref="Grace"/> at most: what is cut off may have reached its receiver, and is sent again.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            Task ended;
            lock (_gate)
                ended = (_ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            try
            {
                Look(cancellationToken);
                WriteDown();
                stats.OutboxFailing = null;
            }
            // Whatever it is: a channel that ends in silence looks like a quiet night.
            catch (Exception error) when (error is not OperationCanceledException)
            {
                if (stats.OutboxFailing is null)
                    LogNoOutbox(error);
                stats.OutboxFailing = error.Message;
            }
            // Where one has ended there is room for the next: a storm of messages waits for nobody's clock.
            await Task.WhenAny(ended, Task.Delay(Pause, time, cancellationToken));
        }
        await UnderWayAsync();
    }

    /// <summary>Begins what is due.</summary>
    public void Look(CancellationToken cancellationToken)
    {
        var at = now();
        HashSet<long> resting;
        int room;
        lock (_gate)
        {
            foreach (var done in _underWay.Where(pair => pair.Value.IsCompleted).Select(pair => pair.Key).ToList())
                _underWay.Remove(done);
            room = at - _beganAt < channel.Between.TotalMilliseconds ? 0 : channel.AtOnce - _underWay.Count;
            resting = [.. _underWay.Keys, .. _unwritten.Values.Where(attempt => !attempt.After.IsDueOn(Name, at)).Select(attempt => attempt.After.Id)];
        }
        foreach (var delivery in outbox.Due(Name, at, (channel.AtOnce * 4) + resting.Count))
        {
            if (resting.Contains(delivery.Id))
                continue;
            var taken = RetryPolicy.Taken(delivery, at);
            if (IsPast(delivery))
                outbox.Record(taken, taken with { State = DeliveryState.Failed }, at, OutboxDatabase.Withdrawn, null);
            else if (Circuit.DeadSince is not null && !(room > 0 && Enter(at)))
                outbox.Record(taken, RetryPolicy.Blocked(taken, at, Math.Max(Circuit.RetryAt, at + 1000)), at, delivery.Round == 0 ? "channel_dead" : null, Circuit.Reason);
            else if (room-- > 0)
            {
                _beganAt = at;
                Begin(taken, cancellationToken);
            }
            else
                return;
        }
    }

    /// <summary>Until nothing is under way.</summary>
    public async Task UnderWayAsync()
    {
        Task[] all;
        lock (_gate)
            all = [.. _underWay.Values];
        await Task.WhenAll(all);
    }

    private bool Enter(long at)
    {
        lock (_gate)
            return Circuit.Enter(at);
    }

    private void Leave()
    {
        lock (_gate)
            Circuit.Left();
    }

    private void Begin(Delivery delivery, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var attempt = Task.Run(() => AttemptAsync(delivery, cancellationToken), CancellationToken.None);
            _underWay[delivery.Id] = attempt;
            attempt.ContinueWith(_ => Ended(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        }
    }

    private void Ended()
    {
        lock (_gate)
            _ended.TrySetResult();
    }

    private void Record(Attempted attempt)
    {
        try
        {
            outbox.Record(attempt.Before, attempt.After, attempt.At, attempt.Result, attempt.Detail);
            // What came of an attempt before it stands no more.
            lock (_gate)
                _unwritten.Remove(attempt.Before.Id);
        }
        catch (IOException error)
        {
            LogNotRecorded(Name, attempt.Before.Message.Key, error);
            lock (_gate)
                _unwritten[attempt.Before.Id] = attempt;
        }
    }

    private void WriteDown()
    {
        List<Attempted> attempts;
        lock (_gate)
            attempts = [.. _unwritten.Values.Where(attempt => !_underWay.ContainsKey(attempt.Before.Id))];
        foreach (var attempt in attempts)
        {
            outbox.Record(attempt.Before, attempt.After, attempt.At, attempt.Result, attempt.Detail);
            lock (_gate)
                _unwritten.Remove(attempt.Before.Id);
        }
    }

    private async Task AttemptAsync(Delivery delivery, CancellationToken stopping)
    {
        if (Told is not null && await WasToldAsync(Told, delivery, stopping))
        {
            Leave();
            return;
        }
        if (Answers is not null)
            delivery = await AgreedAsync(Answers, delivery);
        var began = now();
        var outcome = await SendAsync(delivery, began, stopping);
        if (outcome is null)
        {
            Leave();
            return;
        }
        var after = RetryPolicy.After(delivery, outcome, now());
        stats.Count(Name, outcome.Result);
        bool turned;
        lock (_gate)
            turned = Circuit.Took(outcome, now());
        var detail = outcome.Detail;
        if (outcome.Verdict != Verdict.Sent)
            LogNotSent(Name, delivery.Message.Key, outcome.Result, outcome.Detail);
        else if (Told is not null && !await IsKnownAsync(Told, delivery, began))
            detail = OutboxDatabase.Owed;
        Record(new Attempted(delivery, after, began, outcome.Result, detail));
        if (turned)
            changed(this);
    }

    /// <summary>Another node has sent it, or this one stops. What can't be known is sent: rather twice, under the same key, than not at all.</summary>
    private async Task<bool> WasToldAsync(ToldTable told, Delivery delivery, CancellationToken stopping)
    {
        try
        {
            if (!await told.HasAsync(delivery, stopping))
                return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
        catch (IOException error)
        {
            LogNotAsked(Name, delivery.Message.Key, error.Message);
            return false;
        }
        Record(new Attempted(delivery, OutboxDatabase.SentElsewhere(delivery), now(), Outcome.Sent.Result, OutboxDatabase.ByAnotherNode));
        return true;
    }

    /// <summary>With the link and the code that it has on every node; with this node's own where nobody can be asked.</summary>
    private async Task<Delivery> AgreedAsync(AnswerTable answers, Delivery delivery)
    {
        try
        {
            try
            {
                var (code, link) = await answers.AgreeAsync(delivery.Message, delivery.Code, delivery.Link, CancellationToken.None);
                delivery = delivery with { Code = code, Link = link };
            }
            catch (IOException error)
            {
                LogNotAgreed(Name, delivery.Message.Key, error.Message);
            }
            outbox.Agree(delivery.Message, delivery.Code, delivery.Link);
        }
        catch (IOException error)
        {
            LogNotRecorded(Name, delivery.Message.Key, error);
        }
        return delivery;
    }

    /// <summary>Whether the other nodes can know that it was sent.</summary>
    private async Task<bool> IsKnownAsync(ToldTable told, Delivery delivery, long at)
    {
        try
        {
            // Also where this node stops in this moment: it takes as long as the database is given for an answer.
            await told.AddAsync(delivery, at, CancellationToken.None);
            return true;
        }
        catch (IOException error)
        {
            LogOwed(Name, delivery.Message.Key, error.Message);
            return false;
        }
    }

    /// <returns>Null where the sender stops: it stays in the outbox and is sent again with the same key.</returns>
    private async Task<Outcome?> SendAsync(Delivery delivery, long began, CancellationToken stopping)
    {
        if (stopping.IsCancellationRequested)
            return null;
        using var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(RetryPolicy.Timeout(delivery, began)), time);
        using var grace = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        await using var begins = stopping.Register(() => grace.CancelAfter(Grace));
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, grace.Token);
        try
        {
            // Not every library looks at its token everywhere.
            return await channel.SendAsync(envelopes(delivery), either.Token).WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (grace.IsCancellationRequested)
        {
            return null;
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            return Outcome.TimedOut;
        }
        catch (Exception error)
        {
            // The type alone: what a library says may repeat an address.
            return Outcome.Failed(error.GetType().Name);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Channel}: {Key} was not sent: {Result} {Detail}")]
    private partial void LogNotSent(string channel, string key, string result, string? detail);

    [LoggerMessage(LogLevel.Warning, "{Channel}: whether {Key} was sent by another node can't be known now; it is sent, maybe once more ({Problem})")]
    private partial void LogNotAsked(string channel, string key, string problem);

    [LoggerMessage(LogLevel.Warning, "{Channel}: the other nodes can't be told now by what an answer to {Key} finds it; until then it has to come to this one ({Problem})")]
    private partial void LogNotAgreed(string channel, string key, string problem);

    [LoggerMessage(LogLevel.Warning, "{Channel}: {Key} was sent, but PostgreSQL could not be told; it is told later, and a node that becomes the owner before that sends it again ({Problem})")]
    private partial void LogOwed(string channel, string key, string problem);

    [LoggerMessage(LogLevel.Error, "{Channel}: what came of {Key} can't be stored now; a process that ends before it can sends it again with the same key")]
    private partial void LogNotRecorded(string channel, string key, Exception error);

    [LoggerMessage(LogLevel.Error, "the outbox can't be read or written; messages wait")]
    private partial void LogNoOutbox(Exception error);

    /// <summary>One attempt and what came of it, as <see cref="OutboxDatabase.Record"/> takes it.</summary>
    private sealed record Attempted(Delivery Before, Delivery After, long At, string Result, string? Detail);
}
