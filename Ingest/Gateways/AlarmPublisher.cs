using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Telemetry.Ingest.Alarms;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Gateways;

/// <summary>
/// Alarms out over MQTT: retained while an alarm is not normal, then emptied. Off the rules' thread; where publishing falls behind, the
/// last state of a topic is what goes out, never an older one instead of it. Retained messages are rebuilt from the alarms at start.
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
    private readonly Lock _gate = new();
    private readonly System.Threading.Channels.Channel<bool> _something = System.Threading.Channels.Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    // What stands (or will) under which topic, by device, rule and instance: a device that moves leaves its old topic behind.
    private readonly Dictionary<(string Device, string Rule, string? Instance), Standing> _standing = [];
    private readonly Dictionary<string, Alarm?> _pending = [];

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
            while (true)
            {
                await _something.Reader.ReadAsync(cancellationToken);
                while (TryTakePending(out var topic, out var alarm))
                {
                    if (await PublishAsync(topic, alarm, cancellationToken))
                        continue;
                    PutBack(topic, alarm);
                    break;
                }
            }
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
            _something.Writer.TryWrite(true);
        }
    }

    private bool TryTakePending([NotNullWhen(true)] out string? topic, out Alarm? alarm)
    {
        lock (_gate)
        {
            foreach (var (first, state) in _pending)
            {
                (topic, alarm) = (first, state);
                return _pending.Remove(first);
            }
            (topic, alarm) = (null, null);
            return false;
        }
    }

    private void PutBack(string topic, Alarm? alarm)
    {
        lock (_gate)
            _pending.TryAdd(topic, alarm);
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
                _pending[topic] = alarm;
            }
            else if (alarm.State == AlarmState.Normal)
            {
                // An occurrence that ended because the next one began says nothing any more.
                if (before is not null && before.Alarm.Id != alarm.Id)
                    return;
                _standing.Remove(key);
                _pending[before?.Topic ?? topic] = null;
            }
            else
            {
                if (before is not null && before.Topic != topic)
                    _pending[before.Topic] = null;
                _standing[key] = new(topic, alarm);
                _pending[topic] = alarm;
            }
            _something.Writer.TryWrite(true);
        }
    }

    // An event is never "not normal": it is told once and not retained.
    private Task<bool> PublishAsync(string topic, Alarm? alarm, CancellationToken cancellationToken) =>
        publish(topic, alarm is null ? default : Payload(alarm), alarm is not { Kind: AlarmKind.Event }, cancellationToken);

    private ReadOnlyMemory<byte> Payload(Alarm alarm) => AlarmJson.Write(alarm, findRule(alarm));

    private sealed record Standing(string Topic, Alarm Alarm);
}
