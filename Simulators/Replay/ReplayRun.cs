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

    /// <summary>The times sent end when the replay does: a seek makes them end earlier, or later.</summary>
    public bool EndsNow { get; init; }

    /// <summary>Takes a line for everything that a fault makes different, with the recording's times.</summary>
    public Action<Injection> Ledger { get; init; } = _ => { };
}

/// <summary>What became of a replay, in readings; each is a message. With faults the messages that these have left, and a gateway's status is one too; after a seek those that were played.</summary>
/// <param name="Resent">Left again on a new connection.</param>
/// <param name="BadRows">Left out.</param>
/// <param name="ShiftMs">At the end: a seek may change it.</param>
/// <param name="Seeks">How many times it was set to another moment.</param>
/// <param name="Stopped">Ended by request before the recording's end.</param>
/// <param name="Error">Why it gave up, or the first refusal; null where all went well.</param>
public sealed record ReplayResult(long Readings, long Sent, long Acknowledged, long Refused, long Resent, int Drops, long BadRows, double Seconds, long ShiftMs, int Seeks, bool Stopped, string? Error)
{
    public double ReadingsPerSecond => Seconds > 0 ? Acknowledged / Seconds : 0;

    public bool IsWhole => !Stopped && Error is null && Acknowledged == Readings;
}

/// <summary>Plays a recording into a broker. One run per instance.</summary>
public sealed class ReplayRun(ReplayPlan plan, ReplayTarget target, TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();
    private long _moment = plan.Survey.First;
    private long _shift = plan.Shift;
    private long _messages;
    private bool _isEnded;

    /// <summary>To pause it; <see cref="Seek"/> sets it.</summary>
    public ReplayClock Clock { get; } = new(time, plan.Speed, plan.Survey.First);

    /// <summary>Which share of the recorded time has been sent, 0 to 1; may be read while it runs.</summary>
    public double Share => Math.Min(1, (double)(Interlocked.Read(ref _moment) - plan.Survey.First) / Math.Max(1, plan.Survey.Last - plan.Survey.First));

    /// <summary>With faults it plays from the first to the last: what a fault does depends on what came before.</summary>
    public bool CanSeek => plan.Faults.Faults.Count == 0;

    /// <summary>Goes on a time further into the recording, or back; not before its first reading, nor after its last.</summary>
    /// <exception cref="InvalidOperationException">It has faults.</exception>
    public void Seek(TimeSpan by)
    {
        if (!CanSeek)
            throw new InvalidOperationException("a replay with faults can't seek");
        lock (_gate)
        {
            var to = Math.Clamp(_moment + (long)by.TotalMilliseconds, plan.Survey.First, plan.Survey.Last);
            // What is skipped takes no time, so the end comes that much earlier.
            if (plan.EndsNow)
                _shift -= (long)((to - _moment) / Math.Max(1, plan.Speed));
            _moment = to;
            Clock.Seek(to);
        }
    }

    public async Task<ReplayResult> RunAsync(CancellationToken cancellationToken)
    {
        var link = new ReplayLink(target, time);
        var started = time.GetTimestamp();
        Clock.Start();
        await link.RunAsync(MessagesAsync(cancellationToken), cancellationToken);
        var isStopped = cancellationToken.IsCancellationRequested && !_isEnded;
        return new ReplayResult(
            _isEnded ? _messages : plan.Survey.Readings, link.Sent, link.Acknowledged, link.Refused, link.Resent, link.Drops, plan.Survey.BadRowCount, time.GetElapsedTime(started).TotalSeconds, _shift, Clock.Sought.Seeks, isStopped, link.Error ?? link.Refusal);
    }

    public void Dispose() => Clock.Dispose();

    private async IAsyncEnumerable<(string Topic, byte[] Payload)> MessagesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var isSought = true; isSought;)
        {
            int seeks;
            long from, shift;
            lock (_gate)
                ((seeks, from), shift) = (Clock.Sought, _shift);
            isSought = false;
            foreach (var (due, topic, payload) in Messages(from, shift))
            {
                await Clock.WaitAsync(due, seeks, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (cancellationToken.IsCancellationRequested)
                    yield break;
                if (isSought = Clock.Sought.Seeks != seeks)
                    break;
                _messages++;
                yield return (topic, payload);
                lock (_gate)
                    _moment = Clock.Sought.Seeks == seeks ? due : _moment;
            }
        }
        _isEnded = true;
    }

    // Without faults what was recorded is sent as it was written.
    private IEnumerable<(long Due, string Topic, byte[] Payload)> Messages(long from, long shift)
    {
        var recording = plan.Recording.Read(_ => { });
        if (plan.Faults.Faults.Count == 0)
            return recording.SkipWhile(reading => reading.Time < from).Select(reading => (reading.Time, ReplayTopic.Of(reading, plan.Gateway), ReplayPayload.Write(reading, shift)));
        var faults = new FaultLayer(plan.Faults, plan.Survey.First, plan.Ledger);
        return FaultyReplay.Over(recording, faults, plan.Gateway).Select(sending =>
        {
            var (topic, payload) = FaultyReplay.Message(sending.What, shift);
            return (sending.Due, topic, payload);
        });
    }
}
