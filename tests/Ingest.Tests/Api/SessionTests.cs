using System.Net;
using System.Text.Json;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.Tests.Security;

namespace Telemetry.Ingest.Tests.Api;

/// <summary>How the page logs in, and what a cookie alone may not do.</summary>
public sealed class SessionTests : IAsyncLifetime
{
    private const string Comment = "/api/v1/alarms/none/comment";

    private readonly Credentials _credentials = new();
    private ApiHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _credentials.WriteUsers(Credentials.Line("li", "operator", Credentials.Token));
        _host = await ApiHost.StartAsync(security: _credentials.Options());
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _credentials.Dispose();
    }

    private async Task<(string SetCookie, string Cookie)> LogInAsync(params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/api/v1/session", UriKind.Relative)) { Content = new StringContent($$"""{"token": "{{Credentials.Token}}"}""", null, "application/json") };
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        using var response = await _host.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var setCookie = response.Headers.GetValues("Set-Cookie").Single();
        return (setCookie, setCookie.Split(';')[0]);
    }

    private Task<(HttpStatusCode Status, JsonElement Body)> CommentAsync(string cookie, params (string Name, string Value)[] headers) =>
        _host.SendAsync(HttpMethod.Post, Comment, """{"comment": "x"}""", headers: [("Cookie", cookie), .. headers]);

    [Fact]
    public async Task A_token_becomes_a_cookie_that_no_script_and_no_other_site_can_use()
    {
        var (setCookie, cookie) = await LogInAsync();
        Assert.Contains("httponly", setCookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", setCookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("max-age=43200", setCookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("secure", setCookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Credentials.Token, setCookie, StringComparison.Ordinal);
        var who = await _host.SendAsync(HttpMethod.Get, "/api/v1/session", headers: ("Cookie", cookie));
        Assert.Equal("""{"users":true,"name":"li","role":"operator","districts":null,"families":null,"mustChangePassword":false}""", who.Body.GetRawText());
    }

    [Fact]
    public async Task Behind_a_proxy_that_ends_TLS_the_cookie_is_secure() =>
        Assert.Matches("^__Host-telemetry_session=.*; path=/; secure;", (await LogInAsync(("X-Forwarded-Proto", "https"))).SetCookie);

    [Theory]
    [InlineData("{\"token\": \"tlm_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}")]
    [InlineData("{\"token\": \"\"}")]
    [InlineData("{}")]
    public async Task A_wrong_token_opens_nothing(string body)
    {
        var answer = await _host.PostAsync("/api/v1/session", body);
        Assert.Equal((HttpStatusCode.Unauthorized, "unauthenticated"), (answer.Status, answer.Reason()));
    }

    [Fact]
    public async Task The_event_stream_works_by_cookie_and_ends_with_the_session()
    {
        var (_, cookie) = await LogInAsync();
        using var events = await EventReader.OpenAsync(_host, "/api/v1/events", ("Cookie", cookie));
        await events.NextAsync("stats");
        using (var request = new HttpRequestMessage(HttpMethod.Delete, new Uri("/api/v1/session", UriKind.Relative)) { Content = new StringContent("", null, "application/json") })
        {
            request.Headers.Add("Cookie", cookie);
            using var response = await _host.Http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
            Assert.Contains("expires=Thu, 01 Jan 1970", response.Headers.GetValues("Set-Cookie").Single(), StringComparison.OrdinalIgnoreCase);
        }
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            while (true)
                await events.NextAsync("stats");
        });
        Assert.Equal(HttpStatusCode.Unauthorized, (await _host.SendAsync(HttpMethod.Get, "/api/v1/session", headers: ("Cookie", cookie))).Status);
    }

    [Fact]
    public async Task A_session_ends_when_its_token_is_revoked()
    {
        var (_, cookie) = await LogInAsync();
        using var events = await EventReader.OpenAsync(_host, "/api/v1/events", ("Cookie", cookie));
        _credentials.WriteUsers();
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            while (true)
                await events.NextAsync("stats");
        });
        Assert.Equal(HttpStatusCode.Unauthorized, (await CommentAsync(cookie)).Status);
    }

    [Fact]
    public async Task A_session_ends_when_its_person_is_to_see_less_than_before_and_not_when_more()
    {
        var all = Credentials.Line("li", "operator", Credentials.Token);
        string Seeing(string districts) => all.Replace("}", $", districts: [{districts}]}}", StringComparison.Ordinal);
        var parts = _credentials.Start(new Hosting.Stats());
        User Now() => UserFile.Read(_credentials.UsersFile).List!.FindByTokenHash(ApiToken.HashOf(Credentials.Token))!;
        _credentials.WriteUsers(Seeing("east"));
        await Wait.ForAsync("the file is taken", () => parts.Users!.Still(Now().Key)?.Scope.IsCity == false);
        var id = await parts.Sessions!.BeginAsync(Now());
        _credentials.WriteUsers(Seeing("east, west"));
        await Wait.ForAsync("the file is taken", () => parts.Users!.Still(Now().Key)?.Scope.Districts is ["east", "west"]);
        Assert.NotNull(parts.Sessions.Find(id));
        _credentials.WriteUsers(Seeing("west"));
        await Wait.ForAsync("the file is taken", () => parts.Users!.Still(Now().Key)?.Scope.Districts is ["west"]);
        Assert.Null(parts.Sessions.Find(id));
    }

    [Theory]
    [InlineData("Origin", "http://evil.example.com")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task A_cookie_changes_nothing_from_a_page_of_another_origin(string header, string value)
    {
        var (_, cookie) = await LogInAsync();
        var answer = await CommentAsync(cookie, (header, value));
        Assert.Equal((HttpStatusCode.Forbidden, "foreign_origin"), (answer.Status, answer.Reason()));
        var login = await _host.SendAsync(HttpMethod.Post, "/api/v1/session", $$"""{"token": "{{Credentials.Token}}"}""", headers: (header, value));
        Assert.Equal("foreign_origin", login.Reason());
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task A_cookie_changes_nothing_with_a_content_type_that_a_form_can_send(string type)
    {
        var (_, cookie) = await LogInAsync();
        var answer = await _host.SendAsync(HttpMethod.Post, Comment, """{"comment": "x"}""", type, ("Cookie", cookie));
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "content_type"), (answer.Status, answer.Reason()));
    }

    [Fact]
    public async Task Our_own_page_may_change_what_its_user_may()
    {
        var (_, cookie) = await LogInAsync();
        var own = _host.Http.BaseAddress!.ToString().TrimEnd('/');
        Assert.Equal("unknown_alarm", (await CommentAsync(cookie, ("Origin", own), ("Sec-Fetch-Site", "same-origin"))).Reason());
        Assert.Equal("role", (await _host.SendAsync(HttpMethod.Put, "/api/v1/devices/x", "{}", headers: [("Cookie", cookie), ("Origin", own)])).Reason());
    }

    [Fact]
    public async Task In_open_mode_everyone_is_administrator_and_there_is_nothing_to_log_in_to()
    {
        await using var open = await ApiHost.StartAsync();
        Assert.Equal("""{"users":false,"name":null,"role":"administrator","districts":null,"families":null,"mustChangePassword":false}""", (await open.GetJsonAsync("/api/v1/session")).GetRawText());
        Assert.Equal("open_mode", (await open.PostAsync("/api/v1/session", """{"token": "x"}""")).Reason());
    }

    [Fact]
    public async Task A_session_that_nobody_uses_ends_after_2_hours()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero));
        var sessions = _credentials.Start(new Hosting.Stats(), time).Sessions!;
        var id = await sessions.BeginAsync(_credentials.Options().Users.FindByTokenHash(ApiToken.HashOf(Credentials.Token))!);
        time.Advance(TimeSpan.FromMinutes(119));
        Assert.NotNull(sessions.Find(id));
        time.Advance(TimeSpan.FromMinutes(119));
        Assert.NotNull(sessions.Find(id));
        time.Advance(TimeSpan.FromMinutes(120));
        Assert.Null(sessions.Find(id));
    }

    [Fact]
    public async Task A_session_lives_12_hours()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero));
        var sessions = _credentials.Start(new Hosting.Stats(), time).Sessions!;
        var id = await sessions.BeginAsync(_credentials.Options().Users.FindByTokenHash(ApiToken.HashOf(Credentials.Token))!);
        for (var minutes = 0; minutes < (12 * 60) - 1; minutes++)
        {
            time.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal("li", sessions.Find(id)!.Name);
        }
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal("li", sessions.Find(id)!.Name);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(sessions.Find(id));
    }
}
