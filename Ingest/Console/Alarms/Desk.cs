using Telemetry.Ingest.Api;
using Telemetry.Ingest.OperatorPage.Session;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.OperatorPage.Alarms;

/// <summary>Acts for whoever sits before this page, and says what came of it.</summary>
public sealed class Desk(Acting acting, PageUser user, PageSettings settings, TimeProvider time)
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
        catch (ApiException refused)
        {
            return refused.Message;
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
