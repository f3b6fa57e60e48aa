using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Telemetry.EndToEnd.Tests;

/// <summary>Logins by a provider of OpenID Connect that none of us wrote, as a browser goes through them.</summary>
public sealed partial class OidcTests
{
    private const string Secret = "a client secret of the test";

    [Fact]
    public async Task A_provider_lets_in_with_role_and_district_says_what_is_missing_and_may_be_away()
    {
        using var data = new TempDirectory();
        using var files = new TempDirectory();
        await File.WriteAllTextAsync(files.File("secret"), Secret + "\n");
        var port = FreePort.Next();
        // Before the provider: no start waits for it.
        await using var service = await ServiceProcess.StartAsync(
            data.Path, 0, "--Security:Accounts=true", $"--Security:Oidc:Authority=http://localhost:{port}", "--Security:Oidc:ClientId=telemetry", $"--Security:Oidc:ClientSecretFile={files.File("secret")}",
            "--Security:Oidc:Roles:operator=control-room", "--Security:Oidc:Roles:administrator=chiefs", "--Security:Oidc:DistrictsClaim=districts");
        using (var away = await service.Http.GetAsync(new Uri("/login/oidc", UriKind.Relative)))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, away.StatusCode);
            Assert.Contains("password or token", await away.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        var once = FirstPassword().Match(service.Output).Groups[1].Value;
        using (var local = await service.Http.PostAsJsonAsync("/api/v1/session", new { name = "admin", password = once }))
            Assert.Equal(HttpStatusCode.OK, local.StatusCode);

        using var provider = Clients.Start("node", Path.Combine(Repository.Root, "tests/EndToEnd.Tests/clients/oidc.mjs"), port.ToString(CultureInfo.InvariantCulture), "telemetry", Secret, new Uri(service.Http.BaseAddress!, "login/oidc/answer").ToString());
        try
        {
            Assert.Equal("ready", await provider.StandardOutput.ReadLineAsync().WaitAsync(Wait.Longest));

            var (status, page, session) = await VisitAsync(service, "li:control-room:Xihu,Donghu");
            Assert.True(status == HttpStatusCode.OK, page + service.Output);
            // A redirect would come to the browser as part of another site's navigation, without the strict cookie.
            Assert.Contains("http-equiv=\"refresh\"", page, StringComparison.Ordinal);
            var who = JsonDocument.Parse(session).RootElement;
            Assert.Equal(("li", "operator"), (who.GetProperty("name").GetString(), who.GetProperty("role").GetString()));
            Assert.Equal(["Xihu", "Donghu"], who.GetProperty("districts").EnumerateArray().Select(district => district.GetString()));

            (_, _, session) = await VisitAsync(service, "chen:chiefs,control-room:*");
            Assert.Equal("administrator", JsonDocument.Parse(session).RootElement.GetProperty("role").GetString());
            Assert.Equal(JsonValueKind.Null, JsonDocument.Parse(session).RootElement.GetProperty("districts").ValueKind);

            foreach (var (login, missing) in new[] { ("wu:gardeners:Xihu", "holds none of chiefs, control-room"), ("wu:control-room", "the claim &#39;districts&#39; is missing"), ("admin:chiefs:*", "is the name of an account") })
            {
                (status, page, session) = await VisitAsync(service, login);
                Assert.Equal(HttpStatusCode.Forbidden, status);
                Assert.Contains(missing, page, StringComparison.Ordinal);
                Assert.Equal("", session);
            }

            // An answer that was not asked for in this browser: somebody else's login is not put upon it.
            (status, _, session) = await VisitAsync(service, "li:control-room:Xihu", asAnother: true);
            Assert.Equal((HttpStatusCode.Unauthorized, ""), (status, session));
        }
        finally
        {
            provider.Kill(entireProcessTree: true);
            await provider.WaitForExitAsync();
        }
        Assert.DoesNotContain(Secret, service.Output, StringComparison.Ordinal);
    }

    [GeneratedRegex("first administrator: name admin, password (\\S+)")]
    private static partial Regex FirstPassword();

    private static async Task<(HttpStatusCode Status, string Page, string Session)> VisitAsync(ServiceProcess service, string login, bool asAnother = false)
    {
        using var visit = new Visit(service.Http.BaseAddress!);
        return await visit.LogInAsync(login, asAnother);
    }

    /// <summary>A browser: it keeps cookies, follows where it is sent and fills in the provider's forms.</summary>
    private sealed partial class Visit(Uri service) : IDisposable
    {
        private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() });

        public void Dispose() => _http.Dispose();

        /// <param name="asAnother">The last step is made by another browser.</param>
        /// <returns>The service's last answer, and what it says of the session then; empty for none.</returns>
        public async Task<(HttpStatusCode Status, string Page, string Session)> LogInAsync(string login, bool asAnother)
        {
            var last = _http;
            var at = new Uri(service, "login/oidc");
            var answer = await _http.GetAsync(at);
            for (var step = 0; step < 20; step++)
            {
                if (answer.Headers.Location is { } next)
                {
                    at = new Uri(at, next);
                    last = asAnother && at.AbsolutePath == "/login/oidc/answer" ? new HttpClient() : _http;
                    answer = await last.GetAsync(at);
                    continue;
                }
                var page = await answer.Content.ReadAsStringAsync();
                if (at.Port == service.Port)
                {
                    using var session = await last.GetAsync(new Uri(service, "api/v1/session"));
                    return (answer.StatusCode, page, session.IsSuccessStatusCode ? await session.Content.ReadAsStringAsync() : "");
                }
                var form = Form().Match(page);
                Assert.True(form.Success, page);
                var prompt = Prompt().Match(page).Groups[1].Value;
                at = new Uri(at, WebUtility.HtmlDecode(form.Groups[1].Value));
                answer = await _http.PostAsync(at, new FormUrlEncodedContent(new Dictionary<string, string> { ["prompt"] = prompt, ["login"] = login, ["password"] = "x" }));
            }
            throw new InvalidOperationException("the provider sends in circles");
        }

        [GeneratedRegex("<form[^>]* action=\"([^\"]+)\"")]
        private static partial Regex Form();

        [GeneratedRegex("name=\"prompt\" value=\"([^\"]+)\"")]
        private static partial Regex Prompt();
    }
}
