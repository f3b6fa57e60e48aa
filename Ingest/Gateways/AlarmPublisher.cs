using System.Threading.Channels;
using Telemetry.Ingest.Alarms;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Gateways;

/// <summary>
/// Alarms out over MQTT: retained while an alarm is not normal, then emptied. Off the rules' thread, the longest waiting topic first, some on
/// their way at once but of a topic one after another; where publishing falls behind, the last state of a topic is what goes out, never an
/// older one instead of it. Retained messages are rebuilt from the alarms at start.
/// </summary>
/// <param name="findRule">The rule as it stands now, or null.</param>
/// <param name="publish">
/// Topic, payload, retain. False where it can't be done for now: the last state of each topic waits for <see cref="Reconcile"/>.
/// </param>
public sealed class AlarmPublisher(
    AlarmFeed feed,
    Func<IReadOnlyList<Alarm>> openAlarms,
    Func<Alarm, Rule?> findRule,
    Func<string, ReadOnlyMemory<byte>, bool, CancellationToken, Task<bool>> publish)
{
    // A broker that takes few at once takes ten (HiveMQ; Mosquitto twenty).
    private const int AtOnce = 8;

    private readonly Lock _gate = new();

    // Topics whose turn it is, the longest waiting one first. What is to be said of each stands in _pending, where it stays without a turn
    // once it could not be published, until Reconcile.
    private readonly Channel<string> _turns = System.Threading.Channels.Channel.CreateUnbounded<string>();

    // What stands (or will) under which topic, by device, rule and instance: a device that moves leaves its old topic behind.
    private readonly Dictionary<(string Device, string Rule, string? Instance), Standing> _standing = [];
    private readonly Dictionary<string, Alarm?> _pending = [];
    private readonly HashSet<string> _underWay = [];
    private int _reconciled;

    /// <summary>Publishes until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var subscription = feed.Listen(transition => Take(transition.Alarm));
        // Within the gate, so that a transition that follows the list is not undone by it.
        lock (_gate)
        {
            foreach (var alarm in openAlarms().Reverse())
                Take(alarm);
        }
        try
        {
            var some = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(_turns.Reader.ReadAllAsync(cancellationToken), some, PublishAsync);
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>The receiver is there (again): what it has retained of alarms that ended goes, what it lacks or has otherwise is published.</summary>
    /// <param name="retained">Payloads by topic, everything under <c>alarms/v1/</c>.</param>
    public void Reconcile(IReadOnlyDictionary<string, byte[]> retained)
    {
        lock (_gate)
        {
            var standing = _standing.Values.ToDictionary(one => one.Topic);
            foreach (var topic in retained.Keys.Where(topic => !standing.ContainsKey(topic)))
                _pending.TryAdd(topic, null);
            foreach (var (topic, one) in standing)
            {
                if (retained.TryGetValue(topic, out var payload) && Payload(one.Alarm).Span.SequenceEqual(payload))
                    _pending.Remove(topic);
                else
                    _pending[topic] = one.Alarm;
            }
            _reconciled++;
            foreach (var topic in _pending.Keys)
                _turns.Writer.TryWrite(topic);
        }
    }

    private async ValueTask PublishAsync(string topic, CancellationToken cancellationToken)
    {
        Alarm? alarm;
        int reconciled;
        lock (_gate)
        {
            if (_underWay.Contains(topic) || !_pending.Remove(topic, out alarm))
                return;
            _underWay.Add(topic);
            reconciled = _reconciled;
        }
        // An event is never "not normal": it is told once and not retained.
        var published = await publish(topic, alarm is null ? default : Payload(alarm), alarm is not { Kind: AlarmKind.Event }, cancellationToken);
        lock (_gate)
        {
            _underWay.Remove(topic);
            if (!published)
                _pending.TryAdd(topic, alarm);
            if (_pending.ContainsKey(topic) && (published || reconciled != _reconciled))
                _turns.Writer.TryWrite(topic);
        }
    }

    private void Pend(string topic, Alarm? alarm)
    {
        if (_pending.TryAdd(topic, alarm))
            _turns.Writer.TryWrite(topic);
        else
            _pending[topic] = alarm;
    }

    private void Take(Alarm alarm)
    {
        lock (_gate)
        {
            var topic = AlarmTopics.Of(alarm);
            var key = (alarm.Device, alarm.Rule, alarm.Instance);
            var before = _standing.GetValueOrDefault(key);
            if (alarm.Kind == AlarmKind.Event)
            {
                Pend(topic, alarm);
            }
            else if (alarm.State == AlarmState.Normal)
            {
                // An occurrence that ended because the next one began says nothing any more.
                if (before is not null && before.Alarm.Id != alarm.Id)
                    return;
                _standing.Remove(key);
                Pend(before?.Topic ?? topic, null);
            }
            else
            {
                if (before is not null && before.Topic != topic)
                    Pend(before.Topic, null);
                _standing[key] = new(topic, alarm);
                Pend(topic, alarm);
            }
        }
    }

    private ReadOnlyMemory<byte> Payload(Alarm alarm) => AlarmJson.Write(alarm, findRule(alarm));

    private sealed record Standing(string Topic, Alarm Alarm);
}
