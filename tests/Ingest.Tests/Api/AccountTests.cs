using System.Net;
using System.Text.Json;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.Tests.Security;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Api;

/// <summary>Accounts with passwords, from the first administrator on, and the tokens that people make.</summary>
public sealed class AccountTests(AccountCity city) : IClassFixture<AccountCity>
{
    private const string Password = "wet brown fox 7 lamps", Next = "tall green owl 9 kites";

    private readonly ApiHost _host = city.Host;
    private readonly string _admin = city.Admin;
    private readonly List<string> _secrets = [Password, Next, Credentials.Token];

    private async Task<(HttpStatusCode Status, JsonElement Body)> AsAsync(string? cookie, HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = method == HttpMethod.Get ? null : new StringContent(body ?? "{}", null, "application/json") };
        if (cookie is not null)
            request.Headers.Add("Cookie", cookie);
        using var response = await _host.Http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return (response.StatusCode, text.StartsWith('{') || text.StartsWith('[') ? JsonDocument.Parse(text).RootElement : default);
    }

    private async Task<(HttpStatusCode Status, JsonElement Body, string Cookie)> LogInAsync(string body, string? cookie = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/api/v1/session", UriKind.Relative)) { Content = new StringContent(body, null, "application/json") };
        if (cookie is not null)
            request.Headers.Add("Cookie", cookie);
        using var response = await _host.Http.SendAsync(request, TestContext.Current.CancellationToken);
        var set = response.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies.Single().Split(';')[0] : "";
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement, set);
    }

    private Task<(HttpStatusCode Status, JsonElement Body, string Cookie)> LogInAsync(string name, string password, string? cookie) =>
        LogInAsync(JsonSerializer.Serialize(new { name, password }), cookie);

    /// <summary>Logs in with a one-time password and sets one.</summary>
    private async Task<string> SettleAsync(string name, string once, string password = Password)
    {
        var login = await LogInAsync(name, once, null);
        Assert.True(login.Body.GetProperty("mustChangePassword").GetBoolean());
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri("/api/v1/account/password", UriKind.Relative)) { Content = new StringContent(JsonSerializer.Serialize(new { current = once, next = password }), null, "application/json") };
        request.Headers.Add("Cookie", login.Cookie);
        using var response = await _host.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return response.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
    }

    private async Task<string> CreateAsync(string name, string role, string more = "")
    {
        var made = await AsAsync(_admin, HttpMethod.Post, "/api/v1/accounts", $$"""{"name": "{{name}}", "role": "{{role}}"{{more}}}""");
        Assert.Equal(HttpStatusCode.OK, made.Status);
        _secrets.Add(made.Body.Text("password"));
        return made.Body.Text("password");
    }

    private List<AccountEntry> Entries() => [.. AllEntries().Where(entry => entry.Name is "admin" or "audited")];

    private List<AccountEntry> AllEntries()
    {
        using var reader = _host.Log.OpenReader("test", 1);
        var entries = new List<LogEntry>();
        reader.Read(entries, 10_000);
        return [.. entries.OfType<AccountEntry>()];
    }

    [Fact]
    public async Task The_first_administrator_is_made_once_and_its_password_is_good_for_setting_another_and_nothing_else()
    {
        Assert.NotNull(city.First);
        Assert.Null(await _host.Accounts.FirstAdministratorAsync(CancellationToken.None));
        var once = await CreateAsync("first", "administrator", ", \"families\": [\"gas_valve\"]");
        var login = await LogInAsync("first", once, null);
        Assert.Equal(HttpStatusCode.OK, login.Status);
        foreach (var path in (string[])["/api/v1/stats", "/api/v1/alarms", "/api/v1/tokens", "/metrics"])
            Assert.Equal("password_change", (await AsAsync(login.Cookie, HttpMethod.Get, path)).Reason());
        Assert.Equal("first", (await AsAsync(login.Cookie, HttpMethod.Get, "/api/v1/session")).Body.Text("name"));
        var settled = await SettleAsync("first", once);
        Assert.Equal(HttpStatusCode.OK, (await AsAsync(settled, HttpMethod.Get, "/api/v1/alarms")).Status);
        // The one-time password is gone, and the session that it began.
        Assert.Equal(HttpStatusCode.Unauthorized, (await AsAsync(login.Cookie, HttpMethod.Get, "/api/v1/session")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await LogInAsync("first", once, null)).Status);
    }

    [Fact]
    public async Task A_change_of_the_password_ends_the_other_sessions()
    {
        var once = await CreateAsync("change", "viewer");
        var here = await SettleAsync("change", once);
        var elsewhere = (await LogInAsync("change", Password, null)).Cookie;
        Assert.Equal("unauthenticated", (await AsAsync(here, HttpMethod.Put, "/api/v1/account/password", JsonSerializer.Serialize(new { current = "not this one, no", next = Next }))).Reason());
        Assert.Equal(HttpStatusCode.OK, (await AsAsync(here, HttpMethod.Put, "/api/v1/account/password", JsonSerializer.Serialize(new { current = Password, next = Next }))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AsAsync(elsewhere, HttpMethod.Get, "/api/v1/session")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AsAsync(here, HttpMethod.Get, "/api/v1/session")).Status);
        Assert.Equal(HttpStatusCode.OK, (await LogInAsync("change", Next, null)).Status);
    }

    [Theory]
    [InlineData("short")]
    [InlineData("my name is admin and that is it")]
    [InlineData("aaaaaaaaaaaaaaaa")]
    [InlineData("qwertyuiop12")]
    [InlineData("Password2026")]
    [InlineData("345678901234567")]
    [InlineData("nmlkjihgfedcba")]
    [InlineData(AccountCity.AdminPassword)]
    public async Task A_weak_password_is_refused_with_why(string next)
    {
        var answer = await AsAsync(_admin, HttpMethod.Put, "/api/v1/account/password", JsonSerializer.Serialize(new { current = AccountCity.AdminPassword, next }));
        Assert.Equal((HttpStatusCode.BadRequest, "weak_password"), (answer.Status, answer.Reason()));
        Assert.DoesNotContain(next, answer.Body.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_answer_to_a_wrong_password_is_the_same_for_names_that_are_there_disabled_or_not_there()
    {
        await SettleAsync("known", await CreateAsync("known", "viewer"));
        await SettleAsync("gone", await CreateAsync("gone", "viewer"));
        await AsAsync(_admin, HttpMethod.Put, "/api/v1/accounts/gone", """{"role": "viewer", "disabled": true}""");
        var answers = new List<string>();
        foreach (var (name, password) in new[] { ("known", "wrong wrong wrong"), ("nobody", "wrong wrong wrong"), ("gone", Password), ("filed", "wrong wrong wrong"), ("known", ""), ("nobody", ""), ("KNOWN", "wrong wrong wrong") })
        {
            var (status, body, _) = await LogInAsync(name, password, null);
            answers.Add($"{status} {string.Join(' ', body.EnumerateObject().Where(member => member.Name != "traceId"))}");
        }
        Assert.Single(answers.Distinct());
        Assert.StartsWith("Unauthorized", answers[0], StringComparison.Ordinal);
    }

    /// <summary>Time is the sum of what is computed: a hash each time, also where the same wrong password was tried for another name before.</summary>
    [Fact]
    public async Task A_name_that_is_not_there_costs_as_much_as_one_that_is()
    {
        var logins = _host.Security.Passwords!;
        foreach (var name in (string[])["admin", "nobody at all", "somebody else", "admin2"])
        {
            var before = logins.Computed;
            Assert.Null((await logins.TryAsync(name, "the same wrong one for each", IPAddress.Parse("192.0.2.77"), CancellationToken.None)).User);
            Assert.True(logins.Computed > before, name);
        }
    }

    [Fact]
    public async Task Each_login_has_a_new_session_and_the_one_before_ends()
    {
        var planted = "telemetry_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        var first = await LogInAsync("admin", AccountCity.AdminPassword, planted);
        Assert.NotEqual(planted, first.Cookie);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AsAsync(planted, HttpMethod.Get, "/api/v1/session")).Status);
        var second = await LogInAsync("admin", AccountCity.AdminPassword, first.Cookie);
        Assert.NotEqual(first.Cookie, second.Cookie);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AsAsync(first.Cookie, HttpMethod.Get, "/api/v1/session")).Status);
        Assert.Equal(HttpStatusCode.OK, (await AsAsync(second.Cookie, HttpMethod.Get, "/api/v1/session")).Status);
    }

    [Fact]
    public async Task Guessing_is_slowed_down_with_the_time_to_wait_whether_the_name_is_there_or_not()
    {
        foreach (var name in (string[])["guessed", "nobody"])
        {
            if (name == "guessed")
                await SettleAsync("guessed", await CreateAsync("guessed", "viewer"));
            HttpStatusCode status = default;
            for (var i = 0; i < 20 && status != HttpStatusCode.TooManyRequests; i++)
                (status, _, _) = await LogInAsync(name, $"guess number {i} of many", null);
            Assert.Equal(HttpStatusCode.TooManyRequests, status);
        }
        // Another name from the same address is not met by it.
        Assert.Equal(HttpStatusCode.OK, (await LogInAsync("admin", AccountCity.AdminPassword, null)).Status);
    }

    [Theory]
    [InlineData("operator")]
    [InlineData("engineer")]
    public async Task Nobody_below_an_administrator_touches_accounts_nor_does_one_of_a_district(string role)
    {
        var cookie = await SettleAsync("below-" + role, await CreateAsync("below-" + role, role));
        var district = await SettleAsync("district-" + role, await CreateAsync("district-" + role, "administrator", ", \"districts\": [\"near\"]"));
        foreach (var (method, path) in new[] { (HttpMethod.Get, "/api/v1/accounts"), (HttpMethod.Post, "/api/v1/accounts"), (HttpMethod.Put, "/api/v1/accounts/x"), (HttpMethod.Post, "/api/v1/accounts/x/one-time-password") })
        {
            Assert.Equal("role", (await AsAsync(cookie, method, path, """{"name": "x", "role": "administrator"}""")).Reason());
            Assert.Equal("scope", (await AsAsync(district, method, path, """{"name": "x", "role": "administrator"}""")).Reason());
        }
    }

    [Theory]
    [InlineData("PUT", "/api/v1/account/password", """{"current": "wet brown fox 7 lamps", "next": "tall green owl 9 kites", "role": "administrator"}""")]
    [InlineData("POST", "/api/v1/session", """{"name": "admin", "password": "x", "role": "administrator"}""")]
    [InlineData("POST", "/api/v1/tokens", """{"name": "x", "role": "viewer", "expires": "2099-01-01T00:00:00Z", "owner": "admin"}""")]
    [InlineData("POST", "/api/v1/accounts", """{"name": "x", "role": "viewer", "password": "chosen by the caller"}""")]
    public async Task A_member_that_nobody_asked_for_is_refused(string method, string path, string body)
    {
        var answer = await AsAsync(_admin, new HttpMethod(method), path, body);
        Assert.Equal((HttpStatusCode.BadRequest, "malformed"), (answer.Status, answer.Reason()));
    }

    [Fact]
    public async Task A_disabled_account_is_out_at_once_with_its_tokens_and_its_name_is_never_given_again()
    {
        var cookie = await SettleAsync("disabled", await CreateAsync("disabled", "operator"));
        var secret = await TokenAsync(cookie, "viewer");
        Assert.Equal(HttpStatusCode.OK, (await ByTokenAsync(secret, "/api/v1/stats")).Status);
        using var events = await EventReader.OpenAsync(_host, "/api/v1/events", ("Authorization", $"Bearer {secret}"));
        await AsAsync(_admin, HttpMethod.Put, "/api/v1/accounts/disabled", """{"role": "operator", "disabled": true}""");
        Assert.Equal(HttpStatusCode.Unauthorized, (await AsAsync(cookie, HttpMethod.Get, "/api/v1/session")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await ByTokenAsync(secret, "/api/v1/stats")).Status);
        await EndsAsync(events);
        foreach (var name in (string[])["disabled", "DISABLED", "filed"])
            Assert.Equal("name_taken", (await AsAsync(_admin, HttpMethod.Post, "/api/v1/accounts", $$"""{"name": "{{name}}", "role": "viewer"}""")).Reason());
    }

    [Fact]
    public async Task The_last_administrator_stays_one()
    {
        Assert.Equal("last_administrator", (await AsAsync(_admin, HttpMethod.Put, "/api/v1/accounts/admin", """{"role": "engineer"}""")).Reason());
        Assert.Equal("last_administrator", (await AsAsync(_admin, HttpMethod.Put, "/api/v1/accounts/admin", """{"role": "administrator", "disabled": true}""")).Reason());
        Assert.Equal("last_administrator", (await AsAsync(_admin, HttpMethod.Put, "/api/v1/accounts/admin", """{"role": "administrator", "districts": ["near"]}""")).Reason());
    }

    private async Task<string> TokenAsync(string cookie, string role, string more = "")
    {
        var made = await AsAsync(cookie, HttpMethod.Post, "/api/v1/tokens", $$"""{"name": "grafana", "role": "{{role}}", "expires": "{{TimeProvider.System.GetUtcNow().AddDays(30):yyyy-MM-dd'T'HH:mm:ss'Z'}}"{{more}}}""");
        Assert.True(made.Status == HttpStatusCode.OK, made.Body.GetRawText());
        _secrets.Add(made.Body.Text("secret"));
        return made.Body.Text("secret");
    }

    private Task<(HttpStatusCode Status, JsonElement Body)> ByTokenAsync(string secret, string path, HttpMethod? method = null, string? body = null) => _host.SendAsync(method ?? HttpMethod.Get, path, body, headers: ("Authorization", $"Bearer {secret}"));

    private static async Task EndsAsync(EventReader events) => await Assert.ThrowsAnyAsync<Exception>(async () =>
    {
        while (true)
            await events.NextAsync("stats");
    });

    [Fact]
    public async Task A_token_is_listed_without_its_secret_with_its_last_day_and_ends_at_once_when_revoked()
    {
        var cookie = await SettleAsync("listed", await CreateAsync("listed", "operator"));
        var secret = await TokenAsync(cookie, "viewer");
        var listed = (await AsAsync(cookie, HttpMethod.Get, "/api/v1/tokens")).Body;
        Assert.Equal(JsonValueKind.Null, listed[0].GetProperty("lastUsed").ValueKind);
        using var events = await EventReader.OpenAsync(_host, "/api/v1/events", ("Authorization", $"Bearer {secret}"));
        await events.NextAsync("stats");
        var (overMqtt, _) = await _host.Security.Mqtt!.TryAsync("listed", System.Text.Encoding.UTF8.GetBytes(secret), null, IPAddress.Loopback, CancellationToken.None);
        Assert.True(overMqtt!.IsValid);
        listed = (await AsAsync(cookie, HttpMethod.Get, "/api/v1/tokens")).Body;
        Assert.Equal($"{TimeProvider.System.GetUtcNow():yyyy-MM-dd}", listed[0].Text("lastUsed"));
        Assert.DoesNotContain(secret, listed.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(ApiToken.HashOf(secret), listed.GetRawText(), StringComparison.Ordinal);
        // Somebody else's is not to be found.
        Assert.Equal("unknown_token", (await AsAsync(_admin, HttpMethod.Delete, $"/api/v1/tokens/{listed[0].Text("id")}")).Reason());
        Assert.Equal(HttpStatusCode.NoContent, (await AsAsync(cookie, HttpMethod.Delete, $"/api/v1/tokens/{listed[0].Text("id")}")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await ByTokenAsync(secret, "/api/v1/stats")).Status);
        Assert.False(overMqtt.IsValid);
        await EndsAsync(events);
    }

    [Fact]
    public async Task A_token_may_at_no_time_more_than_its_owner_and_makes_no_further_ones()
    {
        var cookie = await SettleAsync("limited", await CreateAsync("limited", "operator", ", \"districts\": [\"near\", \"far\"]"));
        string Asked(string role, string more) => $$"""{"name": "x", "role": "{{role}}", "expires": "{{TimeProvider.System.GetUtcNow().AddDays(30):yyyy-MM-dd'T'HH:mm:ss'Z'}}"{{more}}}""";
        Assert.Equal("role", (await AsAsync(cookie, HttpMethod.Post, "/api/v1/tokens", Asked("engineer", ""))).Reason());
        Assert.Equal("scope", (await AsAsync(cookie, HttpMethod.Post, "/api/v1/tokens", Asked("viewer", ", \"districts\": [\"other\"]"))).Reason());
        foreach (var expires in (string[])["2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "soon"])
            Assert.Equal("bad_token", (await AsAsync(cookie, HttpMethod.Post, "/api/v1/tokens", $$"""{"name": "x", "role": "viewer", "expires": "{{expires}}"}""")).Reason());
        Assert.Equal("bad_token", (await AsAsync(cookie, HttpMethod.Post, "/api/v1/tokens", """{"name": "x", "role": "viewer"}""")).Reason());

        var secret = await TokenAsync(cookie, "operator");
        Assert.Equal("by_token", (await ByTokenAsync(secret, "/api/v1/tokens", HttpMethod.Post, Asked("viewer", ""))).Reason());
        await _host.RaiseAsync(TwoDistricts.Alarm("far"));
        Assert.Equal(HttpStatusCode.OK, (await ByTokenAsync(secret, "/api/v1/alarms/far-alarm/acknowledge", HttpMethod.Post, "{}")).Status);
        await AsAsync(_admin, HttpMethod.Put, "/api/v1/accounts/limited", """{"role": "viewer", "districts": ["near"]}""");
        Assert.Equal("role", (await ByTokenAsync(secret, "/api/v1/alarms/far-alarm/comment", HttpMethod.Post, """{"comment": "x"}""")).Reason());
        Assert.Equal("unknown_alarm", (await ByTokenAsync(secret, "/api/v1/alarms/far-alarm")).Reason());
    }

    [Fact]
    public async Task An_administrator_sees_and_revokes_anybodys_tokens_and_the_log_says_who_did()
    {
        var cookie = await SettleAsync("audited-owner", await CreateAsync("audited-owner", "operator"));
        var secret = await TokenAsync(cookie, "viewer");
        var listed = (await AsAsync(_admin, HttpMethod.Get, "/api/v1/accounts/audited-owner/tokens")).Body;
        Assert.Equal("grafana", listed[0].Text("name"));
        var path = $"/api/v1/accounts/audited-owner/tokens/{listed[0].Text("id")}";
        Assert.Equal("role", (await AsAsync(cookie, HttpMethod.Delete, path)).Reason());
        Assert.Equal("unknown_token", (await AsAsync(_admin, HttpMethod.Delete, $"/api/v1/accounts/admin/tokens/{listed[0].Text("id")}")).Reason());
        Assert.Equal(HttpStatusCode.OK, (await ByTokenAsync(secret, "/api/v1/stats")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await AsAsync(_admin, HttpMethod.Delete, path)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await ByTokenAsync(secret, "/api/v1/stats")).Status);
        Assert.Contains(AllEntries(), entry => (entry.By, entry.Action, entry.Name, entry.Detail) == ("admin", "revoke-token", "audited-owner", listed[0].Text("id")));
    }

    [Fact]
    public async Task The_last_login_and_wrong_passwords_stand_with_the_account_and_the_first_outlives_a_restart()
    {
        var once = await CreateAsync("watched", "viewer");
        async Task<JsonElement> WatchedAsync() => (await AsAsync(_admin, HttpMethod.Get, "/api/v1/accounts")).Body.EnumerateArray().Single(account => account.Text("name") == "watched");
        Assert.Equal(JsonValueKind.Null, (await WatchedAsync()).GetProperty("lastLogin").ValueKind);
        await LogInAsync("watched", "not this one, no", null);
        await LogInAsync("WATCHED", "nor this one, no", null);
        var watched = await WatchedAsync();
        Assert.Equal((2, JsonValueKind.Null), (watched.GetProperty("wrongPasswords").GetInt32(), watched.GetProperty("lastLogin").ValueKind));
        var before = TimeProvider.System.GetUtcNow().AddMilliseconds(-1);
        await SettleAsync("watched", once);
        watched = await WatchedAsync();
        Assert.Equal(0, watched.GetProperty("wrongPasswords").GetInt32());
        Assert.InRange(watched.GetProperty("lastLogin").GetDateTimeOffset(), before, TimeProvider.System.GetUtcNow());
        using var again = new Accounts(city.AccountsPath, TimeProvider.System);
        Assert.InRange(again.Find("watched")!.LastLogin!.Value, before, TimeProvider.System.GetUtcNow());
    }

    [Fact]
    public async Task Ones_other_sessions_end_by_one_call_and_nobody_elses()
    {
        var here = await SettleAsync("roaming", await CreateAsync("roaming", "viewer"));
        var there = (await LogInAsync("Roaming", Password, null)).Cookie;
        var token = await TokenAsync(here, "viewer");
        Assert.Equal("no_session", (await ByTokenAsync(token, "/api/v1/session/others", HttpMethod.Delete, "{}")).Reason());
        Assert.Equal(HttpStatusCode.NoContent, (await AsAsync(here, HttpMethod.Delete, "/api/v1/session/others")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AsAsync(there, HttpMethod.Get, "/api/v1/session")).Status);
        foreach (var cookie in (string[])[here, _admin])
            Assert.Equal(HttpStatusCode.OK, (await AsAsync(cookie, HttpMethod.Get, "/api/v1/session")).Status);
        Assert.Equal(HttpStatusCode.OK, (await ByTokenAsync(token, "/api/v1/stats")).Status);
    }

    [Fact]
    public async Task The_file_of_accounts_is_its_owners_alone_and_holds_no_secret()
    {
        await TokenAsync(await SettleAsync("stored", await CreateAsync("stored", "operator")), "viewer");
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(city.AccountsPath)!, "people.db*"))
        {
            await using var open = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(open, System.Text.Encoding.Latin1);
            var text = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
            Assert.All([.. _secrets, city.First, AccountCity.AdminPassword], each => Assert.DoesNotContain(each, text, StringComparison.Ordinal));
        }
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(city.AccountsPath));
        // As a start after this one reads it.
        using var again = new Accounts(city.AccountsPath, TimeProvider.System);
        Assert.Equal((Role.Operator, false), again.Find("stored") is { } stored ? (stored.Role, stored.OneTimeUntil is not null) : default);
        Assert.Equal(ApiToken.HashOf(_secrets[^1]), again.TokensOf("stored").Single().Hash);
        Assert.True(again.HasAdministrator);
    }

    [Fact]
    public async Task Who_changed_what_of_accounts_stands_in_the_log_and_never_a_secret_or_its_hash()
    {
        var cookie = await SettleAsync("audited", await CreateAsync("audited", "operator", ", \"districts\": [\"near\"]"));
        await TokenAsync(cookie, "viewer");
        await AsAsync(_admin, HttpMethod.Put, "/api/v1/accounts/audited", """{"role": "viewer", "disabled": true}""");
        _secrets.Add((await AsAsync(_admin, HttpMethod.Post, "/api/v1/accounts/audited/one-time-password")).Body.Text("password"));
        var entries = Entries();
        Assert.Equal(
            ["service create admin", "admin password admin", "admin create audited", "audited password audited", "audited create-token audited", "admin change audited", "admin disable audited", "admin one-time-password audited"],
            entries.Select(entry => $"{entry.By} {entry.Action} {entry.Name}"));
        Assert.Equal("operator, districts near", entries[2].Detail);
        var all = string.Join('\n', entries.Select(entry => $"{entry.By}{entry.Action}{entry.Name}{entry.Detail}"));
        Assert.All(_secrets, secret => Assert.DoesNotContain(secret, all, StringComparison.Ordinal));
        Assert.DoesNotContain("pbkdf2", all, StringComparison.Ordinal);
        Assert.DoesNotContain("sha256", all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_without_accounts_says_so()
    {
        using var credentials = new Credentials();
        credentials.WriteUsers(Credentials.Line("li", "administrator", Credentials.Token));
        await using var host = await ApiHost.StartAsync(security: credentials.Options());
        foreach (var path in (string[])["/api/v1/accounts", "/api/v1/tokens"])
            Assert.Equal("no_accounts", (await host.SendAsync(HttpMethod.Get, path, headers: ("Authorization", $"Bearer {Credentials.Token}"))).Reason());
    }
}
