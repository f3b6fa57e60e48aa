using Telemetry.Ingest.Api;

namespace Telemetry.Ingest.Notify.Push;

/// <summary>Takes browsers that want to be told, and lets them go.</summary>
internal sealed class PushDesk(NotifySource source, Browsers browsers, PushOptions options, PushKey key)
{
    /// <summary>What a browser subscribes for.</summary>
    public string PublicKey => key.Public;

    /// <summary>Who of Notify:File the caller is: the person of the same id or name. Without users everybody here is administrator, and may say who.</summary>
    public IReadOnlyList<Person> PersonsOf(Caller caller) =>
        [.. source.Current!.People.Values.Where(person => caller.Name is not { } name || person.Id == name || person.Name == name)];

    /// <summary>Whose browser it is; null for nobody's.</summary>
    public Person? PersonOf(string endpoint) => browsers.PersonOf(endpoint) is { } person ? source.Current!.People.GetValueOrDefault(person) : null;

    /// <exception cref="ApiException">400 <c>bad_subscription</c>; 403 <c>other_person</c>.</exception>
    public void Subscribe(Caller caller, string person, BrowserSubscription browser)
    {
        if (!PersonsOf(caller).Any(self => self.Id == person))
            throw new ApiException(StatusCodes.Status403Forbidden, "other_person", $"you are '{caller.Name}', and nobody is told in another's place: Notify:File needs a person of this id or name");
        if (PushEndpoint.Problem(browser.Endpoint, options.Origins) is { } wrong)
            throw ApiException.BadRequest("bad_subscription", "endpoint: " + wrong);
        if (browser.Problem() is { } problem)
            throw ApiException.BadRequest("bad_subscription", problem);
        browsers.Add(person, browser);
    }

    /// <exception cref="ApiException">403 <c>other_person</c>.</exception>
    public void Unsubscribe(Caller caller, string endpoint)
    {
        if (browsers.PersonOf(endpoint) is not { } person)
            return;
        if (!PersonsOf(caller).Any(self => self.Id == person) && caller.Role < Security.Role.Administrator)
            throw new ApiException(StatusCodes.Status403Forbidden, "other_person", "this browser is told in another person's place; that person takes it off");
        browsers.Remove(endpoint);
    }
}
