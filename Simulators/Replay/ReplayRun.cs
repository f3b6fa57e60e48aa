using System.Runtime.CompilerServices;
using Telemetry.Simulators.Faults;

namespace Telemetry.Simulators.Replay;

/// <summary>How a recording is played.</summary>
/// <param name="Speed">How many times faster than life, above 0; infinity for as fast as it goes.</param>
/// <param name="Shift">Added to the times that are sent, ms.</param>
/// <param name="Gateway">Null for the recorded ones.</param>
public sealed record ReplayPlan(Recording Recording, Survey Survey, double Speed, long Shift, string? Gateway)
{
    /// <summary>What goes wrong with the readings on their way; times since the recording's first.</summary>
    public FaultPlan Faults { get; init; } = FaultPlan.None;

    /// <summary>Takes a line for everything that a fault makes different, with the recording's times.</summary>
    public Action<Injection> Ledger { get; init; } = _ => { };
}

/// <summary>What became of a replay, in readings; each is a message. With faults the messages that these have left, and a gateway's status is one too.</summary>
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
    private long _messages;
    private bool _isEnded;

    /// <summary>To pause it.</summary>
    public ReplayClock Clock { get; } = new(time, plan.Speed, plan.Survey.First);

    /// <summary>Which share of the recorded time has been sent, 0 to 1; may be read while it runs.</summary>
    public double Share => Math.Min(1, (double)(Interlocked.Read(ref _moment) - plan.Survey.First) / Math.Max(1, plan.Survey.Last - plan.Survey.First));

    public async Task<ReplayResult> RunAsync(CancellationToken cancellationToken)
    {
        var link = new ReplayLink(target, time);
        var started = time.GetTimestamp();
        Clock.Start();
        await link.RunAsync(MessagesAsync(cancellationToken), cancellationToken);
        var isStopped = cancellationToken.IsCancellationRequested && !_isEnded;
        return new ReplayResult(
            _isEnded ? _messages : plan.Survey.Readings, link.Sent, link.Acknowledged, link.Refused, link.Resent, link.Drops, plan.Survey.BadRowCount, time.GetElapsedTime(started).TotalSeconds, plan.Shift, isStopped, link.Error ?? link.Refusal);
    }

    public void Dispose() => Clock.Dispose();

    private async IAsyncEnumerable<(string Topic, byte[] Payload)> MessagesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var (due, topic, payload) in Messages())
        {
            await Clock.WaitAsync(due, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested)
                yield break;
            _messages++;
            yield return (topic, payload);
            Interlocked.Exchange(ref _moment, due);
        }
        _isEnded = true;
    }

    // Without faults what was recorded is sent as it was written.
    private IEnumerable<(long Due, string Topic, byte[] Payload)> Messages()
    {
        var recording = plan.Recording.Read(_ => { });
        if (plan.Faults.Faults.Count == 0)
            return recording.Select(reading => (reading.Time, ReplayTopic.Of(reading, plan.Gateway), ReplayPayload.Write(reading, plan.Shift)));
        var faults = new FaultLayer(plan.Faults, plan.Survey.First, plan.Ledger);
        return FaultyReplay.Over(recording, faults, plan.Gateway).Select(sending =>
        {
            var (topic, payload) = FaultyReplay.Message(sending.What, plan.Shift);
            return (sending.Due, topic, payload);
        });
    }
}
