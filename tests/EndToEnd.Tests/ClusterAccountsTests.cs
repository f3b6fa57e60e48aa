using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Telemetry.EndToEnd.Tests;

/// <summary>A city with accounts moves from one machine to two nodes that share them in PostgreSQL, which then dies and comes back.</summary>
public sealed partial class ClusterAccountsTests(ITestOutputHelper output) : IDisposable
{
    private const string Admin = "dry blue fish 5 clouds", Li = "wet brown fox 7 lamps", Wu = "tall green owl 9 kites";

    // Several people's, each with the cookie that a call names.
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false }) { Timeout = Wait.Longest };

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Accounts_move_into_the_cluster_a_login_is_good_at_every_node_a_lock_ends_it_at_every_node_and_without_PostgreSQL_people_come_in_and_nothing_is_changed()
    {
        await using var servers = await NatsServers.StartAsync();
        await using var postgres = await PostgresServer.StartAsync();
        using var folder = new TempDirectory();
        string[] cluster = ["--Cluster:Enabled=true", $"--Cluster:Servers={servers.Urls}"];
        string DataOf(int node) => folder.File($"node-{node}");
        var nodes = new List<ServiceProcess>();
        try
        {
            await using (var alone = await ServiceProcess.StartAsync(DataOf(0), 0, "--Security:Accounts=true"))
            {
                var first = FirstPassword().Match(alone.Output).Groups[1].Value;
                var cookie = await SettleAsync(alone, "admin", first, Admin);
                foreach (var (name, password) in new[] { ("li", Li), ("wu", Wu) })
                {
                    var made = await AsAsync(alone, cookie, HttpMethod.Post, "api/v1/accounts", new { name, role = "operator" });
                    await SettleAsync(alone, name, made.Body.GetProperty("password").GetString()!, password);
                }
                Assert.Equal(0, await alone.StopAsync());
            }
            Assert.Equal(0, (await ServiceProcess.RunAsync(["cluster", "move", $"--Data:Path={DataOf(0)}", .. cluster.Skip(1)])).ExitCode);

            nodes.Add(await StartAsync(0));
            Assert.Equal(0, (await ServiceProcess.RunAsync("backup", "--Data:Path", DataOf(0), "--out", folder.File("copies"))).ExitCode);
            var admin = await LogInAsync(nodes[0], "admin", Admin);
            // The backup does not know it.
            await LockAsync(nodes[0], admin, "wu");
            Assert.Equal(0, (await ServiceProcess.RunAsync("restore", "--from", folder.File("copies"), "--Data:Path", DataOf(1))).ExitCode);
            nodes.Add(await StartAsync(1));
            Assert.All(nodes, node => Assert.DoesNotContain("first administrator", node.Output, StringComparison.Ordinal));
            Assert.Equal("", await LogInAsync(nodes[1], "wu", Wu));

            Assert.Equal(HttpStatusCode.OK, (await AsAsync(nodes[1], admin, HttpMethod.Get, "api/v1/accounts")).Status);
            var li = await LogInAsync(nodes[1], "li", Li);
            Assert.Equal(HttpStatusCode.OK, (await AsAsync(nodes[0], li, HttpMethod.Get, "api/v1/alarms")).Status);
            await LockAsync(nodes[0], admin, "li");
            var since = TimeProvider.System.GetTimestamp();
            await Wait.ForAsync("the end of the session at the other node", async () => (await AsAsync(nodes[1], li, HttpMethod.Get, "api/v1/alarms")).Status == HttpStatusCode.Unauthorized);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"locked at one node, out at the other after {TimeProvider.System.GetElapsedTime(since).TotalMilliseconds:0} ms"));
            Assert.Equal("", await LogInAsync(nodes[1], "li", Li));
            await LockAsync(nodes[1], admin, "li", isLocked: false);
            await Wait.ForAsync("it is open again at the other node", async () => await LogInAsync(nodes[0], "li", Li) != "");

            await postgres.CrashAsync();
            foreach (var node in nodes)
            {
                await Wait.ForAsync("it knows that PostgreSQL is away", () => node.Output.Contains("people, which all nodes share in PostgreSQL: this node goes on with its copy", StringComparison.Ordinal));
                Assert.Equal(HttpStatusCode.OK, (await AsAsync(node, admin, HttpMethod.Get, "api/v1/alarms")).Status);
                var here = await LogInAsync(node, "li", Li);
                Assert.Equal(HttpStatusCode.OK, (await AsAsync(node, here, HttpMethod.Get, "api/v1/alarms")).Status);
                Assert.Equal("", await LogInAsync(node, "wu", Wu));
                var refused = await AsAsync(node, admin, HttpMethod.Put, "api/v1/accounts/li", new { role = "viewer" });
                Assert.Equal((HttpStatusCode.ServiceUnavailable, "accounts_away"), (refused.Status, refused.Body.GetProperty("reason").GetString()));
            }
            // A node that starts meanwhile has its copy.
            await nodes[1].KillAsync();
            await nodes[1].DisposeAsync();
            nodes[1] = await StartAsync(1);
            var meanwhile = await LogInAsync(nodes[1], "li", Li);
            Assert.Equal("", await LogInAsync(nodes[1], "wu", Wu));

            await postgres.StartAgainAsync();
            await Wait.ForAsync("accounts are changed again", async () => (await AsAsync(nodes[0], admin, HttpMethod.Put, "api/v1/accounts/wu", new { role = "viewer" })).Status == HttpStatusCode.OK, 60);
            await Wait.ForAsync("the other node follows", async () => await LogInAsync(nodes[1], "wu", Wu) != "", 60);
            // What began while PostgreSQL was away is known everywhere, and what was there before is still good.
            await Wait.ForAsync("the session of meanwhile", async () => (await AsAsync(nodes[0], meanwhile, HttpMethod.Get, "api/v1/alarms")).Status == HttpStatusCode.OK, 60);
            Assert.Equal(HttpStatusCode.OK, (await AsAsync(nodes[1], admin, HttpMethod.Get, "api/v1/alarms")).Status);

            string[] done =
                ["service create admin", "admin password admin", "admin create li", "li password li", "admin create wu", "wu password wu", "admin disable wu", "admin disable li", "admin enable li", "admin change wu", "admin enable wu"];
            foreach (var node in nodes)
            {
                await Wait.ForAsync("who changed what", () => AuditAsync(node, admin), audit => audit == string.Join('\n', done));
                Assert.Equal(0, await node.StopAsync());
            }
        }
        catch (Exception error) when (error is TimeoutException or Xunit.Sdk.XunitException or HttpRequestException)
        {
            foreach (var node in nodes)
                output.WriteLine(node.Output);
            throw;
        }
        finally
        {
            foreach (var node in nodes)
                await node.DisposeAsync();
        }

        Task<ServiceProcess> StartAsync(int node) => ServiceProcess.StartAsync(
            DataOf(node), 0,
            [
                .. cluster, "--Security:Accounts=true", $"--Cluster:Postgres={postgres.Connection}", $"--Cluster:PostgresPasswordFile={postgres.PasswordFile}",
                string.Create(CultureInfo.InvariantCulture, $"--Cluster:Node=127.0.0.1:{FreePort.Next()}"),
            ]);
    }

    private async Task LockAsync(ServiceProcess through, string cookie, string name, bool isLocked = true) =>
        Assert.Equal(HttpStatusCode.OK, (await AsAsync(through, cookie, HttpMethod.Put, $"api/v1/accounts/{name}", new { role = "operator", disabled = isLocked })).Status);

    /// <summary>Of accounts: by whom, what, whose.</summary>
    private async Task<string> AuditAsync(ServiceProcess node, string cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(node.Http.BaseAddress!, "api/v1/audit?kind=account"));
        request.Headers.Add("Cookie", cookie);
        using var answer = await _http.SendAsync(request);
        return string.Join('\n', (await answer.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)
            .Select(record => $"{record.GetProperty("by").GetString()} {record.GetProperty("fields").GetProperty("action").GetString()} {record.GetProperty("subject").GetString()}"));
    }

    /// <summary>The cookie; empty where the login is refused.</summary>
    private async Task<string> LogInAsync(ServiceProcess node, string name, string password) => await CookieAsync(node, HttpMethod.Post, "api/v1/session", new { name, password }, null);

    /// <summary>Logs in by a one-time password and sets one.</summary>
    private async Task<string> SettleAsync(ServiceProcess node, string name, string once, string password)
    {
        var cookie = await LogInAsync(node, name, once);
        return await CookieAsync(node, HttpMethod.Put, "api/v1/account/password", new { current = once, next = password }, cookie);
    }

    private async Task<string> CookieAsync(ServiceProcess node, HttpMethod method, string path, object body, string? cookie)
    {
        using var request = new HttpRequestMessage(method, new Uri(node.Http.BaseAddress!, path)) { Content = JsonContent.Create(body) };
        if (cookie is not null)
            request.Headers.Add("Cookie", cookie);
        using var answer = await _http.SendAsync(request);
        return answer.Headers.TryGetValues("Set-Cookie", out var set) ? set.Single().Split(';')[0] : "";
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> AsAsync(ServiceProcess node, string cookie, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(node.Http.BaseAddress!, path)) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Add("Cookie", cookie);
        using var answer = await _http.SendAsync(request);
        return (answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement);
    }

    [GeneratedRegex("first administrator: name admin, password (\\S+)")]
    private static partial Regex FirstPassword();
}
