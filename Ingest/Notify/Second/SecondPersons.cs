using Telemetry.Ingest.Api;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Ingest.Notify.Escalation;
using Telemetry.Ingest.Notify.Rota;
using Telemetry.Ingest.Notify.Routing;
using Telemetry.Ingest.State;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Notify.Second;

/// <param name="Person">Id in Notify:File.</param>
/// <param name="Channels">By which the code goes, in order.</param>
/// <param name="Until">Unix ms.</param>
internal sealed record AskedSecond(string Person, string Name, IReadOnlyList<string> Channels, long Until);

/// <summary>
/// The second person who agrees to hiding what is critical: by a code that comes to their phone, or by their own token. With users and with somebody who can be told one
/// of them is needed; otherwise a name is enough, as the rules have it.
/// </summary>
public sealed class SecondPersons : IDisposable
{
    private readonly ServiceOptions _options;
    private readonly NotifySource _source;
    private readonly OutboxDatabase? _outbox;
    private readonly FamilyCatalog _families;
    private readonly DeviceDirectory _devices;
    private readonly CalendarDirectory _calendar;
    private readonly Func<long> _now;
    private readonly bool _hasUsers;
    private readonly bool _isKnownHereAlone;
    private readonly SecondCodes _codes;

    /// <param name="shared">Where the nodes share codes; null without <c>Cluster:Postgres</c>.</param>
    internal SecondPersons(ServiceOptions options, NotifySource source, OutboxDatabase? outbox, FamilyCatalog families, DeviceDirectory devices, CalendarDirectory calendar, bool hasUsers, Func<long> now, SharedList? shared)
    {
        (_options, _source, _outbox, _families, _devices, _calendar, _hasUsers, _now) = (options, source, outbox, families, devices, calendar, hasUsers, now);
        _isKnownHereAlone = options.Cluster is not null && shared is null;
        _codes = new SecondCodes(outbox is null ? null : shared, Send, now);
    }

    /// <summary>A typed name is not enough.</summary>
    public bool IsNeeded(string by) => _hasUsers && Reachable(by).Any();

    /// <summary>Who may be asked, by id.</summary>
    internal IEnumerable<Person> Reachable(string by) =>
        _outbox is null || _source.Current is not { } file ? [] : file.People.Values.Where(person => !IsSame(person, by) && WaysTo(file, person).Any());

    /// <inheritdoc cref="SharedList.FollowAsync"/>
    internal Task FollowAsync(CancellationToken cancellationToken) => _codes.FollowAsync(cancellationToken);

    /// <summary>Sends a code.</summary>
    /// <param name="person">Id of Notify:File; null for the leader of the team that the alarm goes to.</param>
    /// <exception cref="ApiException">404 <c>unknown_person</c>; 409 <c>same_person</c>, <c>unreachable</c>, <c>too_soon</c>, <c>not_critical</c>.</exception>
    /// <exception cref="IOException">As of <see cref="SecondCodes.MakeAsync"/>.</exception>
    internal async Task<AskedSecond> AskAsync(Alarm alarm, string by, string? person, CancellationToken cancellationToken)
    {
        if (alarm.Severity != Severity.Critical)
            throw ApiException.Conflict("not_critical", "only what is critical takes a second person");
        if (_outbox is null || _source.Current is not { } file)
            throw ApiException.NotFound("no_notify_file", "the service tells nobody: start it with --Notify:File=notify.yaml (docs/samples/notify.yaml)");
        var wanted = person ?? LeaderOf(file, alarm, by);
        if (!file.People.TryGetValue(wanted, out var second))
            throw ApiException.NotFound("unknown_person", $"person: Notify:File has no '{wanted}'");
        if (IsSame(second, by))
            throw ApiException.Conflict("same_person", $"person: {second.Name} asks, and another one agrees; name somebody else");
        if (_isKnownHereAlone)
            throw ApiException.Conflict("unreachable", "person: in a cluster without Cluster:Postgres a code is known to the node alone that makes it; let the second person show a token of their own (secondToken)");
        List<string> ways = [.. WaysTo(file, second).Select(ChannelNames.Of)];
        if (ways.Count == 0)
            throw ApiException.Conflict("unreachable", $"person: no configured channel leads to {second.Name}; name somebody else");
        var words = second.Language == Language.En ? _families.RuleOf(alarm)?.Title.En : _families.RuleOf(alarm)?.Title.Zh;
        if (await _codes.MakeAsync(alarm.Id, by, second.Id, $"{words ?? alarm.Rule}, {alarm.Device}", cancellationToken) is not { } code)
            throw ApiException.Conflict("too_soon", "a code went out less than a minute ago; wait for it");
        return new AskedSecond(second.Id, second.Name, ways, code.At + SecondCodes.Lifetime);
    }

    /// <summary>Whoever agrees, as the log will have it, before it is judged; the code is used up by <see cref="SettleAsync"/>.</summary>
    /// <param name="agreed">Who has shown a token of their own; null for nobody.</param>
    /// <exception cref="ApiException">409 <c>same_person</c>, <c>second_person_code</c>.</exception>
    internal string? Named(Alarm alarm, ActionEntry action, string? code, string? agreed)
    {
        if (alarm.Severity != Severity.Critical || action.Action is not ("shelve" or "suppress"))
            return action.Second;
        if (agreed is not null)
            return !PersonName.IsSame(agreed, action.By) ? agreed : throw ApiException.Conflict("same_person", "secondToken: is your own; another person agrees");
        if (code is not null)
            // Who it was, the code says.
            return action.Second is null ? "-" : throw ApiException.BadRequest("bad_body", "second: leave it out, the code says who");
        return IsNeeded(action.By)
            ? throw ApiException.Conflict("second_person_code", $"code: what is critical is hidden by two; ask for a code (POST /api/v1/alarms/{alarm.Id}/second-person), or let the second person show a token of their own (secondToken)")
            : action.Second;
    }

    /// <summary>Uses the code up, once everything else is right.</summary>
    /// <returns>The name for the log.</returns>
    /// <exception cref="ApiException">409 <c>no_code</c>, <c>wrong_code</c>, <c>second_person</c>.</exception>
    /// <exception cref="IOException">Whether the code is good can't be known for now.</exception>
    internal async Task<string?> SettleAsync(Alarm alarm, ActionEntry action, string? code, string? agreed, CancellationToken cancellationToken)
    {
        if (code is null || agreed is not null || alarm.Severity != Severity.Critical)
        {
            // The rules compare letter by letter; what they took of an old log they must take again.
            if (alarm.Severity == Severity.Critical && action.Second is { } said && PersonName.IsSame(said, action.By))
                throw ApiException.Conflict("second_person", $"second: '{said.Trim()}' is whoever asks; what is critical is hidden by two");
            return action.Second;
        }
        var (id, refusal) = await _codes.TakeAsync(alarm.Id, action.By, code.Trim(), cancellationToken);
        if (id is null)
        {
            throw ApiException.Conflict(refusal!, refusal == "wrong_code"
                ? $"code: not the one that was sent; {SecondCodes.Tries} tries a code"
                : "code: none is open for you and this alarm: it was used, is older than five minutes, or was tried too often; ask for another");
        }
        var person = _source.Current?.People.GetValueOrDefault(id);
        return person?.Name ?? id;
    }

    public void Dispose() => _codes.Dispose();

    /// <summary>To that person alone: no program gets a copy.</summary>
    private void Send(SecondCode code)
    {
        if (_source.Current is not { } file || !file.People.TryGetValue(code.Person, out var person))
            return;
        var message = new Message(code.Key, person.Id, false, MessageKind.Call, false, [.. WaysTo(file, person)], [], code.At) { Second = new SecondAsk(code.Code, code.By, code.About) };
        _outbox!.AddProofs([], [new OutboxMessage(message, person.Name, [(OutboxDatabase.Recipient, [.. WaysTo(file, person).Select(ChannelNames.Of)])])]);
    }

    private static bool IsSame(Person person, string by) => PersonName.IsSame(person.Id, by) || PersonName.IsSame(person.Name, by);

    private IEnumerable<MessageChannel> WaysTo(NotifyFile file, Person person) => person.Ways(file.Channels[Severity.Critical]).Where(_options.Channels.Has);

    private string LeaderOf(NotifyFile file, Alarm alarm, string by)
    {
        var at = _now();
        var calendar = CalendarFacts.InForce(_calendar.All, _devices.Find(alarm.Device), at);
        var team = new Router(file).Of(new RouteQuery(alarm.Kind, alarm.Family, alarm.Rule, alarm.Severity, alarm.District, alarm.Street, calendar), at).Team;
        return new OnCall(file).Of(team, StepTarget.Leader, at, [.. file.People.Values.Where(person => IsSame(person, by)).Select(person => person.Id)]);
    }
}
