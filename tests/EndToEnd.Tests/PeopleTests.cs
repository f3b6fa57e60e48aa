using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Telemetry.EndToEnd.Tests;

/// <summary>The page as it comes to people of one district, and what a service that was given secrets says.</summary>
public sealed class PeopleTests
{
    private const string Evil = "<img src=x onerror=alert(1)>", Guess = "a password that was guessed";

    private static async Task<(string Secret, string Line)> MakeAsync(params string[] arguments)
    {
        var made = JsonDocument.Parse((await ServiceProcess.RunAsync(["credential", "token", .. arguments, "--json"])).Output).RootElement;
        return (made.GetProperty("secret").GetString()!, made.GetProperty("line").GetString()!);
    }

    [Fact]
    public async Task The_page_shows_a_person_of_one_district_nothing_of_another_no_text_becomes_a_tag_and_no_secret_is_said()
    {
        using var data = new TempDirectory();
        using var files = new TempDirectory();
        var (near, nearLine) = await MakeAsync("near", "--role", "engineer", "--districts", "near");
        var (city, cityLine) = await MakeAsync("city", "--role", "administrator");
        await File.WriteAllTextAsync(files.File("users.yaml"), $"users:\n  {nearLine}\n  {cityLine}\n");
        await File.WriteAllTextAsync(files.File("secret"), "a client secret to be kept\n");
        await using var service = await ServiceProcess.StartAsync(
            data.Path, 0, $"--Security:UsersFile={files.File("users.yaml")}", "--Security:Accounts=true",
            "--Security:Oidc:Authority=http://localhost:9", "--Security:Oidc:ClientId=telemetry", $"--Security:Oidc:ClientSecretFile={files.File("secret")}", "--Security:Oidc:Roles:viewer=all");
        service.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", city);
        foreach (var district in (string[])["near", "far"])
        {
            using var put = await service.Http.PutAsJsonAsync($"/api/v1/devices/{district}-1", new { family = "public_toilet", district, street = $"{district} {Evil}" });
            Assert.Equal(HttpStatusCode.OK, put.StatusCode);
            await Clients.MosquittoPubAsync(service.MqttPort, $"telemetry/v1/gw-{district}/public_toilet/{district}-1", """{"values":{"sos_active.1":true}}""", "-q", "1");
            await service.AlarmAsync($"{district}-1", "sos", _ => true);
        }
        var said = new List<string>();
        using var nearPage = await LogInAsync(service, new { token = near });
        using var cityPage = await LogInAsync(service, new { token = city });
        foreach (var path in (string[])["", "register", "map", "load", "handover", "device/near-1", "device/far-1", "trends?channel=far-1/sos_active.1", "hidden", "health-of-the-service", "deadletters"])
        {
            var shown = await nearPage.GetStringAsync(new Uri(path, UriKind.Relative));
            said.Add(shown);
            // The address of the page itself stands in it, and no more.
            Assert.DoesNotContain("far &lt;img", shown, StringComparison.Ordinal);
            Assert.DoesNotContain("gw-far", shown, StringComparison.Ordinal);
            if (!path.Contains("far-1", StringComparison.Ordinal))
                Assert.DoesNotContain("far-1", shown, StringComparison.Ordinal);
            Assert.DoesNotContain(Evil, shown, StringComparison.Ordinal);
        }
        // What there is to hide, and to spell out: the city sees it.
        Assert.Contains("far-1", await cityPage.GetStringAsync(new Uri("", UriKind.Relative)), StringComparison.Ordinal);
        Assert.Contains("far-1", await cityPage.GetStringAsync(new Uri("register", UriKind.Relative)), StringComparison.Ordinal);
        Assert.Contains("far &lt;img src=x", await cityPage.GetStringAsync(new Uri("device/far-1", UriKind.Relative)), StringComparison.Ordinal);
        Assert.Contains("near-1", said[0], StringComparison.Ordinal);
        Assert.Contains("near &lt;img src=x", said[5], StringComparison.Ordinal);

        // Nowhere does a login lead to an address from outside.
        using (var login = await nearPage.GetAsync(new Uri("login?ReturnUrl=https://evil.example/", UriKind.Relative)))
            Assert.False(login.Headers.Location is not null || (await login.Content.ReadAsStringAsync()).Contains("\"https://evil.example", StringComparison.Ordinal));
        using (var wrong = await service.Http.PostAsJsonAsync("/api/v1/session", new { name = "nobody", password = Guess }))
            said.Add(await wrong.Content.ReadAsStringAsync());
        foreach (var path in (string[])["/api/v1/session", "/metrics", "/openapi/v1.json", "/api/v1/accounts", "/api/v1/audit", "/api/v1/nothing", "/login/oidc", "/api/v1/stats", "/api/v1/events?after=x"])
            said.Add(await (await service.Http.GetAsync(new Uri(path, UriKind.Relative))).Content.ReadAsStringAsync());
        said.Add(service.Output);
        foreach (var secret in (string[])[near, city, Guess, "a client secret to be kept", Hash(nearLine), Hash(cityLine)])
            Assert.All(said, text => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
        // There is an administrator already, by the file.
        Assert.DoesNotContain("first administrator", service.Output, StringComparison.Ordinal);
    }

    private static string Hash(string line) => line[line.IndexOf("sha256$", StringComparison.Ordinal)..].Split(',', '}')[0];

    private static async Task<HttpClient> LogInAsync(ServiceProcess service, object body)
    {
        var http = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer() }) { BaseAddress = service.Http.BaseAddress };
        using var answer = await http.PostAsJsonAsync("/api/v1/session", body);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return http;
    }
}
