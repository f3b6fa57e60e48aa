namespace Telemetry.Ingest.Store.Influx;

/// <summary>Sends lines until each is stored or refused for good; docs/influx.md has the table of answers. For one thread at a time.</summary>
/// <param name="right">A line that is certainly right: nothing is given up on the word of a server that refuses that too.</param>
/// <param name="maxLines">Of one request, from 1.</param>
internal sealed class LineSender(InfluxClient client, string bucket, Func<ReadOnlyMemory<byte>> right, RefusedLines refused, int maxLines)
{
    /// <exception cref="StoreAwayException">Some of them may be stored; all may be sent again.</exception>
    public async Task SendAsync(LineBuffer lines, CancellationToken cancellationToken)
    {
        for (var line = 0; line < lines.Count; line += maxLines)
            await SendAsync(lines, line, Math.Min(lines.Count, line + maxLines), cancellationToken);
    }

    /// <summary>A line of our own, such as a position: it is stored, or nothing is.</summary>
    /// <exception cref="StoreAwayException">It is not stored.</exception>
    public async Task SendAsync(ReadOnlyMemory<byte> line, CancellationToken cancellationToken)
    {
        var verdict = await client.WriteAsync(line, bucket, cancellationToken);
        if (verdict is not { Action: InfluxAction.Done, Reason: "stored" })
            throw new StoreAwayException(verdict.Detail) { RetryAfter = verdict.RetryAfter };
    }

    private async Task SendAsync(LineBuffer lines, int from, int to, CancellationToken cancellationToken)
    {
        var verdict = await client.WriteAsync(lines.Lines(from, to), bucket, cancellationToken);
        if (verdict.Action == InfluxAction.Done)
        {
            if (verdict.Reason == InfluxVerdict.BeyondRetention)
                refused.Count(verdict.Reason, verdict.Detail, InfluxVerdict.DroppedOf(verdict.Detail) ?? to - from);
            return;
        }
        var alone = to - from == 1;
        var doubtful = verdict.Action == InfluxAction.Probe || (verdict.Action == InfluxAction.Split && alone);
        if (verdict.Action is InfluxAction.Retry or InfluxAction.Credentials || (doubtful && !await IsRightAsync(cancellationToken)))
            throw new StoreAwayException(verdict.Detail) { RetryAfter = verdict.RetryAfter };
        if (alone || (verdict.Action == InfluxAction.FindLine && InfluxVerdict.DroppedOf(verdict.Detail) == to - from))
        {
            for (var line = from; line < to; line++)
                refused.Add(lines.Lines(line, line + 1).Span, verdict.Reason, verdict.Detail);
            return;
        }
        var middle = from + ((to - from) / 2);
        await SendAsync(lines, from, middle, cancellationToken);
        await SendAsync(lines, middle, to, cancellationToken);
    }

    private async Task<bool> IsRightAsync(CancellationToken cancellationToken) =>
        (await client.WriteAsync(right(), bucket, cancellationToken)).Action == InfluxAction.Done;
}
