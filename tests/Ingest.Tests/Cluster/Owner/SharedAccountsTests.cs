using System.Net;
using System.Text.Json;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.Tests.Api;
using Telemetry.Ingest.Tests.Security;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Cluster.Owner;

/// <summary>Services whose accounts and sessions stand in one PostgreSQL. Each has a log of its own here: what the log says of another node's changes is said by hand.</summary>
public sealed class SharedAccountsTests(SharedServer server) : IClassFixture<SharedServer>
{
    private const string Password = "wet brown fox 7 lamps", Next = "tall green owl 9 kites";

    [Fact]
    public async Task One_node_makes_the_first_administrator_and_what_is_changed_at_one_node_stands_at_the_other()
    {
        await using var one = await Node.StartAsync(server, "city");
        await using var other = await Node.StartAsync(server, "city");
        var made = await Task.WhenAll(one.Host.Accounts.FirstAdministratorAsync(CancellationToken.None), other.Host.Accounts.FirstAdministratorAsync(CancellationToken.None));
        var once = Assert.Single(made, password => password is not null)!;
        Assert.Single(one.Entries().Concat(other.Entries()));

        // Each call goes to whichever node comes next, as behind a balancer.
        var login = (await other.LogInAsync("admin", once)).Cookie;
        var admin = await one.SetPasswordAsync(login, once, Password);
        Assert.Equal(HttpStatusCode.OK, (await other.AsAsync(admin, HttpMethod.Get, "/api/v1/accounts")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await other.AsAsync(login, HttpMethod.Get, "/api/v1/session")).Status);

        var li = await one.CreateAsync(admin, "li", "operator");
        Assert.Equal("name_taken", (await other.AsAsync(admin, HttpMethod.Post, "/api/v1/accounts", """{"name": "LI", "role": "viewer"}""")).Reason());
        await Wait.ForAsync("the account at the other node", async () => (await other.LogInAsync("li", li)).Status == HttpStatusCode.OK);
        var cookie = await other.SetPasswordAsync((await other.LogInAsync("li", li)).Cookie, li, Next);
        var issued = await one.AsAsync(cookie, HttpMethod.Post, "/api/v1/tokens", $$"""{"name": "script", "role": "viewer", "expires": "{{TimeProvider.System.GetUtcNow().AddDays(1):yyyy-MM-dd'T'HH:mm:ss'Z'}}"}""");
        var token = issued.Body.Text("secret");
        await Wait.ForAsync("the token at the other node", async () => await other.ByTokenAsync(token) == HttpStatusCode.OK);
        Assert.Equal("last_administrator", (await other.AsAsync(admin, HttpMethod.Put, "/api/v1/accounts/admin", """{"role": "viewer"}""")).Reason());

        // As each node tells it.
        foreach (var node in (Node[])[one, other])
        {
            await Wait.ForAsync("who was there and when", async () =>
            {
                var account = (await node.AsAsync(admin, HttpMethod.Get, "/api/v1/accounts")).Body.EnumerateArray().Single(account => account.Text("name") == "li");
                var last = (await node.AsAsync(cookie, HttpMethod.Get, "/api/v1/tokens")).Body.EnumerateArray().Single().GetProperty("lastUsed");
                return account.GetProperty("lastLogin").ValueKind == JsonValueKind.String && last.ValueKind == JsonValueKind.String;
            });
        }

        Assert.Equal(HttpStatusCode.NoContent, (await one.AsAsync(cookie, HttpMethod.Delete, $"/api/v1/tokens/{issued.Body.GetProperty("token").Text("id")}")).Status);
        await Wait.ForAsync("the end of the token at the other node", async () => await other.ByTokenAsync(token) == HttpStatusCode.Unauthorized);

        var second = (await other.LogInAsync("li", Next)).Cookie;
        Assert.Equal(HttpStatusCode.OK, (await one.AsAsync(second, HttpMethod.Get, "/api/v1/alarms")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await one.AsAsync(second, HttpMethod.Delete, "/api/v1/session")).Status);
        await Wait.ForAsync("the end of the session at the other node", async () => (await other.AsAsync(second, HttpMethod.Get, "/api/v1/session")).Status == HttpStatusCode.Unauthorized);
        Assert.Equal(HttpStatusCode.OK, (await other.AsAsync(cookie, HttpMethod.Get, "/api/v1/session")).Status);

        using var events = await EventReader.OpenAsync(other.Host, "/api/v1/events", ("Cookie", cookie));
        await events.NextAsync("stats");
        Assert.Equal(HttpStatusCode.OK, (await one.AsAsync(admin, HttpMethod.Put, "/api/v1/accounts/li", """{"role": "operator", "disabled": true}""")).Status);
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            while (true)
                await events.NextAsync("stats");
        });
        Assert.Equal(HttpStatusCode.Unauthorized, (await other.AsAsync(cookie, HttpMethod.Get, "/api/v1/session")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await other.LogInAsync("li", Next)).Status);
    }

    [Fact]
    public async Task Accounts_of_one_machine_become_those_of_the_cluster_and_a_node_that_comes_with_others_takes_these()
    {
        await using var one = await Node.StartAsync(server, "moved", alone: true);
        var admin = await one.AdministratorAsync();
        var li = await one.CreateAsync(admin, "li", "viewer");
        await one.AgainAsync("moved", position: 100);
        await using var other = await Node.StartAsync(server, "moved", alone: true);
        await other.CreateAsync(await other.AdministratorAsync(Next), "stranger", "administrator");
        await other.AgainAsync("moved");
        Assert.Null(await other.Host.Accounts.FirstAdministratorAsync(CancellationToken.None));
        Assert.Equal(["admin", "li"], other.Accounts.All.Select(account => account.Name));
        Assert.Equal(HttpStatusCode.OK, (await other.LogInAsync("admin", Password)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await other.LogInAsync("admin", Next)).Status);
        Assert.Equal(HttpStatusCode.OK, (await one.LogInAsync("li", li)).Status);
        Assert.All(other.Accounts.All, account => Assert.True(account.Position >= 100));
        await using var postgres = server.Connect();
        await using var hashes = postgres.CreateCommand("SELECT count(*) FROM shared_row WHERE stream = 'moved' AND list = 'people' AND value LIKE '%pbkdf2-sha256%'");
        Assert.Equal(2L, await hashes.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task While_PostgreSQL_is_away_people_come_in_and_stay_in_nothing_is_changed_and_what_the_log_has_taken_is_gone()
    {
        await using var one = await Node.StartAsync(server, "away");
        await using var other = await Node.StartAsync(server, "away");
        var admin = await one.AdministratorAsync();
        var (li, wu) = (await one.CreateAsync(admin, "li", "operator"), await one.CreateAsync(admin, "wu", "operator"));
        var (ofLi, ofWu) = (await one.SetPasswordAsync((await one.LogInAsync("li", li)).Cookie, li, Next), await one.SetPasswordAsync((await one.LogInAsync("wu", wu)).Cookie, wu, Next));
        var issued = await one.AsAsync(ofWu, HttpMethod.Post, "/api/v1/tokens", $$"""{"name": "script", "role": "viewer", "expires": "{{TimeProvider.System.GetUtcNow().AddDays(1):yyyy-MM-dd'T'HH:mm:ss'Z'}}"}""");
        await Wait.ForAsync("the token at the other node", async () => await other.ByTokenAsync(issued.Body.Text("secret")) == HttpStatusCode.OK);
        foreach (var cookie in (string[])[admin, ofLi, ofWu])
            Assert.Equal(HttpStatusCode.OK, (await other.AsAsync(cookie, HttpMethod.Get, "/api/v1/alarms")).Status);

        await server.Postgres.CrashAsync();
        await Wait.ForAsync("both know it", () => one.Lists.People.IsAway && one.Lists.Sessions.IsAway && other.Lists.People.IsAway && other.Lists.Sessions.IsAway);
        var entries = one.Entries().Count;
        foreach (var node in (Node[])[one, other])
        {
            foreach (var cookie in (string[])[admin, ofLi, ofWu])
                Assert.Equal(HttpStatusCode.OK, (await node.AsAsync(cookie, HttpMethod.Get, "/api/v1/alarms")).Status);
        }
        var meanwhile = (await one.LogInAsync("li", Next)).Cookie;
        Assert.Equal(HttpStatusCode.OK, (await one.AsAsync(meanwhile, HttpMethod.Get, "/api/v1/alarms")).Status);
        Assert.Equal(HttpStatusCode.OK, (await other.LogInAsync("li", Next)).Status);

        foreach (var (method, path, body) in new[]
        {
            (HttpMethod.Post, "/api/v1/accounts", """{"name": "zhao", "role": "viewer"}"""), (HttpMethod.Put, "/api/v1/accounts/wu", """{"role": "operator", "disabled": true}"""),
            (HttpMethod.Post, "/api/v1/accounts/wu/one-time-password", "{}"), (HttpMethod.Delete, $"/api/v1/accounts/wu/tokens/{issued.Body.GetProperty("token").Text("id")}", "{}"),
        })
        {
            var refused = await one.AsAsync(admin, method, path, body);
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "accounts_away"), (refused.Status, refused.Reason()));
            Assert.Contains("once PostgreSQL answers", refused.Body.Text("detail"), StringComparison.Ordinal);
        }
        Assert.Equal(entries, one.Entries().Count);

        // A node that reaches PostgreSQL has locked wu and revoked the token: this one hears it of the log.
        var position = other.Accounts.Find("wu")!.Position;
        other.Accounts.Heard(new AccountEntry("admin", "disable", "wu") { Position = position });
        Assert.Equal(HttpStatusCode.OK, (await other.AsAsync(ofWu, HttpMethod.Get, "/api/v1/alarms")).Status);
        other.Accounts.Heard(new AccountEntry("admin", "revoke-token", "wu", issued.Body.GetProperty("token").Text("id")) { Position = position + 1 });
        Assert.Equal(HttpStatusCode.Unauthorized, await other.ByTokenAsync(issued.Body.Text("secret")));
        other.Accounts.Heard(new AccountEntry("admin", "disable", "wu") { Position = position + 2 });
        Assert.Equal(HttpStatusCode.Unauthorized, (await other.AsAsync(ofWu, HttpMethod.Get, "/api/v1/alarms")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await other.LogInAsync("wu", Next)).Status);
        Assert.Equal(HttpStatusCode.OK, (await other.AsAsync(ofLi, HttpMethod.Get, "/api/v1/alarms")).Status);
        await other.AgainAsync("away");
        Assert.Equal(HttpStatusCode.Unauthorized, (await other.LogInAsync("wu", Next)).Status);
        Assert.Equal(HttpStatusCode.OK, (await other.LogInAsync("li", Next)).Status);

        await server.Postgres.StartAgainAsync();
        await Wait.ForAsync("both follow", () => !one.Lists.People.IsAway && !one.Lists.Sessions.IsAway && !other.Lists.People.IsAway && !other.Lists.Sessions.IsAway);
        // The table knows nothing of it, and what it says holds.
        Assert.Equal(HttpStatusCode.OK, (await other.LogInAsync("wu", Next)).Status);
        foreach (var cookie in (string[])[ofLi, meanwhile])
            Assert.Equal(HttpStatusCode.OK, (await other.AsAsync(cookie, HttpMethod.Get, "/api/v1/alarms")).Status);
        Assert.Equal(HttpStatusCode.OK, (await one.AsAsync(admin, HttpMethod.Put, "/api/v1/accounts/wu", """{"role": "operator", "disabled": true}""")).Status);
        await Wait.ForAsync("the lock at the other node", async () => (await other.AsAsync(ofWu, HttpMethod.Get, "/api/v1/alarms")).Status == HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_table_that_is_gone_is_filled_from_a_copy_with_everybody_locked_whom_the_log_has_touched_since()
    {
        await using var one = await Node.StartAsync(server, "gone");
        var admin = await one.AdministratorAsync();
        var li = await one.CreateAsync(admin, "li", "operator");
        await one.CreateAsync(admin, "wu", "operator");
        var position = one.Accounts.Find("wu")!.Position;
        one.Accounts.Heard(new AccountEntry("admin", "change", "wu", "viewer, the whole city") { Position = position + 1 });
        await using var postgres = server.Connect();
        await using (var gone = postgres.CreateCommand("DELETE FROM shared_row WHERE stream = 'gone'; DELETE FROM shared_list WHERE stream = 'gone'"))
            await gone.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await Wait.ForAsync("wu is locked", () => one.Accounts.Find("wu")!.Disabled);
        Assert.Equal(HttpStatusCode.OK, (await one.LogInAsync("li", li)).Status);
        Assert.Equal(HttpStatusCode.OK, (await one.AsAsync(admin, HttpMethod.Get, "/api/v1/session")).Status);
        await using var other = await Node.StartAsync(server, "gone");
        Assert.Equal([("admin", false), ("li", false), ("wu", true)], other.Accounts.All.Select(account => (account.Name, account.Disabled)));
    }

    private sealed class Node : IAsyncDisposable
    {
        private readonly SharedServer _server;
        private readonly Credentials _credentials = new() { KeepAccounts = true };

        private Node(SharedServer server) => _server = server;

        public ApiHost Host { get; private set; } = null!;

        public SharedLists Lists { get; private set; } = null!;

        public Accounts Accounts => Host.Security.Users!.Accounts!;

        /// <param name="alone">As one machine does it.</param>
        public static async Task<Node> StartAsync(SharedServer server, string stream, bool alone = false)
        {
            var node = new Node(server);
            await node.HostAsync(alone ? null : server.Lists(stream, node._credentials.Log));
            return node;
        }

        /// <summary>With the same data directory, as a node.</summary>
        /// <param name="position">Up to where it has heard the log.</param>
        public async Task AgainAsync(string stream, long position = 0)
        {
            await Host.DisposeAsync();
            await HostAsync(_server.Lists(stream, _credentials.Log, position));
        }

        /// <returns>A cookie.</returns>
        public async Task<string> AdministratorAsync(string password = Password)
        {
            var once = (await Host.Accounts.FirstAdministratorAsync(CancellationToken.None))!;
            return await SetPasswordAsync((await LogInAsync("admin", once)).Cookie, once, password);
        }

        /// <returns>The one-time password.</returns>
        public async Task<string> CreateAsync(string cookie, string name, string role)
        {
            var made = await AsAsync(cookie, HttpMethod.Post, "/api/v1/accounts", JsonSerializer.Serialize(new { name, role }));
            Assert.Equal(HttpStatusCode.OK, made.Status);
            return made.Body.Text("password");
        }

        public async Task<(HttpStatusCode Status, string Cookie)> LogInAsync(string name, string password)
        {
            var (status, cookie) = await CookieAsync(HttpMethod.Post, "/api/v1/session", new { name, password }, null);
            return (status, cookie ?? "");
        }

        /// <returns>A cookie.</returns>
        public async Task<string> SetPasswordAsync(string cookie, string current, string next)
        {
            var (status, own) = await CookieAsync(HttpMethod.Put, "/api/v1/account/password", new { current, next }, cookie);
            Assert.Equal(HttpStatusCode.OK, status);
            return own!;
        }

        public async Task<(HttpStatusCode Status, JsonElement Body)> AsAsync(string cookie, HttpMethod method, string path, string body = "{}")
        {
            using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = method == HttpMethod.Get ? null : new StringContent(body, null, "application/json") };
            request.Headers.Add("Cookie", cookie);
            using var response = await Host.Http.SendAsync(request, TestContext.Current.CancellationToken);
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            return (response.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
        }

        public async Task<HttpStatusCode> ByTokenAsync(string token)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/api/v1/alarms", UriKind.Relative));
            request.Headers.Authorization = new("Bearer", token);
            using var response = await Host.Http.SendAsync(request, TestContext.Current.CancellationToken);
            return response.StatusCode;
        }

        public List<AccountEntry> Entries()
        {
            using var reader = Host.Log.OpenReader("test", 1);
            var entries = new List<LogEntry>();
            reader.Read(entries, 10_000);
            return [.. entries.OfType<AccountEntry>()];
        }

        public async ValueTask DisposeAsync()
        {
            await Host.DisposeAsync();
            _credentials.Dispose();
        }

        private async Task HostAsync(SharedLists? lists)
        {
            Lists = lists!;
            Host = await ApiHost.StartAsync(security: _credentials.Options(), shared: lists);
        }

        private async Task<(HttpStatusCode Status, string? Cookie)> CookieAsync(HttpMethod method, string path, object body, string? cookie)
        {
            using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = new StringContent(JsonSerializer.Serialize(body), null, "application/json") };
            if (cookie is not null)
                request.Headers.Add("Cookie", cookie);
            using var response = await Host.Http.SendAsync(request, TestContext.Current.CancellationToken);
            return (response.StatusCode, response.Headers.TryGetValues("Set-Cookie", out var set) ? set.Single().Split(';')[0] : null);
        }
    }
}
