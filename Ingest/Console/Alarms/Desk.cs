using Telemetry.Ingest.Api;
using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Notify.Second;
using Telemetry.Ingest.OperatorPage.Session;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.OperatorPage.Alarms;

/// <summary>Acts for whoever sits before this page, and says what came of it.</summary>
public sealed class Desk(Acting acting, SecondPersons second, PageUser user, PageSettings settings, TimeProvider time)
{
    /// <summary>Null once done; otherwise why not.</summary>
    public async Task<string?> ActAsync(AlarmAction action, Alarm alarm, ActionAnswers said)
    {
        try
        {
            var caller = await user.NeedAsync(Role.Operator);
            // Whoever resets on site has a name; "operator" is none.
            var isNameless = action.Name == "reset" && caller.Name is null && settings.Choices.Name.Length == 0;
            var by = isNameless ? "" : Operator.Of(caller, settings.Choices.Name);
            await acting.ActAsync(action.Name, alarm.Id, action.ToBody(said, by, time.GetUtcNow().ToUnixTimeMilliseconds()), by, caller.Scope, CancellationToken.None);
            return null;
        }
        catch (Exception refused) when (refused is ApiException or IOException)
        {
            return refused.Message;
        }
    }

    /// <summary>Who may be asked to agree as the second person, by id and name; empty where a name is enough.</summary>
    public async Task<IReadOnlyList<(string Id, string Name)>> SecondPersonsAsync() =>
        await user.CurrentAsync() is { } caller && Operator.Of(caller, settings.Choices.Name) is var by && second.IsNeeded(by) ? [.. second.Reachable(by).Select(person => (person.Id, person.Name))] : [];

    /// <summary>Sends the second person a code.</summary>
    /// <param name="person">Empty for the leader.</param>
    /// <returns>Who got it and until when it is good, Unix ms; or why not.</returns>
    public async Task<(string? Name, long Until, string? Refused)> AskSecondAsync(Alarm alarm, string person)
    {
        try
        {
            var caller = await user.NeedAsync(Role.Operator);
            var asked = await second.AskAsync(acting.Find(alarm.Id, caller.Scope), Operator.Of(caller, settings.Choices.Name), person.Length == 0 ? null : person, CancellationToken.None);
            return (asked.Name, asked.Until, null);
        }
        catch (Exception refused) when (refused is ApiException or IOException)
        {
            return (null, 0, refused.Message);
        }
    }

    /// <summary>Acknowledges all that are not critical: what is critical is looked at one by one.</summary>
    /// <returns>How many; and why not the others.</returns>
    public async Task<(int Done, string? Failed)> AcknowledgeAsync(IEnumerable<Alarm> alarms)
    {
        // The log takes many in one commit.
        string?[] answers = await Task.WhenAll(
            alarms.Where(alarm => alarm.Severity != Telemetry.Rules.Families.Severity.Critical && alarm.IsUnacknowledged()).Select(alarm => ActAsync(AlarmAction.Of("acknowledge"), alarm, new ActionAnswers())));
        return (answers.Count(why => why is null), answers.FirstOrDefault(why => why is not null));
    }
}
