using Telemetry.Ingest.Notify.Push;

namespace Telemetry.Ingest.State;

/// <summary>Browsers that persons have subscribed.</summary>
internal sealed partial class OutboxDatabase
{
    /// <param name="key">For which they subscribed: the push service takes nothing signed by another.</param>
    public IReadOnlyList<BrowserSubscription> BrowsersOf(string person, string key) =>
        Query(
            "SELECT endpoint, p256dh, auth FROM browsers WHERE person = $person AND key = $key ORDER BY at, endpoint", row => new BrowserSubscription(row.GetString(0), row.GetString(1), row.GetString(2)),
            ("$person", person), ("$key", key));

    public string? PersonOfBrowser(string endpoint) => Query("SELECT person FROM browsers WHERE endpoint = $endpoint", row => row.GetString(0), ("$endpoint", endpoint)).FirstOrDefault();

    /// <summary>A browser is one person's: the last who subscribed it.</summary>
    /// <param name="most">Of a person; the oldest go.</param>
    public void AddBrowser(string person, BrowserSubscription browser, string key, long at, int most) => Write(transaction =>
    {
        Run(
            transaction, "INSERT OR REPLACE INTO browsers VALUES ($endpoint, $person, $p256dh, $auth, $key, $at)",
            ("$endpoint", browser.Endpoint), ("$person", person), ("$p256dh", browser.P256dh), ("$auth", browser.Auth), ("$key", key), ("$at", at));
        Run(
            transaction, "DELETE FROM browsers WHERE person = $person AND endpoint NOT IN (SELECT endpoint FROM browsers WHERE person = $person ORDER BY at DESC, endpoint = $endpoint DESC LIMIT $most)",
            ("$person", person), ("$endpoint", browser.Endpoint), ("$most", most));
    });

    public void RemoveBrowser(string endpoint) => Write(transaction => Run(transaction, "DELETE FROM browsers WHERE endpoint = $endpoint", ("$endpoint", endpoint)));

    /// <summary>Those of persons who are no longer there: another who gets the same id is not told there.</summary>
    public void KeepBrowsersOf(IEnumerable<string> persons) => Write(transaction =>
    {
        var gone = Query("SELECT DISTINCT person FROM browsers", row => row.GetString(0)).Except(persons).ToList();
        foreach (var person in gone)
            Run(transaction, "DELETE FROM browsers WHERE person = $person", ("$person", person));
    });
}
