using System.Runtime.CompilerServices;

namespace Telemetry.Simulators.Replay;

/// <summary>How a recording is played.</summary>
/// <param name="Speed">How many times faster than life, above 0; infinity for as fast as it goes.</param>
/// <param name="Shift">Added to the times that are sent, ms.</param>
/// <param name="Gateway">Null for the recorded ones.</param>
public sealed record ReplayPlan(Recording Recording, Survey Survey, double Speed, long Shift, string? Gateway);

/// <summary>What became of a replay, in readings; each is a message.</summary>
/// <param name="Resent">Left again on a new connection.</param>
/// <param name="BadRows">Left out.</param>
/// <param name="Stopped">Ended by request before the recording's end.</param>
/// <param name="Error">Why it gave up, or the first refusal; null where all went well.</param>
public sealed record ReplayResult(long Readings, long Sent, long Acknowledged, long Refused, long Resent, int Drops, long BadRows, double Seconds, long ShiftMs, bool Stopped, string? Error)
{
    public double ReadingsPerSecond => Seconds > 0 ? Acknowledged / Seconds : 0;

    public bool IsWhole => !Stopped && Error is null && Acknowledged == Readings;
}

/// <summary>Plays a recording into a broker. One run per instance.</summary>
public sealed class ReplayRun(ReplayPlan plan, ReplayTarget target, TimeProvider time) : IDisposable
{
    private long _moment = plan.Survey.First;

    /// <summary>To pause it.</summary>
    public ReplayClock Clock { get; } = new(time, plan.Speed, plan.Survey.First);

    /// <summary>Which share of the recorded time has been sent, 0 to 1; may be read while it runs.</summary>
    public double Share => (double)(Interlocked.Read(ref _moment) - plan.Survey.First) / Math.Max(1, plan.Survey.Last - plan.Survey.First);

    public async Task<ReplayResult> RunAsync(CancellationToken cancellationToken)
    {
        var link = new ReplayLink(target, time);
        var started = time.GetTimestamp();
        Clock.Start();
        await link.RunAsync(MessagesAsync(cancellationToken), cancellationToken);
        var isStopped = cancellationToken.IsCancellationRequested && link.Sent < plan.Survey.Readings;
        return new ReplayResult(
            plan.Survey.Readings, link.Sent, link.Acknowledged, link.Refused, link.Resent, link.Drops, plan.Survey.BadRowCount, time.GetElapsedTime(started).TotalSeconds, plan.Shift, isStopped, link.Error ?? link.Refusal);
    }

    public void Dispose() => Clock.Dispose();

    private async IAsyncEnumerable<(string Topic, byte[] Payload)> MessagesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var reading in plan.Recording.Read(_ => { }))
        {
            await Clock.WaitAsync(reading.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested)
                yield break;
            yield return (ReplayTopic.Of(reading, plan.Gateway), ReplayPayload.Write(reading, plan.Shift));
            Interlocked.Exchange(ref _moment, reading.Time);
        }
    }
}
