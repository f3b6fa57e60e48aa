using Microsoft.AspNetCore.Components;
using MudBlazor;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.OperatorPage.Session;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.OperatorPage.Live;

/// <summary>A live component on which something can be done: it knows who does it, and says why something was not.</summary>
public abstract class ActingPage : LivePage
{
    [Inject]
    protected PageUser User { get; set; } = null!;

    [Inject]
    protected ISnackbar Snackbar { get; set; } = null!;

    /// <param name="act">Gets the name that will stand in the log.</param>
    /// <param name="isOfTheCity">Only for those who see all of it.</param>
    /// <returns>True once done; otherwise the person has been told why not.</returns>
    protected async Task<bool> DoAsync(Role role, Func<string, Task> act, bool isOfTheCity = false)
    {
        if (await TryAsync(role, act, isOfTheCity) is not { } why)
            return true;
        Snackbar.Add(why, Severity.Error);
        return false;
    }

    /// <returns>Null once done; otherwise why not.</returns>
    protected async Task<string?> TryAsync(Role role, Func<string, Task> act, bool isOfTheCity = false)
    {
        try
        {
            var caller = await User.NeedAsync(role);
            if (isOfTheCity && !caller.Scope.IsCity)
                throw AccessGuard.OutOfScope(Say($"this is of the whole city; you see {caller.Scope}", $"此操作涉及全市；您的范围是 {caller.Scope}"));
            await act(Operator.Of(caller, Settings.Choices.Name));
            return null;
        }
        catch (ApiException refused)
        {
            return refused.Message;
        }
        catch (IOException error)
        {
            return Say($"a store cannot answer for now: {error.Message}", $"存储暂时无法响应：{error.Message}");
        }
    }
}
