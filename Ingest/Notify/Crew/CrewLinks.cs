using Telemetry.Ingest.Api;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Notify.Texts;
using Telemetry.Ingest.State;
using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.Notify.Crew;

/// <summary>From a link to what its page shows and does. There while <c>Notify:PublicUrl</c> is given.</summary>
/// <param name="answers">Links that other nodes have sent; null on a machine alone.</param>
internal sealed class CrewLinks(NotifySource source, OutboxDatabase outbox, CrewDesk desk, FamilyCatalog families, DeviceDirectory devices, StepTokens tokens, AnswerTable? answers = null)
{
    /// <summary>The way's name in counts and in the journal.</summary>
    public const string Via = "link";

    /// <summary>The message and its places as they stand now; null for a link that is none.</summary>
    /// <exception cref="IOException">The outbox can't be read, or what other nodes have sent.</exception>
    public async Task<CrewView?> FindAsync(string link)
    {
        var found = outbox.ByLink(link);
        if (found is null && answers is not null)
            found = await answers.ByLinkAsync(link, CancellationToken.None);
        if (found is not { Message: var message })
            return null;
        var alarms = message.Places.Select(place => place.Alarm.Id).Distinct().Select(desk.Find).OfType<Alarm>()
            .OrderBy(alarm => alarm.State == AlarmState.Normal).ThenByDescending(alarm => alarm.Severity).ThenBy(alarm => alarm.RaisedAt).ThenBy(alarm => alarm.Id, StringComparer.Ordinal);
        var person = source.Current!.People.GetValueOrDefault(message.Recipient);
        return new CrewView(link, message, [.. alarms], person, person?.Language ?? Language.Zh);
    }

    public string Page(CrewView view, string? said, int from) =>
        new CrewPage(source.Current!, alarm => new PlaceFacts(families.RuleOf(alarm), devices.Find(alarm.Device)), tokens).Of(view, said, from);

    /// <summary>Null for a token that is none of ours, or not for this step.</summary>
    public async Task<StepResult?> TakeAsync(CrewView view, string? alarm, string? step, string? token, string? reason)
    {
        if (view.Person is not { } person || step is null || !CrewSteps.Names.TryGetValue(step, out var wanted) || view.Alarms.FirstOrDefault(one => one.Id == alarm) is not { } seen)
            return null;
        if (tokens.Check(token, view.Link, seen, wanted) == TokenVerdict.Forged)
            return null;
        return await desk.TakeAsync(seen.Id, wanted, person.Name, reason?.Trim(), Via, now => tokens.Check(token, view.Link, now, wanted) == TokenVerdict.Good);
    }
}
