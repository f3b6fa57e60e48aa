using System.Collections.Concurrent;
using Telemetry.Ingest.Log;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Cluster;

/// <summary>Writes what the stream holds, in its order, into this node's log. One worker.</summary>
internal sealed partial class StreamFollower(NatsStream stream, DurableLog copy, LogClock clock, StreamPlace place, string placePath, ulong run, Action<string> heardElsewhere, ILogger logger)
{
    private static readonly TimeSpan SaveEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan TicksMissing = TimeSpan.FromSeconds(1.5);

    // A tick comes each second.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(5);

    // Of servers that disagree, others may be read by then.
    private static readonly TimeSpan MissingPatience = TimeSpan.FromSeconds(30);

    private readonly StringTable _strings = new();
    private readonly ConcurrentDictionary<long, OwnMessage> _own = new();
    private readonly TaskCompletionSource _caughtUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _heldAtStart = copy.Committed;
    private Task<long> _commit = Task.FromResult(copy.Committed);
    private ulong _sequence = place.Sequence;
    private long _foreignTick;
    private long _heardAt;
    private long _missingSince;
    private int _readings;
    private ulong _taken = place.Sequence;
    private volatile string? _problem;

    /// <summary>Of the last message that was taken.</summary>
    public ulong Sequence => Volatile.Read(ref _sequence);

    /// <summary>Why nothing comes from the stream at the moment; null while it does, or nothing is known.</summary>
    public string? Problem => _problem;

    /// <summary>When the last message came, as <see cref="TimeProvider.GetTimestamp"/> gives it: at that time the servers that sent it had a majority. 0 before the first one.</summary>
    public long HeardAt => Volatile.Read(ref _heardAt);

    /// <summary>Another node's tick came within the last moments.</summary>
    public bool HearsTicks => Volatile.Read(ref _foreignTick) is var stamp and not 0 && clock.Time.GetElapsedTime(stamp) < TicksMissing;

    /// <summary>Before the message is published. Completes with the position of its last entry, when it is on this node's disk.</summary>
    public Task<long> WillCome(long number)
    {
        var own = _own[number] = new OwnMessage();
        return own.Stored.Task;
    }

    /// <summary>Completes once the message that was published is read: true; or what stands in its place: false. The servers may say that they have what they then do not agree on.</summary>
    /// <param name="sequence">As the stream acknowledged it.</param>
    public async Task<bool> CameAsync(long number, ulong sequence, CancellationToken cancellationToken)
    {
        if (!_own.TryGetValue(number, out var own))
            return true;
        var passed = own.Until(sequence);
        if (Interlocked.Read(ref _taken) < sequence)
            await Task.WhenAny(own.Read.Task, passed).WaitAsync(cancellationToken);
        return !_own.ContainsKey(number);
    }

    /// <summary>Completes when everything up to <paramref name="last"/>, which the stream held at the start, is in the copy.</summary>
    public Task CaughtUp => _caughtUp.Task;

    /// <param name="last">What the stream holds at the start.</param>
    public async Task RunAsync(ulong last, CancellationToken cancellationToken)
    {
        try
        {
            if (place.Sequence >= last)
                await BeCaughtUpAsync();
            while (true)
            {
                try
                {
                    await FollowAsync(last, cancellationToken);
                }
                catch (Exception error) when (NatsStream.IsPassing(error) && !cancellationToken.IsCancellationRequested)
                {
                    if (_problem is null)
                        LogLost(place.Sequence, error.Message);
                    _problem = error.Message;
                }
                await Task.Delay(RetryAfter, clock.Time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await SaveAsync();
        }
        catch (Exception error)
        {
            _caughtUp.TrySetException(error);
            throw;
        }
    }

    private async Task FollowAsync(ulong last, CancellationToken cancellationToken)
    {
        var saved = clock.Time.GetTimestamp();
        using var silent = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock.Time);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silent.Token);
        try
        {
            await foreach (var record in stream.Reading.ReadAsync($"{run:x16}-{++_readings}", place.Sequence + 1, () => silent.CancelAfter(Silence), leaving.Token))
            {
                try
                {
                    // A server that lags begins where its own copy ends.
                    if (record.Sequence <= place.Sequence)
                        continue;
                    silent.CancelAfter(Silence);
                    if (record.Sequence > place.Sequence + 1)
                    {
                        await MissAsync(record.Sequence, cancellationToken);
                        await leaving.CancelAsync();
                        return;
                    }
                    if (!await TakeAsync(record, cancellationToken))
                    {
                        await leaving.CancelAsync();
                        return;
                    }
                    Interlocked.Exchange(ref _taken, record.Sequence);
                    foreach (var own in _own.Values)
                        own.Pass(record.Sequence);
                    if (record.Sequence == last)
                        await BeCaughtUpAsync();
                    if (clock.Time.GetElapsedTime(saved) > SaveEvery)
                    {
                        await SaveAsync();
                        saved = clock.Time.GetTimestamp();
                    }
                }
                catch
                {
                    // The client's reading ends only when it is told to.
                    await leaving.CancelAsync();
                    throw;
                }
            }
        }
        catch (OperationCanceledException) when (silent.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"nothing has come for {Silence.TotalSeconds:0} s, not even a tick; reading anew");
        }
    }

    /// <exception cref="InvalidDataException">What is missing is gone, and not only from this reading.</exception>
    private async Task MissAsync(ulong came, CancellationToken cancellationToken)
    {
        if ((await stream.HeldAsync(cancellationToken)).First is var first && first > place.Sequence + 1)
            throw new InvalidDataException($"the stream goes on with message {first}, but {place.Sequence + 1} must come: it no longer holds what this node lacks. Copy Data:Path of another node (backup, restore)");
        LogMissed(came, place.Sequence + 1);
    }

    /// <returns>False where the message before it of the same run is missing: it must not be taken from this server.</returns>
    private async ValueTask<bool> TakeAsync(StreamRecord record, CancellationToken cancellationToken)
    {
        var beginning = StreamBeginning.Read(record.Message);
        if (beginning is { } moved && record.Sequence == StreamBeginning.Sequence)
            throw new InvalidDataException($"a log was moved into the stream, up to position {moved.Position}, while this node was there with another one. Start it with a copy of that log");
        StreamMessage message = default;
        ReadOnlySpan<byte> entries = default;
        var ticks = false;
        var isOurs = beginning is null && StreamMessage.TryRead(record.Message, out message, out entries, out ticks);
        if (isOurs && place.NextOf(message.Run) is { } next && message.Number > next)
        {
            Disagree(record.Sequence, message, next);
            return false;
        }
        if (_problem is not null)
            LogFollowing(record.Sequence);
        (_problem, _missingSince) = (null, 0);
        Volatile.Write(ref _sequence, record.Sequence);
        Volatile.Write(ref _heardAt, clock.Time.GetTimestamp());
        if (!isOurs)
        {
            place.Skip(record.Sequence);
            LogForeign(record.Sequence, record.Message.Length);
            return true;
        }
        if (!place.Take(record.Sequence, message, record.Stored))
        {
            LogCameAgain(record.Sequence, message.Id);
            return true;
        }
        clock.StartAfter(place.Time);
        if (ticks && message.Run != run)
            Volatile.Write(ref _foreignTick, clock.Time.GetTimestamp());
        if (message.Run != run)
            TellOfGateways(entries);
        if (place.Position <= _heldAtStart)
        {
            Verify(record.Sequence, message.Count);
            return true;
        }
        if (place.Position - message.Count < _heldAtStart)
            throw AnotherLog(record.Sequence);
        _commit = await copy.AppendAsync(EntryBatch.Copy(record.Message.AsSpan(StreamMessage.HeaderSize), message.Count, place.Time), cancellationToken);
        if (message.Run == run && _own.TryRemove(message.Number, out var own))
        {
            _ = TellAsync(_commit, own.Stored);
            own.Read.TrySetResult();
        }
        return true;
    }

    /// <summary>A node sends a message again until the stream has it, and only then the next: a hole in its numbers is not in the stream that was agreed on.</summary>
    private void Disagree(ulong sequence, in StreamMessage message, long next)
    {
        var problem = $"message {sequence} of the stream is {message.Id}, but number {next} of that run is missing before it: the nats-servers do not hold the same. docs/operating.md, Cluster, says what to do";
        if (_missingSince == 0)
            _missingSince = clock.Time.GetTimestamp();
        else if (clock.Time.GetElapsedTime(_missingSince) > MissingPatience)
            throw new InvalidDataException(problem);
        if (_problem is null)
            LogLost(place.Sequence, problem);
        _problem = problem;
    }

    private void TellOfGateways(ReadOnlySpan<byte> entries)
    {
        string? before = null;
        while (entries.Length > 0)
        {
            var body = EntryCodec.NextBody(ref entries, out var kind);
            // Both begin with the gateway's name.
            if (kind is not (EntryKind.Reading or EntryKind.Gateway))
                continue;
            var gateway = new ByteReader(body, _strings).String();
            if (!ReferenceEquals(gateway, before))
                heardElsewhere(gateway);
            before = gateway;
        }
    }

    private static async Task TellAsync(Task<long> commit, TaskCompletionSource<long> stored)
    {
        try
        {
            stored.TrySetResult(await commit);
        }
        catch (Exception error)
        {
            stored.TrySetException(error);
        }
    }

    /// <summary>What the copy holds already was written from this very stream.</summary>
    private void Verify(ulong sequence, int count)
    {
        var first = place.Position - count + 1;
        if (place.Position < copy.First)
            return;
        using var reader = copy.OpenReader("", Math.Max(first, copy.First));
        var held = new List<LogEntry>(1);
        if (reader.Read(held, 1) == 0 || held[0].Time != place.Time)
            throw AnotherLog(sequence);
    }

    private InvalidDataException AnotherLog(ulong sequence) => new(
        $"the log in Data:Path (up to position {_heldAtStart}) is not a copy of the stream: they differ at message {sequence}, position {place.Position}. Start with an empty Data:Path to fill it from the stream, or with a stream of another name");

    private async Task BeCaughtUpAsync()
    {
        await _commit;
        if (place.Position < _heldAtStart)
            throw new InvalidDataException($"the log in Data:Path ends at position {_heldAtStart}, the stream at {place.Position}: the stream has lost its end, or it is another one. docs/operating.md, Cluster, says what to do");
        _caughtUp.TrySetResult();
    }

    private async Task SaveAsync()
    {
        await _commit;
        place.Save(placePath);
    }

    /// <summary>One that this node has on its way.</summary>
    private sealed class OwnMessage
    {
        private Passing? _passing;

        public TaskCompletionSource<long> Stored { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Read { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Completes at a <see cref="Pass"/> of this sequence that comes later.</summary>
        public Task Until(ulong sequence)
        {
            var passing = new Passing(sequence);
            Interlocked.Exchange(ref _passing, passing);
            return passing.Passed.Task;
        }

        public void Pass(ulong sequence)
        {
            if (Volatile.Read(ref _passing) is { } passing && sequence >= passing.Sequence)
                passing.Passed.TrySetResult();
        }

        private sealed class Passing(ulong sequence)
        {
            public ulong Sequence => sequence;

            public TaskCompletionSource Passed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "nothing comes from the stream behind message {Sequence}; trying again: {Problem}")]
    private partial void LogLost(ulong sequence, string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "message {Came} of the stream came where {Expected} must come; reading anew")]
    private partial void LogMissed(ulong came, ulong expected);

    [LoggerMessage(Level = LogLevel.Information, Message = "the stream goes on with message {Sequence}")]
    private partial void LogFollowing(ulong sequence);

    [LoggerMessage(Level = LogLevel.Error, Message = "message {Sequence} of the stream ({Bytes} bytes) was not written by this service, or is damaged; every node leaves it out")]
    private partial void LogForeign(ulong sequence, int bytes);

    [LoggerMessage(Level = LogLevel.Information, Message = "message {Sequence} of the stream is {Id} again; every node leaves it out")]
    private partial void LogCameAgain(ulong sequence, string id);
}
