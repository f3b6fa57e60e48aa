using Microsoft.Extensions.Configuration;
using Telemetry.Ingest.Cluster;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Tests.Security;

namespace Telemetry.Ingest.Tests.Cluster;

public class ClusterOptionsTests
{
    [Fact]
    public void Without_it_there_is_none()
    {
        Assert.Null(Read().Options.Cluster);
        Assert.Null(Read(("Cluster:Enabled", "false")).Options.Cluster);
    }

    [Fact]
    public void Servers_are_named_with_or_without_port()
    {
        var (options, errors) = Read(("Cluster:Enabled", "true"), ("Cluster:Servers", "nats://127.0.0.1:4223, nats://localhost"), ("Cluster:Stream", "city-east"), ("Cluster:Replicas", "1"));
        Assert.Empty(errors);
        Assert.Equal(["nats://127.0.0.1:4223/", "nats://localhost:4222/"], options.Cluster!.Servers.Select(server => server.ToString()));
        Assert.Equal(("city-east", 1), (options.Cluster.Stream, options.Cluster.Replicas));
    }

    [Fact]
    public void All_errors_come_at_once_each_with_key_value_and_what_would_be_right()
    {
        var (_, errors) = Read(
            ("Cluster:Enabled", "true"), ("Cluster:Servers", "http://a:1,nats://b.example:4222"), ("Cluster:Stream", "a.b"), ("Cluster:Replicas", "2"), ("Cluster:PasswordFile", "/nowhere"), ("Cluster:CaFile", "/nowhere.pem"));
        Assert.Contains(errors, error => error.StartsWith("Cluster:Servers = http://a:1: nats://HOST:PORT", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.StartsWith("Cluster:Servers = nats://b.example:4222/: a server beyond loopback needs tls://", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.StartsWith("Cluster:Stream = a.b: 1-64 characters", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.StartsWith("Cluster:Replicas = 2: 1, 3 or 5", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.StartsWith("Cluster:PasswordFile = /nowhere: a file that can be read", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.StartsWith("Cluster:CaFile = /nowhere.pem: a file that is there", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Cluster:Enabled", "maybe", "Cluster:Enabled = maybe: true or false")]
    [InlineData("Cluster:Servers", "nats://127.0.0.1:4222", "Cluster:Servers = nats://127.0.0.1:4222: needs Cluster:Enabled=true")]
    [InlineData("Cluster:Server", "x", "Cluster:Server = x: unknown key; did you mean Cluster:Servers?")]
    public void What_means_nothing_is_refused(string key, string value, string expected) => Assert.Equal([expected], Read((key, value)).Errors);

    [Fact]
    public void What_a_cluster_cannot_do_yet_is_refused_by_name()
    {
        var (_, errors) = Read(
            ("Cluster:Enabled", "true"), ("Cluster:Servers", "nats://127.0.0.1:4222"), ("Notify:File", "notify.yaml"), ("Demo", "true"), ("Store:Kinds", "duckdb,influxdb"), ("Security:Accounts", "false"));
        Assert.Contains("Notify:File = notify.yaml: needs an owner with Cluster:Enabled=true, which Cluster:Postgres gives: without one each node would tell everybody", errors);
        Assert.Contains("Demo = true: not yet there with Cluster:Enabled=true: a demonstration is one machine's", errors);
        Assert.Contains(errors, error => error.StartsWith("Store:Kinds = duckdb,influxdb: influxdb needs an owner", StringComparison.Ordinal));
        Assert.DoesNotContain(errors, error => error.StartsWith("Security:Accounts = false: needs an owner", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Mqtt:External:Address", "mqtt://127.0.0.1", "the nodes would push each other out of the broker's session")]
    [InlineData("Notify:Push:Subject", "mailto:a@a.example", "a browser is known to the node alone at which it subscribed")]
    [InlineData("Watchdog:Url", "http://127.0.0.1:8090/heartbeat", "each node would answer each test reading")]
    [InlineData("Upward:Address", "mqtt://127.0.0.1", "each node would forward everything")]
    [InlineData("Security:Accounts", "true", "each node would keep accounts of its own; Security:UsersFile may be the same on all of them")]
    public void What_an_owner_does_needs_one(string key, string value, string why)
    {
        (string, string)[] cluster = [("Cluster:Enabled", "true"), ("Cluster:Servers", "nats://127.0.0.1:4222"), (key, value)];
        Assert.Contains($"{key} = {value}: needs an owner with Cluster:Enabled=true, which Cluster:Postgres gives: without one {why}", Read(cluster).Errors);
        Assert.DoesNotContain(Read([.. cluster, ("Cluster:Postgres", "Host=127.0.0.1;Database=telemetry;Username=telemetry")]).Errors, error => error.StartsWith(key, StringComparison.Ordinal));
    }

    [Fact]
    public void With_an_owner_people_are_told_and_a_store_is_shared()
    {
        var (options, errors) = Read(
            ("Cluster:Enabled", "true"), ("Cluster:Servers", "nats://127.0.0.1:4222"), ("Cluster:Postgres", "Host=127.0.0.1;Database=telemetry;Username=telemetry"), ("Notify:File", "notify.yaml"), ("Notify:PublicUrl", "http://127.0.0.1/"), ("Notify:Push:Subject", "mailto:a@a.example"));
        Assert.DoesNotContain(errors, error => error.StartsWith("Notify:File", StringComparison.Ordinal));
        Assert.DoesNotContain(errors, error => error.StartsWith("Notify:PublicUrl", StringComparison.Ordinal));
        Assert.DoesNotContain(errors, error => error.StartsWith("Notify:Push:Subject", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.StartsWith("Notify:Push:KeyFile = : needed with Cluster:Enabled=true: push services know all nodes by one key", StringComparison.Ordinal));
        Assert.Equal("127.0.0.1:11111", options.Cluster!.Owner!.Node.ToString());
    }

    [Theory]
    [InlineData("Cluster:Postgres", "Host=127.0.0.1;Database=t;Username=t;Password=s3cret", "Cluster:Postgres = : without a password")]
    [InlineData("Cluster:Postgres", "Host=127.0.0.1;Nonsense=1", "Cluster:Postgres = : Host=…;Port=…")]
    [InlineData("Cluster:Postgres", "Host=127.0.0.1;Database=t", "Cluster:Postgres = Host=127.0.0.1;Database=t: Username= is missing")]
    [InlineData("Cluster:Postgres", "Host=db.example;Database=t;Username=t", "Cluster:Postgres = Host=db.example;Database=t;Username=t: a server beyond loopback needs SSL Mode=VerifyFull")]
    [InlineData("Cluster:Postgres", "Host=db.example;Database=t;Username=t;SSL Mode=VerifyFull", "Cluster:PostgresPasswordFile = : a server beyond loopback needs a password")]
    [InlineData("Cluster:PostgresPasswordFile", "/nowhere", "Cluster:PostgresPasswordFile = /nowhere: needs Cluster:Postgres")]
    [InlineData("Cluster:NodeCaFile", "/nowhere", "Cluster:NodeCaFile = /nowhere: needs Cluster:Postgres")]
    public void An_owner_that_cannot_be_is_refused(string key, string value, string expected)
    {
        var (_, errors) = Read(("Cluster:Enabled", "true"), ("Cluster:Servers", "nats://127.0.0.1:4222"), (key, value));
        Assert.Contains(errors, error => error.StartsWith(expected, StringComparison.Ordinal));
        Assert.DoesNotContain(errors, error => error.Contains("s3cret", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("10.0.0.1:11111", "beyond loopback needs Cluster:NodeCertificate and Cluster:NodeCaFile")]
    [InlineData("0.0.0.0:11111", "the one address by which the other nodes reach this one")]
    [InlineData("[::]:11111", "the one address by which the other nodes reach this one")]
    [InlineData("localhost", "ADDRESS:PORT by which the other nodes reach this one")]
    [InlineData("127.0.0.1", "ADDRESS:PORT by which the other nodes reach this one")]
    public void A_node_is_an_address_and_beyond_loopback_it_shows_a_certificate(string node, string expected)
    {
        var (_, errors) = Read(("Cluster:Enabled", "true"), ("Cluster:Servers", "nats://127.0.0.1:4222"), ("Cluster:Postgres", "Host=127.0.0.1;Database=t;Username=t"), ("Cluster:Node", node));
        Assert.Contains(errors, error => error.StartsWith($"Cluster:Node = {node}: {expected}", StringComparison.Ordinal));
    }

    [Fact]
    public void With_a_certificate_a_node_may_be_beyond_loopback()
    {
        using var files = new Certificates();
        using var own = files.Issue();
        (string, string)[] settings =
        [
            ("Cluster:Enabled", "true"), ("Cluster:Servers", "nats://127.0.0.1:4222"), ("Cluster:Postgres", "Host=127.0.0.1;Database=t;Username=t"), ("Cluster:Node", "10.0.0.1:11111"),
            ("Cluster:NodeCertificate", files.Write("node.pem", own.ExportCertificatePem() + "\n" + Certificates.KeyPem(own))),
        ];
        var (options, errors) = Read([.. settings, ("Cluster:NodeCaFile", files.AuthorityFile)]);
        Assert.Empty(errors);
        Assert.Equal("10.0.0.1:11111", options.Cluster!.Owner!.Node.ToString());
        Assert.Equal(own.Thumbprint, options.Security.NodeCertificate!.Value.First.Own.Context.TargetCertificate.Thumbprint);
        Assert.Contains("Cluster:NodeCaFile is missing", Assert.Single(Read(settings).Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void A_cluster_without_servers_is_refused() => Assert.Contains(Read(("Cluster:Enabled", "true")).Errors, error => error.StartsWith("Cluster:Servers = : the nats-servers, such as", StringComparison.Ordinal));

    private static (ServiceOptions Options, IReadOnlyList<string> Errors) Read(params (string Key, string Value)[] settings) =>
        OptionsReader.Read(new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => new KeyValuePair<string, string?>(setting.Key, setting.Value))).Build());
}
