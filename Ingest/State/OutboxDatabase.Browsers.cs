using Microsoft.Data.Sqlite;
using Telemetry.Ingest.Notify.Push;

namespace Telemetry.Ingest.State;

/// <summary>Browsers that persons have subscribed.</summary>
internal sealed partial class OutboxDatabase
{
    private const string BrowserColumns = "person, endpoint, p256dh, auth, key, at";

    public IReadOnlyList<PersonsBrowser> Browsers() => Query($"SELECT {BrowserColumns} FROM browsers ORDER BY at, endpoint", BrowserOf);

    /// <summary>The oldest first.</summary>
    public IReadOnlyList<PersonsBrowser> BrowsersOf(string person) => Query($"SELECT {BrowserColumns} FROM browsers WHERE person = $person ORDER BY at, endpoint", BrowserOf, ("$person", person));

    public string? PersonOfBrowser(string endpoint) => Query("SELECT person FROM browsers WHERE endpoint = $endpoint", row => row.GetString(0), ("$endpoint", endpoint)).FirstOrDefault();

    /// <summary>Enters a browser, or replaces what was known of it.</summary>
    /// <param name="most">Of a person; the oldest go.</param>
    /// <returns>The endpoints of those that went.</returns>
    public IReadOnlyList<string> AddBrowser(PersonsBrowser browser, int most)
    {
        IReadOnlyList<string> gone = [];
        Write(transaction =>
        {
            Run(
                transaction, $"INSERT OR REPLACE INTO browsers ({BrowserColumns}) VALUES ($person, $endpoint, $p256dh, $auth, $key, $at)",
                ("$person", browser.Person), ("$endpoint", browser.Subscription.Endpoint), ("$p256dh", browser.Subscription.P256dh), ("$auth", browser.Subscription.Auth), ("$key", browser.Key), ("$at", browser.At));
            gone = Query(
                "SELECT endpoint FROM browsers WHERE person = $person ORDER BY at DESC, endpoint = $endpoint DESC, endpoint LIMIT -1 OFFSET $most", row => row.GetString(0),
                ("$person", browser.Person), ("$endpoint", browser.Subscription.Endpoint), ("$most", most));
            foreach (var endpoint in gone)
                Run(transaction, "DELETE FROM browsers WHERE endpoint = $endpoint", ("$endpoint", endpoint));
        });
        return gone;
    }

    public void RemoveBrowser(string endpoint) => Write(transaction => Run(transaction, "DELETE FROM browsers WHERE endpoint = $endpoint", ("$endpoint", endpoint)));

    private static PersonsBrowser BrowserOf(SqliteDataReader row) =>
        new(row.GetString(0), new BrowserSubscription(row.GetString(1), row.GetString(2), row.GetString(3)), row.GetString(4), row.GetInt64(5));
}
