using System.Text.Json;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.State;

namespace Telemetry.Ingest.Notify.Push;

/// <summary>The browsers that persons have subscribed, on this disk; in a cluster a copy of those that all nodes share. Any thread.</summary>
internal sealed partial class Browsers
{
    /// <summary>A person's at most; one more takes the place of the oldest.</summary>
    public const int MostOfAPerson = 5;

    // A node that was away for longer reads everything anew.
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(1);

    private readonly OutboxDatabase _outbox;
    private readonly PushKey _key;
    private readonly Func<IEnumerable<string>> _persons;
    private readonly Func<long> _now;
    private readonly SharedList? _shared;
    private readonly ILogger _logger;
    private bool _hasRead;
    private bool _isToldOfAnotherKey;

    /// <param name="persons">Ids of <c>Notify:File</c>. Whoever has left it has no browser any more, so that another one of the same id is not told there.</param>
    /// <param name="now">Unix ms.</param>
    /// <param name="shared">Null where this is the only node.</param>
    public Browsers(OutboxDatabase outbox, PushKey key, Func<IEnumerable<string>> persons, Func<long> now, SharedList? shared, ILogger<Browsers> logger)
    {
        (_outbox, _key, _persons, _now, _shared, _logger) = (outbox, key, persons, now, shared, logger);
        // Here alone: what the other nodes know of such a browser by now is not known yet.
        foreach (var browser in WhoLeft(outbox.Browsers()))
            outbox.RemoveBrowser(browser.Subscription.Endpoint);
        shared?.Copy(() => [.. outbox.Browsers().Select(RowOf)], Take);
    }

    /// <summary>Those that can be told with this service's key: a push service takes nothing signed by another.</summary>
    public IReadOnlyList<BrowserSubscription> Of(string person) => [.. _outbox.BrowsersOf(person).Where(browser => browser.Key == _key.Public).Select(browser => browser.Subscription)];

    /// <returns>The person's id; null for nobody.</returns>
    public string? PersonOf(string endpoint) => _outbox.PersonOfBrowser(endpoint);

    /// <summary>A browser is one person's: the last who subscribed it.</summary>
    public void Add(string person, BrowserSubscription subscription)
    {
        var browser = new PersonsBrowser(person, subscription, _key.Public, _now());
        _shared?.Put(RowOf(browser));
        foreach (var oldest in _outbox.AddBrowser(browser, MostOfAPerson))
            _shared?.Put(Removed(oldest));
    }

    public void Remove(string endpoint)
    {
        _shared?.Put(Removed(endpoint));
        _outbox.RemoveBrowser(endpoint);
    }

    /// <inheritdoc cref="SharedList.FollowAsync"/>
    public Task FollowAsync(CancellationToken cancellationToken) => _shared?.FollowAsync(cancellationToken) ?? Task.CompletedTask;

    private List<PersonsBrowser> WhoLeft(IReadOnlyList<PersonsBrowser> browsers)
    {
        var persons = _persons().ToHashSet(StringComparer.Ordinal);
        return [.. browsers.Where(browser => !persons.Contains(browser.Person))];
    }

    private void Take(IReadOnlyList<SharedRow> rows, bool isWhole)
    {
        List<PersonsBrowser> browsers = [.. rows.Where(row => row.Value is not null).Select(BrowserOf).OfType<PersonsBrowser>()];
        var known = rows.Where(row => row.Value is not null).Select(row => row.Key).ToHashSet(StringComparer.Ordinal);
        var removed = isWhole ? _outbox.Browsers().Select(browser => browser.Subscription.Endpoint).Where(endpoint => !known.Contains(endpoint)) : rows.Where(row => row.Value is null).Select(row => row.Key);
        foreach (var endpoint in removed)
            _outbox.RemoveBrowser(endpoint);
        foreach (var browser in browsers)
        {
            foreach (var oldest in _outbox.AddBrowser(browser, MostOfAPerson))
                _shared!.Put(Removed(oldest));
        }
        // With the file of the start; a node that reads everything anew after an outage may have an older one than the others.
        foreach (var browser in isWhole && !_hasRead ? WhoLeft(browsers) : [])
            Remove(browser.Subscription.Endpoint);
        _hasRead |= isWhole;
        if (_isToldOfAnotherKey || browsers.FirstOrDefault(browser => browser.Key != _key.Public) is not { } other)
            return;
        LogAnotherKey(other.Subscription.ToString());
        _isToldOfAnotherKey = true;
    }

    private SharedRow Removed(string endpoint) => new(endpoint, null, Ends: _now() + (long)Remembered.TotalMilliseconds);

    private static SharedRow RowOf(PersonsBrowser browser) => new(browser.Subscription.Endpoint, JsonSerializer.Serialize(browser));

    // One that this version does not understand is not known here.
    private static PersonsBrowser? BrowserOf(SharedRow row)
    {
        try
        {
            var browser = JsonSerializer.Deserialize<PersonsBrowser>(row.Value!);
            var isWhole = browser is { Person: not null, Key: not null, Subscription: { P256dh: not null, Auth: not null } };
            return isWhole && browser!.Subscription.Endpoint == row.Key && Uri.TryCreate(row.Key, UriKind.Absolute, out _) ? browser : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [LoggerMessage(LogLevel.Warning, "a browser of {Service} was subscribed with another key than this node's: Notify:Push:KeyFile must be the same on all nodes, or such browsers are told only while a node with their key is the owner")]
    private partial void LogAnotherKey(string service);
}

/// <summary>One of the browsers that a person has subscribed.</summary>
/// <param name="Person">Id in <c>Notify:File</c>.</param>
/// <param name="Key">The public key for which it was subscribed, in base64url.</param>
/// <param name="At">Unix ms.</param>
internal sealed record PersonsBrowser(string Person, BrowserSubscription Subscription, string Key, long At);
