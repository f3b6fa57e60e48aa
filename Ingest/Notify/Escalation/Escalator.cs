using Telemetry.Ingest.Notify.Rota;
using Telemetry.Ingest.Notify.Routing;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Notify.Escalation;

/// <summary>
/// The journal's transitions and a clock in, messages out: who is told of each alarm, until someone accepts. Pure: the same transitions and times give the
/// same messages, from any restart on. An alarm that is announced anew (it climbed, it came out from beneath an overlay) begins anew.
/// </summary>
internal sealed class Escalator
{
    private readonly NotifyFile _file;
    private readonly EscalationState _state;
    private readonly Router _router;
    private readonly OnCall _onCall;
    private readonly Outgoing _outgoing;

    /// <param name="state">Goes on under another file too: steps and persons are looked up when they are due.</param>
    public Escalator(NotifyFile file, EscalationState state)
    {
        (_file, _state, _router, _onCall, _outgoing) = (file, state, new Router(file), new OnCall(file), new Outgoing(file, state));
        foreach (var lane in state.Lanes.Where(lane => lane.Items.Count > 0 && !file.People.ContainsKey(lane.Recipient) && !file.Robots.ContainsKey(lane.Recipient)).ToList())
            Reassign(lane);
    }

    /// <param name="calendar">In force at the alarm's device.</param>
    /// <returns>What was due before the transition. What follows from it comes with <see cref="Advance"/>, so that one entry's places go together.</returns>
    public IReadOnlyList<Message> Apply(AlarmTransition transition, CalendarKinds calendar)
    {
        _state.Digest ??= NextDigest(transition.ReceivedAt - 1);
        var messages = TakeDue(transition.ReceivedAt - 1);
        Take(transition, calendar);
        return messages;
    }

    /// <summary>The same of what was not followed when it came: no step is taken that was due before it.</summary>
    public void Take(AlarmTransition transition, CalendarKinds calendar)
    {
        var alarm = transition.Alarm;
        if (alarm.Kind == AlarmKind.Event || alarm.Mode == Modes.Test)
            return;
        var before = _state.Find(alarm.Id);
        if (alarm is { Family: "system", Rule: "drill_ended" } && transition.Cause == "raised")
            EndDrill(transition);
        if (Announces(transition, before))
            Announce(transition, calendar, before);
        else if (before is not null)
            Follow(before, transition);
    }

    /// <param name="now">Unix ms; never goes back.</param>
    /// <returns>What is due, in order.</returns>
    public IReadOnlyList<Message> Advance(long now)
    {
        // The file may say other times by now; one that has passed meanwhile is made up for.
        if ((_state.Digest ?? long.MaxValue) > now && NextDigest(now) is var next && _state.Digest != next)
            _state.Digest = next;
        return TakeDue(now);
    }

    // Before a transition too, which may be known later than it was: a digest's time that is over by the clock does not come again with it.
    private List<Message> TakeDue(long now)
    {
        var messages = new List<Message>();
        while (_state.TakeDue(now) is { } due)
        {
            if (due.Notice is { } notice)
                TakeStep(notice, notice.Transition, due.At);
            else if (due.Lane is { } lane)
                messages.Add(_outgoing.Send(lane, due.At));
            else
            {
                messages.AddRange(Digest(due.At));
                _state.Digest = NextDigest(due.At + 1);
            }
        }
        return messages;
    }

    private static bool Announces(AlarmTransition transition, Notice? before) =>
        transition.Alarm is { Beneath: null, State: not AlarmState.Normal, AnnouncedAt: { } at } && at == transition.ReceivedAt && transition.Cause switch
        {
            "raised" or "climbed" or "escalated" or "recurred" or "cause_over" or "unshelved" or "unsuppressed" or "returned_to_service" or "shelve_expired" or "suppression_expired" or "live" => true,
            // These may announce, or not: then it was announced at this moment before.
            "cleared" or "amended_by_late_data" => before?.AnnouncedAt != at,
            _ => false,
        };

    private void Announce(AlarmTransition transition, CalendarKinds calendar, Notice? before)
    {
        var alarm = transition.Alarm;
        _outgoing.Withdraw(alarm);
        var notice = new Notice
        {
            Alarm = alarm,
            Transition = transition.Id,
            Severity = alarm.Severity,
            AnnouncedAt = transition.ReceivedAt,
            Calendar = calendar,
            Told = before?.Told ?? [],
        };
        var waits = !notice.IsDrill && _router.Of(notice.Query, notice.AnnouncedAt).IsDigest;
        _state.Set(notice with { InDigest = waits, Due = waits ? null : transition.ReceivedAt });
    }

    private void Follow(Notice before, AlarmTransition transition)
    {
        var alarm = transition.Alarm;
        if (transition.Cause == "moved" && alarm.AcceptedBy is null && Asks(alarm) && !before.IsDrill && IsOthers(before, alarm))
        {
            Announce(transition, before.Calendar, before);
            return;
        }
        var notice = before with { Alarm = alarm, OverTold = before.OverTold && !alarm.Holds };
        if (transition.Cause == "amended_by_late_data")
            notice = TellQuietly(notice, transition, PlaceNews.Amended, notice.Told) with { OverTold = !alarm.Holds };
        else if (!alarm.Holds && !notice.OverTold)
            notice = TellQuietly(notice, transition, IsUnwatched(before.Alarm, transition) ? PlaceNews.Unwatched : PlaceNews.Over, WhoExpects(notice, transition.ReceivedAt));
        if (alarm.State == AlarmState.Normal)
        {
            _outgoing.Withdraw(alarm);
            _state.Remove(notice);
        }
        else if (alarm.AcceptedBy is not null || !Asks(alarm))
        {
            _outgoing.Withdraw(alarm);
            _state.Set(notice with { Due = null, InDigest = notice.InDigest && alarm.AcceptedBy is null && alarm.IsShown });
        }
        else if (notice.InDigest)
            _state.Set(notice);
        else if (transition.Cause == "declined")
            // What the digest brought is in the next one: a ticket wakes nobody.
            _state.Set(notice is { Steps: 0, IsDrill: false } && _router.Of(notice.Query, notice.AnnouncedAt).IsDigest ? notice with { InDigest = true } : notice with { Due = transition.ReceivedAt });
        else if (transition.Cause == "re_sounded" && notice.Due is null)
            TakeStep(notice, transition.Id, transition.ReceivedAt);
        else
            _state.Set(notice);
    }

    /// <summary>Where it is now others answer for it, or in other steps: they are asked from the first one on.</summary>
    private bool IsOthers(Notice before, Alarm alarm)
    {
        var (was, now) = (_router.Of(before.Query, before.AnnouncedAt), _router.Of((before with { Alarm = alarm }).Query, before.AnnouncedAt));
        return was.Team != now.Team || !was.Steps.SequenceEqual(now.Steps);
    }

    /// <summary>It ends with its rule, or as its device goes into commissioning: a crew on its way must not take that for an all-clear.</summary>
    private static bool IsUnwatched(Alarm before, AlarmTransition transition) => before.Holds && transition.Cause is "commissioning" or "rule_removed";

    /// <summary>Somebody has to go: it stands, or waits latched for someone to look.</summary>
    private static bool Asks(Alarm alarm) => alarm.IsShown && alarm.State != AlarmState.ClearedUnacknowledged;

    /// <summary>Who is told that it is over: whoever knows of it, and whoever was about to.</summary>
    private IReadOnlyList<string> WhoExpects(Notice notice, long at)
    {
        // What is latched is asked for as before; beneath an overlay nothing waits.
        if (notice.Alarm.State is not (AlarmState.ClearedUnacknowledged or AlarmState.Normal))
            return notice.Told;
        IReadOnlyList<string> expecting = [.. notice.Told.Concat(_outgoing.Withdraw(notice.Alarm)).Distinct()];
        return expecting.Count > 0 || notice.Due is null ? expecting : notice.IsDrill ? _file.Drill : [Ask(notice, at).Person];
    }

    private Notice TellQuietly(Notice notice, AlarmTransition transition, PlaceNews news, IEnumerable<string> recipients)
    {
        foreach (var recipient in recipients)
            _outgoing.Put(recipient, MessageKind.Quiet, notice.IsDrill, new Place(transition.Alarm, transition.Id, news, notice.Steps), _outgoing.Ways(recipient, [MessageChannel.Sms, MessageChannel.Mail, MessageChannel.Push]), transition.ReceivedAt);
        return notice with { OverTold = !transition.Alarm.Holds };
    }

    /// <param name="transition">By which the step is known; another one repeats the last step.</param>
    private void TakeStep(Notice notice, string transition, long at)
    {
        var place = new Place(notice.Alarm, transition, PlaceNews.Stands, notice.Steps);
        if (notice.IsDrill)
        {
            _state.Set(notice with { Due = null, Steps = notice.Steps + 1 });
            foreach (var person in _file.Drill)
                Put(person, null);
            return;
        }
        var (routed, step, asked) = Ask(notice, at, isInPlace: transition == notice.Transition);
        var next = notice.Steps + 1;
        _state.Set(notice with
        {
            Steps = next,
            Asked = [.. notice.Asked.Append(asked).Distinct()],
            Due = next < routed.Steps.Count ? Math.Max(at, notice.AnnouncedAt + routed.Steps[next].After) : null,
        });
        Put(asked, step.By);
        foreach (var robot in notice.Steps == 0 ? routed.Route.Copies : [])
            Put(robot, null);

        void Put(string recipient, IReadOnlyList<MessageChannel>? by) =>
            _outgoing.Put(recipient, Outgoing.KindOf(notice.Severity, by), notice.IsDrill, place, _outgoing.Ways(recipient, by ?? _file.Channels[notice.Severity]), at);
    }

    /// <param name="isInPlace">Where all steps are taken: somebody has declined since, and another one is asked. It does not sound again.</param>
    private (Routed Routed, RouteStep Step, string Person) Ask(Notice notice, long at, bool isInPlace = false)
    {
        var routed = _router.Of(notice.Query, notice.AnnouncedAt);
        var isRepeat = notice.Steps >= routed.Steps.Count;
        // A file that has come since may leave to the digest what was under way.
        var step = routed.IsDigest ? new RouteStep(0, StepTarget.OnCall) : routed.Steps[Math.Min(notice.Steps, routed.Steps.Count - 1)];
        var person = !isRepeat ? _onCall.Of(routed.Team, step.To, at, notice.Asked)
            : isInPlace && notice.Steps > 0 ? _onCall.Of(routed.Team, StepTarget.Next, at, notice.Asked)
            : _onCall.Of(routed.Team, step.To, at, []);
        // Whoever has said no is not asked again while there is somebody else.
        if (isRepeat && notice.Alarm.DeclinedBy is { } by && (person == by || _file.People.GetValueOrDefault(person)?.Name == by))
            person = _onCall.Of(routed.Team, StepTarget.Leader, at, [person]);
        return (routed, step, person);
    }

    private void EndDrill(AlarmTransition transition)
    {
        foreach (var person in _file.Drill)
            _outgoing.Put(person, MessageKind.Call, false, new Place(transition.Alarm, transition.Id, PlaceNews.DrillEnded, 0), _outgoing.Ways(person, _file.Channels[Severity.Critical]), transition.ReceivedAt);
    }

    private IEnumerable<Message> Digest(long at)
    {
        var byTeam = _state.Notices.Where(notice => notice.InDigest && Asks(notice.Alarm)).GroupBy(notice => _router.Of(notice.Query, notice.AnnouncedAt).Team.Name).ToDictionary(group => group.Key, group => group.ToList());
        foreach (var team in _file.Teams.Where(team => byTeam.ContainsKey(team.Name)))
        {
            var person = _onCall.Of(team, StepTarget.OnCall, at, []);
            var places = byTeam[team.Name].OrderByDescending(notice => notice.Severity).ThenBy(notice => notice.AnnouncedAt).ThenBy(notice => notice.Alarm.Id, StringComparer.Ordinal)
                .Select(notice => new Place(notice.Alarm, notice.Transition, PlaceNews.Stands, 0)).ToList();
            foreach (var notice in byTeam[team.Name])
                _state.Set(notice with { InDigest = false });
            yield return new Message(FormattableString.Invariant($"digest-{at}.{team.Name}.{person}"), person, false, MessageKind.Digest, false, _outgoing.Ways(person, _file.DigestChannels), places, at);
        }
    }

    private long NextDigest(long from) => _file.Digest.Min(time => LocalTime.Next(time, from));

    /// <summary>Whoever was about to be told is no longer in the file: somebody else is asked.</summary>
    private void Reassign(Lane lane)
    {
        _state.Set(lane with { Items = [] });
        // Of a robot nobody waits.
        foreach (var item in lane.Items.Where(item => lane.Kind is not null && item.Place.News == PlaceNews.Stands))
        {
            // Unless the next one has been asked already: the same step again.
            if (_state.Find(item.Place.Alarm.Id) is { } notice && notice.Steps == item.Place.Step + 1)
                _state.Set(notice with { Due = item.Since, Steps = item.Place.Step, Asked = [.. notice.Asked.Where(person => person != lane.Recipient)] });
        }
    }
}
