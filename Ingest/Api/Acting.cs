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
    /// <returns>The alarm once the rules have processed the entry.</returns>
    /// <exception cref="ApiException">400: the body; 404: the alarm; 409 with the refusal's name; 503: not in effect in time.</exception>
    /// <exception cref="IOException">A second person's code can't be asked for now.</exception>
    public async Task<Alarm> ActAsync(string action, string id, ActionBody body, string by, Scope scope, CancellationToken cancellationToken, string? agreed = null)
    {
        var alarm = Find(id, scope);
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

    private static void Refuse(ActionOutcome outcome)
    {
        if (outcome.Refusal is { } reason)
            throw ApiException.Conflict(reason, outcome.Why!);
    }
}
