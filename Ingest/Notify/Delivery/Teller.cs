using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Notify.Escalation;
using Telemetry.Ingest.Notify.Routing;
using Telemetry.Ingest.State;
using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.Notify.Delivery;

/// <summary>
/// Runs the telling: follows the journal in the projections, lets the clock pass, and puts the messages into the outbox in one transaction with the state and
/// the place in the journal. A start without a place in this journal, or with one too far behind, tells nobody of the past: what stands is told once, from now on.
/// </summary>
/// <param name="log">Name of the log, see <see cref="Log.LogId"/>.</param>
/// <param name="now">Unix ms, never backwards. Where several nodes follow the same journal, the time of its log, less 1: then they make the same messages; below 0 it is not known yet.</param>
internal sealed class Teller(
    NotifySource source, StateDatabase journal, OutboxDatabase outbox, DeviceDirectory devices, CalendarDirectory calendar, IReadOnlyList<string> channels, string log, Func<long> now)
{
    /// <summary>What the journal has said longer ago than this, while nobody followed it, is the past.</summary>
    public const long TooOld = LocalTime.Hour;

    private NotifyFile? _file;
    private Escalator? _escalator;
    private EscalationState? _state;
    private long _position;

    /// <summary>Last entry of the log whose transitions have been followed. Any thread.</summary>
    public long Followed => Interlocked.Read(ref _position);

    /// <summary>One look at journal and clock.</summary>
    /// <returns>True if there is something new in the outbox.</returns>
    /// <exception cref="IOException">A database takes nothing; the next look begins where the last stored one ended.</exception>
    public bool Look()
    {
        try
        {
            return Follow(source.Current ?? throw new InvalidOperationException("nobody is told without a file"));
        }
        catch
        {
            // What is in memory has gone further than what is stored.
            _state = null;
            throw;
        }
    }

    private bool Follow(NotifyFile file)
    {
        var time = now();
        if (time < 0)
            return false;
        var messages = new List<Message>();
        var (isNew, isPast) = _state is null ? Load(time) : (false, false);
        if (_escalator is null || file != _file)
            (_file, _escalator) = (file, new Escalator(file, _state!));
        var until = journal.Position;
        var read = isPast;
        if (isPast)
            TellWhatStands(messages, until, time);
        foreach (var row in isPast ? [] : journal.Journal(_position + 1))
        {
            if (row.Position > until)
                break;
            read = true;
            Apply(messages, row.Transition());
        }
        messages.AddRange(_escalator.Advance(time));
        var changes = _state!.TakeChanges();
        if (read || messages.Count + changes.Count > 0)
            outbox.Commit(log, until, [.. messages.Select(Addressed)], changes, anew: isNew);
        Interlocked.Exchange(ref _position, until);
        return messages.Count > 0;
    }

    private (bool IsNew, bool IsPast) Load(long time)
    {
        _escalator = null;
        if (outbox.PositionIn(log) is not { } position)
        {
            (_state, _position) = (new EscalationState(), 0);
            return (true, true);
        }
        (_state, _position) = (EscalationState.Load(outbox.Escalation()), position);
        return (false, journal.Journal(position + 1).FirstOrDefault() is { } next && next.Transition().ReceivedAt < time - TooOld);
    }

    /// <summary>What stands and was not told yet, as if it were raised now, and of what was told, what has become of it. The rest of the past is passed over.</summary>
    private void TellWhatStands(List<Message> messages, long until, long time)
    {
        var ids = journal.OpenAlarmsAt(until).Select(alarm => alarm.Id).Union(_state!.Notices.Select(notice => notice.Alarm.Id));
        var lasts = ids.Select(id => journal.LastTransitionOf(id, until)).OfType<AlarmTransition>().ToLookup(IsFresh);
        // First, and before anything that was due meanwhile, so that nobody is asked for what is over or accepted.
        foreach (var last in lasts[false].Where(last => _state.Find(last.Alarm.Id) is not null && last.Position > _position).OrderBy(last => (last.Position, last.Ordinal)))
            _escalator!.Take(last, CalendarAt(last));
        // The id of its last transition: a start that is repeated gives the same key.
        foreach (var last in lasts[true].OrderBy(last => last.Alarm.RaisedAt).ThenBy(last => last.Alarm.Id, StringComparer.Ordinal))
            Apply(messages, last with { Cause = "raised", ReceivedAt = time, Alarm = last.Alarm with { AnnouncedAt = time } });
    }

    private bool IsFresh(AlarmTransition last) =>
        last.Alarm is { AcceptedBy: null, IsShown: true, State: not AlarmState.ClearedUnacknowledged, AnnouncedAt: { } at } && (_state!.Find(last.Alarm.Id) is not { } notice || at > notice.AnnouncedAt);

    private void Apply(List<Message> messages, AlarmTransition transition) =>
        messages.AddRange(_escalator!.Apply(transition, CalendarAt(transition)));

    private CalendarKinds CalendarAt(AlarmTransition transition) => CalendarFacts.InForce(calendar.All, devices.Find(transition.Alarm.Device), transition.ReceivedAt);

    private OutboxMessage Addressed(Message message)
    {
        IEnumerable<string> ways = message.IsRobot ? [ChannelNames.Robot(message.Recipient)] : WaysTo(message);
        // Programs get a copy of what a person is told.
        IEnumerable<string> copies = message.IsRobot ? [] : ChannelNames.Copies.Where(channels.Contains);
        return new OutboxMessage(
            message, _file!.People.GetValueOrDefault(message.Recipient)?.Name ?? message.Recipient,
            [(OutboxDatabase.Recipient, [.. ways.Where(channels.Contains)]), .. copies.Select(copy => (copy, (IReadOnlyList<string>)[copy]))]);
    }

    /// <summary>Those that are wanted; where none of them is configured, what else leads to the person, rather than nothing. What is quiet, or a list, does not ring.</summary>
    private IEnumerable<string> WaysTo(Message message)
    {
        var wanted = message.Channels.Select(ChannelNames.Of);
        if (wanted.Any(channels.Contains) || !_file!.People.TryGetValue(message.Recipient, out var person))
            return wanted;
        MessageChannel[] others = message.Kind switch
        {
            MessageKind.Call => [MessageChannel.Voice, MessageChannel.Sms, MessageChannel.Mail, MessageChannel.Push],
            MessageKind.Notice => [MessageChannel.Sms, MessageChannel.Mail, MessageChannel.Push, MessageChannel.Voice],
            _ => [MessageChannel.Sms, MessageChannel.Mail, MessageChannel.Push],
        };
        return others.Where(person.Has).Select(ChannelNames.Of);
    }
}
