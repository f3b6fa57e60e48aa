using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Notify.Second;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Api;

/// <summary>Acts on one alarm, whichever way the wish came: the API, the page, a link in a message, a reply.</summary>
public sealed class Acting(AlarmBook book, FamilyCatalog families, LogWriting log, SecondPersons second, TimeProvider time)
{
    /// <param name="by">Whoever acts; empty for nobody known, which some actions refuse.</param>
    /// <param name="scope">What there is for whoever acts.</param>
    /// <param name="agreed">A second person who has shown a token of their own; null for nobody.</param>
    /// <returns>The alarm once the rules have processed the entry; the one that stands now, where what lay over an occurrence that has ended is taken off.</returns>
    /// <exception cref="ApiException">400: the body; 404: the alarm; 409 with the refusal's name; 503: not in effect in time.</exception>
    /// <exception cref="IOException">A second person's code can't be asked for now.</exception>
    public async Task<Alarm> ActAsync(string action, string id, ActionBody body, string by, Scope scope, CancellationToken cancellationToken, string? agreed = null)
    {
        var alarm = Bearing(action, Find(id, scope), scope);
        id = alarm.Id;
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var entry = body.ToEntry(action, id, by, now);
        entry = With(second.Named(alarm, entry, body.Code, agreed));
        var outcome = OperatorActions.Of(alarm, families.RuleOf(alarm), entry);
        Refuse(outcome);
        if (outcome.After is not null)
        {
            entry = With(await second.SettleAsync(alarm, entry, body.Code, agreed, cancellationToken));
            var position = await log.WriteAsync([entry], LogWriting.Patience, cancellationToken);
            // The rules have the last word: between the question and the entry things may have changed.
            if (book.Refusals.Take(position) is { } refusal)
                Refuse(refusal);
        }
        return Find(id, scope);

        ActionEntry With(string? person) => person == entry.Second ? entry : (body with { Second = person }).ToEntry(action, id, by, now);
    }

    /// <exception cref="ApiException">404.</exception>
    public Alarm Find(string id, Scope scope) =>
        book.Find(id) is { } alarm && scope.Sees(alarm) ? alarm : throw ApiException.NotFound("unknown_alarm", $"there is no alarm '{id}'");

    /// <summary>
    /// What lies over (device, rule, instance) outlives the occurrence that it was put on. Whoever takes it off by the id of that one, which has ended, means it: "done" would otherwise leave a rule
    /// out of service that everybody believes to be back.
    /// </summary>
    private Alarm Bearing(string action, Alarm alarm, Scope scope)
    {
        AlarmState? over = action switch
        {
            "unshelve" => AlarmState.Shelved,
            "unsuppress" => AlarmState.Suppressed,
            "return-to-service" => AlarmState.OutOfService,
            _ => null,
        };
        if (over is null || alarm.State != AlarmState.Normal)
            return alarm;
        return book.Open().FirstOrDefault(open => open.Overlay is { } overlay && overlay.State == over && (open.Device, open.Rule, open.Instance) == (alarm.Device, alarm.Rule, alarm.Instance)
            // Put on the one that has ended, not on a later one.
            && overlay.Since >= alarm.RaisedReceivedAt && overlay.Since <= open.RaisedReceivedAt && scope.Sees(open)) ?? alarm;
    }

    private static void Refuse(ActionOutcome outcome)
    {
        if (outcome.Refusal is { } reason)
            throw ApiException.Conflict(reason, outcome.Why!);
    }
}
