using Telemetry.Ingest.Security;

namespace Telemetry.Dashboards.Tests.Deploy;

public sealed class MakeSecretsTests(SecretsFixture secrets) : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Nobody_but_the_owner_reads_any_of_it() =>
        Assert.Equal("", await Tool.RunAsync("find", secrets.Path, "-perm", "/077"));

    [Fact]
    public void The_service_takes_its_users_and_gateways_with_what_was_handed_out()
    {
        var (gateways, wrongGateways) = GatewayFile.Read(secrets.PathOf("telemetry/gateways.yaml"));
        var (users, wrongUsers) = UserFile.Read(secrets.PathOf("telemetry/users.yaml"));

        Assert.Empty(wrongGateways.Concat(wrongUsers));
        Assert.Equal(2, gateways!.Count);
        Assert.All(["gw-1", "gw.2"], name => Assert.True(gateways.Find(name)!.Password!.Verify(System.Text.Encoding.UTF8.GetBytes(secrets.Text($"handout/gateway-{name}")))));
        Assert.Equal(Role.Administrator, users!.FindByTokenHash(ApiToken.HashOf(secrets.Text("handout/admin-token")))!.Role);
    }

    [Fact]
    public void What_two_containers_need_is_the_same_in_both_and_no_two_secrets_are_alike()
    {
        Assert.Equal(secrets.Text("influxdb/grafana-password"), secrets.Text("grafana/influxdb-password"));
        Assert.Equal(secrets.Text("mosquitto/server.crt"), secrets.Text("telemetry/server.crt"));
        Assert.Equal(secrets.Text("postgres/password"), secrets.Text("telemetry/postgres-password"));
        Assert.Contains($"password: \"{secrets.Text("telemetry/nats-password")}\"", secrets.Text("nats/users.conf"), StringComparison.Ordinal);
        var passwords = secrets.Made.Keys.Where(file => (file.Contains("password", StringComparison.Ordinal) && file is not ("grafana/influxdb-password" or "postgres/password")) || file.Contains("token", StringComparison.Ordinal) || file.StartsWith("handout/gateway-", StringComparison.Ordinal)).ToList();
        Assert.Equal(10, passwords.Count);
        Assert.Equal(passwords.Count, passwords.Select(secrets.Text).Distinct().Count());
        Assert.All(passwords, file => Assert.InRange(secrets.Text(file).Length, 43, 64));
    }

    [Fact]
    public void No_readable_password_stands_among_those_of_Mosquitto() =>
        Assert.All(secrets.Text("mosquitto/passwd").Split('\n'), line => Assert.Matches(@"^(telemetry|gw-1|gw\.2):\$7\$\d+\$[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+$", line));

    [Fact]
    public async Task Nodes_are_signed_by_an_authority_of_their_own_and_servers_under_the_names_by_which_they_are_called()
    {
        await Tool.RunAsync("openssl", "verify", "-purpose", "sslclient", "-CAfile", secrets.PathOf("telemetry/nodes.crt"), secrets.PathOf("telemetry/node.crt"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Tool.RunAsync("openssl", "verify", "-CAfile", secrets.PathOf("telemetry/nodes.crt"), secrets.PathOf("nats/server.crt")));
        foreach (var name in (string[])["nats-1", "nats-2.nats"])
            await Tool.RunAsync("openssl", "verify", "-purpose", "sslclient", "-verify_hostname", name, "-CAfile", secrets.PathOf("telemetry/ca.crt"), secrets.PathOf("nats/server.crt"));
        await Tool.RunAsync("openssl", "verify", "-verify_hostname", "postgres", "-CAfile", secrets.PathOf("telemetry/ca.crt"), secrets.PathOf("postgres/server.crt"));
        Assert.DoesNotContain(secrets.Made.Keys, file => !file.StartsWith("ca/", StringComparison.Ordinal) && (file.EndsWith("nodes.key", StringComparison.Ordinal) || file.EndsWith("ca.key", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_second_run_changes_nothing_and_says_so()
    {
        var path = _folder.File("secrets");
        await SecretsFixture.MakeAsync(path, "gw-1");
        var before = await DigestAsync(path);

        Assert.Contains("nothing to do", await SecretsFixture.MakeAsync(path), StringComparison.Ordinal);
        Assert.Contains("nothing to do", await SecretsFixture.MakeAsync(path, "gw-1"), StringComparison.Ordinal);

        Assert.Equal(before, await DigestAsync(path));
    }

    [Fact]
    public async Task A_gateway_that_comes_later_stands_beside_the_first_in_the_very_files_that_containers_have_mounted()
    {
        var path = _folder.File("secrets");
        await SecretsFixture.MakeAsync(path, "gw-1");
        var mounted = await InodesAsync();
        var first = File.ReadAllText(Path.Combine(path, "telemetry/gateways.yaml"));

        var said = await SecretsFixture.MakeAsync(path, "gw-2");

        Assert.StartsWith("made handout/gateway-gw-2\n", said, StringComparison.Ordinal);
        Assert.DoesNotContain("nothing to do", said, StringComparison.Ordinal);
        Assert.Equal(mounted, await InodesAsync());
        Assert.StartsWith(first, File.ReadAllText(Path.Combine(path, "telemetry/gateways.yaml")), StringComparison.Ordinal);
        Assert.Equal(2, GatewayFile.Read(Path.Combine(path, "telemetry/gateways.yaml")).List!.Count);

        Task<string> InodesAsync() => Tool.RunAsync("stat", "-c", "%i %U", Path.Combine(path, "telemetry/gateways.yaml"), Path.Combine(path, "mosquitto/passwd"));
    }

    [Fact]
    public async Task What_was_moved_away_is_made_again_and_the_rest_stays()
    {
        var path = _folder.File("secrets");
        await SecretsFixture.MakeAsync(path);
        var authority = File.ReadAllText(Path.Combine(path, "ca/ca.crt"));
        var old = File.ReadAllText(Path.Combine(path, "telemetry/server.crt"));
        foreach (var file in new[] { "telemetry/server.crt", "telemetry/server.key", "mosquitto/server.crt", "mosquitto/server.key" })
            File.Delete(Path.Combine(path, file));

        await SecretsFixture.MakeAsync(path, "--names", "mqtt.example.org,192.0.2.7,2001:db8::7");

        Assert.Equal(authority, File.ReadAllText(Path.Combine(path, "ca/ca.crt")));
        Assert.NotEqual(old, File.ReadAllText(Path.Combine(path, "telemetry/server.crt")));
        var names = await Tool.RunAsync("openssl", "x509", "-in", Path.Combine(path, "telemetry/server.crt"), "-noout", "-ext", "subjectAltName");
        Assert.All(["DNS:localhost", "DNS:mosquitto", "DNS:mqtt.example.org", "IP Address:192.0.2.7", "IP Address:2001:DB8:0:0:0:0:0:7"], name => Assert.Contains(name, names, StringComparison.Ordinal));
        await Tool.RunAsync("openssl", "verify", "-CAfile", Path.Combine(path, "ca/ca.crt"), Path.Combine(path, "mosquitto/server.crt"));
    }

    [Theory]
    [InlineData("no gateway's name", "gw/1")]
    [InlineData("no gateway's name", "gw:1")]
    [InlineData("the service's own user", "telemetry")]
    [InlineData("unknown option", "--name", "x")]
    [InlineData("are these names and addresses right", "--names", "999.1.1.1")]
    public async Task Wrong_usage_is_named(string right, params string[] arguments)
    {
        var problem = await Assert.ThrowsAsync<InvalidOperationException>(() => SecretsFixture.MakeAsync(_folder.File("secrets"), arguments));

        Assert.Contains(right, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_cannot_be_run_is_named_and_leaves_nothing_half_made()
    {
        var path = _folder.File("secrets");
        var problem = await Assert.ThrowsAsync<InvalidOperationException>(() => Tool.RunAsync("env", $"SECRETS={path}", "INGEST=false", Path.Combine(Repository.Root, "docs/deploy/make-secrets")));

        Assert.Contains("docker compose build telemetry", problem.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(path, "telemetry/users.yaml")));
        Assert.Contains("made telemetry/users.yaml", await SecretsFixture.MakeAsync(path), StringComparison.Ordinal);
    }

    private static Task<string> DigestAsync(string path) => Tool.RunAsync("sh", "-c", "cd \"$1\" && find . -type f | sort | xargs sha256sum", "sh", path);
}
