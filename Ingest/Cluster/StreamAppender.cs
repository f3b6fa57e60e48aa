using System.Threading.Channels;
using Telemetry.Ingest.Log;

namespace Telemetry.Ingest.Cluster;

/// <summary>Sends entries to the stream, one message at a time, and tells who waits once they are in the stream and in this node's log. One worker.</summary>
internal sealed partial class StreamAppender(NatsStream stream, StreamFollower follower, DurableLog copy, LogClock clock, ulong run, int maxUncommitted, ILogger logger)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(100);

    // A stream elects another leader within some seconds; whoever looks need not be told of each.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly PendingQueue _queue = new(maxUncommitted, StreamMessage.MostBytes, clock.Time);
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private volatile Failure? _failure;
    private long _number;

    public TimeSpan StalledFor => _queue.StalledFor;

    /// <summary>Null while entries come into the stream and from there into this node's log.</summary>
    public string? Unwritable => _failure is { } failure && clock.Time.GetElapsedTime(failure.Since) > Patience ? "stream: " + failure.Problem : copy.Unwritable;

    public async ValueTask<Task<long>> AppendAsync(EntryBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Count == 0)
            throw new ArgumentException("an empty batch has no position; append at least one entry", nameof(batch));
        while (true)
        {
            if (_queue.TryAppend(batch, out var room) is { } commit)
            {
                _wake.Writer.TryWrite(true);
                return commit;
            }
            await room.WaitAsync(cancellationToken);
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await _wake.Reader.ReadAsync(cancellationToken);
                while (_queue.Take() is { } group)
                    await SendAsync(group, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Refuse(new ObjectDisposedException(nameof(DurableLog), "the log was closed before these entries were durable"));
        }
        catch (Exception error)
        {
            Refuse(error);
            throw;
        }
    }

    private async Task SendAsync(PendingGroup group, CancellationToken cancellationToken)
    {
        try
        {
            var last = 0L;
            foreach (var (start, length, count) in Parts(group))
                last = await SendAsync(group.Group.Slice(GroupHeader.Size + start, length).ToArray(), count, cancellationToken);
            // Of a group in parts, which is one batch, the first position does not follow from the last: whoever waits is told the last.
            group.Complete(last - group.Count + 1);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            group.Fail(new ObjectDisposedException(nameof(DurableLog), "the log was closed before these entries were durable"));
            throw;
        }
        catch (Exception error)
        {
            group.Fail(error);
            throw;
        }
        finally
        {
            _queue.Done(group);
        }
    }

    /// <summary>A message's worth each. One that is cut was one large batch.</summary>
    private static List<(int Start, int Length, int Count)> Parts(PendingGroup group)
    {
        var parts = new List<(int, int, int)>();
        var rest = (ReadOnlySpan<byte>)group.Group[GroupHeader.Size..];
        var (start, length, count) = (0, 0, 0);
        while (rest.Length > 0)
        {
            var before = rest.Length;
            EntryCodec.NextBody(ref rest, out _);
            var entry = before - rest.Length;
            if (count > 0 && length + entry > StreamMessage.MostBytes)
            {
                parts.Add((start, length, count));
                (start, length, count) = (start + length, 0, 0);
            }
            (length, count) = (length + entry, count + 1);
        }
        parts.Add((start, length, count));
        return parts;
    }

    private async Task<long> SendAsync(byte[] entries, int count, CancellationToken cancellationToken)
    {
        var header = new StreamMessage(run, ++_number, clock.Now(), count);
        // The same bytes at every try: whichever comes through is the one that counts.
        var message = header.ToBytes(entries);
        var stored = follower.WillCome(header.Number);
        while (await PublishAsync(header.Id, message, cancellationToken) is var sequence && !await follower.CameAsync(header.Number, sequence, cancellationToken))
        {
            LogNotThere(header.Id, sequence);
            await Task.Delay(RetryAfter, clock.Time, cancellationToken);
        }
        return await stored.WaitAsync(cancellationToken);
    }

    /// <returns>As what it stands in the stream, as its leader says.</returns>
    private async Task<ulong> PublishAsync(string id, byte[] message, CancellationToken cancellationToken)
    {
        while (true)
        {
            var behind = follower.Sequence;
            try
            {
                var (sequence, wasThere) = await stream.PublishAsync(id, message, isFirst: false, cancellationToken);
                if (!wasThere && sequence <= behind)
                    throw new InvalidDataException($"the stream gave the number {sequence} to a new message, but this node has read up to {behind}: the stream has lost its end. docs/operating.md, Cluster, says what to do");
                if (_failure is not null)
                    LogTakesAgain();
                _failure = null;
                return sequence;
            }
            catch (Exception error) when (NatsStream.IsPassing(error) && !cancellationToken.IsCancellationRequested)
            {
                if (_failure is null)
                    LogTakesNothing(error.Message);
                _failure = new Failure(_failure?.Since ?? clock.Time.GetTimestamp(), error.Message);
                await Task.Delay(RetryAfter, clock.Time, cancellationToken);
            }
        }
    }

    private void Refuse(Exception error)
    {
        _queue.Close(error);
        while (_queue.Take() is { } group)
        {
            group.Fail(error);
            _queue.Done(group);
        }
    }

    private sealed record Failure(long Since, string Problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the stream takes nothing for now; nothing is acknowledged, and what waits is sent again: {Problem}")]
    private partial void LogTakesNothing(string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the stream acknowledged {Id} as message {Sequence}, which is another one on most servers; it is sent again")]
    private partial void LogNotThere(string id, ulong sequence);

    [LoggerMessage(Level = LogLevel.Information, Message = "the stream takes entries again")]
    private partial void LogTakesAgain();
}
