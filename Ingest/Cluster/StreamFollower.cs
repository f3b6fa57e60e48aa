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

    // A tick comes each second. A reader was seen to stand still for good once its host could be reached again, though the client asks the server for a sign of life each second.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(5);

    private readonly StringTable _strings = new();
    private readonly ConcurrentDictionary<long, TaskCompletionSource<long>> _own = new();
    private readonly TaskCompletionSource _caughtUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _heldAtStart = copy.Committed;
    private Task<long> _commit = Task.FromResult(copy.Committed);
    private ulong _sequence = place.Sequence;
    private long _foreignTick;
    private long _heardAt;
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
        var stored = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        _own[number] = stored;
        return stored.Task;
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
        using var silent = new CancellationTokenSource(Silence, clock.Time);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silent.Token);
        try
        {
            await foreach (var record in stream.ReadAsync(place.Sequence + 1, leaving.Token))
            {
                try
                {
                    silent.CancelAfter(Silence);
                    // When the client makes its consumer anew, it may begin where this reading once began.
                    if (record.Sequence <= place.Sequence)
                    {
                        await leaving.CancelAsync();
                        return;
                    }
                    await TakeAsync(record, cancellationToken);
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

    private async Task TakeAsync(StreamRecord record, CancellationToken cancellationToken)
    {
        if (record.Sequence != place.Sequence + 1)
            throw new InvalidDataException($"the stream goes on with message {record.Sequence}, but {place.Sequence + 1} must come: it no longer holds what this node lacks. Copy Data:Path of another node (backup, restore)");
        if (_problem is not null)
            LogFollowing(record.Sequence);
        _problem = null;
        Volatile.Write(ref _sequence, record.Sequence);
        Volatile.Write(ref _heardAt, clock.Time.GetTimestamp());
        var beginning = StreamBeginning.Read(record.Message);
        if (beginning is { } moved && record.Sequence == StreamBeginning.Sequence)
            throw new InvalidDataException($"a log was moved into the stream, up to position {moved.Position}, while this node was there with another one. Start it with a copy of that log");
        if (beginning is not null || !StreamMessage.TryRead(record.Message, out var message, out var entries, out var ticks))
        {
            place.Skip(record.Sequence);
            LogForeign(record.Sequence, record.Message.Length);
            return;
        }
        if (!place.Take(record.Sequence, message, record.Stored))
        {
            LogCameAgain(record.Sequence, message.Id);
            return;
        }
        clock.StartAfter(place.Time);
        if (ticks && message.Run != run)
            Volatile.Write(ref _foreignTick, clock.Time.GetTimestamp());
        if (message.Run != run)
            TellOfGateways(entries);
        if (place.Position <= _heldAtStart)
        {
            Verify(record.Sequence, message.Count);
            return;
        }
        if (place.Position - message.Count < _heldAtStart)
            throw AnotherLog(record.Sequence);
        _commit = await copy.AppendAsync(EntryBatch.Copy(record.Message.AsSpan(StreamMessage.HeaderSize), message.Count, place.Time), cancellationToken);
        if (message.Run == run && _own.TryRemove(message.Number, out var stored))
            _ = TellAsync(_commit, stored);
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "nothing comes from the stream behind message {Sequence}; trying again: {Problem}")]
    private partial void LogLost(ulong sequence, string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "the stream goes on with message {Sequence}")]
    private partial void LogFollowing(ulong sequence);

    [LoggerMessage(Level = LogLevel.Error, Message = "message {Sequence} of the stream ({Bytes} bytes) was not written by this service, or is damaged; every node leaves it out")]
    private partial void LogForeign(ulong sequence, int bytes);

    [LoggerMessage(Level = LogLevel.Information, Message = "message {Sequence} of the stream is {Id} again; every node leaves it out")]
    private partial void LogCameAgain(ulong sequence, string id);
}
