using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Npgsql;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.Tests.Security;

namespace Telemetry.Ingest.Tests.Cluster.Owner;

/// <summary>Silos of this process on a real PostgreSQL.</summary>
public sealed class OwnerSiloTests
{
    [Fact]
    public async Task One_of_two_nodes_is_the_owner_gives_it_up_in_order_and_stops_at_once_when_its_save_is_refused()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var postgres = await ConnectAsync(server);
        await using var first = await Node.StartAsync(postgres);
        await Wait.ForAsync("the first is the owner", () => first.Ownership.IsOwner, 60);
        await using var second = await Node.StartAsync(postgres);

        // As a successor that the first one knows nothing of.
        var acting = first.Ownership.AsOwnerAsync(token => Task.Delay(Timeout.Infinite, token), CancellationToken.None);
        await using (var successor = postgres.CreateCommand("UPDATE owner_state SET version = version + 1"))
            Assert.Equal(1, await successor.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
        await acting.WaitAsync(Wait.Longest, TestContext.Current.CancellationToken);

        await Wait.ForAsync("one is the owner again", () => first.Ownership.IsOwner || second.Ownership.IsOwner, 60);
        var (owner, other) = first.Ownership.IsOwner ? (first, second) : (second, first);
        Assert.False(other.Ownership.IsOwner);
        await owner.StopAsync();
        await Wait.ForAsync("the other is the owner", () => other.Ownership.IsOwner, 60);
        await using var epoch = postgres.CreateCommand("SELECT version FROM owner_state");
        Assert.True((int)(await epoch.ExecuteScalarAsync(TestContext.Current.CancellationToken))! > 3);
    }

    [Fact]
    public async Task Nodes_that_show_each_other_the_authoritys_certificate_share_an_owner_and_no_other_node_takes_part()
    {
        using Certificates cluster = new(), foreign = new();
        await using var server = await PostgresServer.StartAsync();
        await using var postgres = await ConnectAsync(server);
        await using var first = await Node.StartAsync(postgres, Shown(cluster, cluster));
        await Wait.ForAsync("the first is the owner", () => first.Ownership.IsOwner, 60);
        await using var second = await Node.StartAsync(postgres, Shown(cluster, cluster));
        await Wait.ForAsync("the second takes part", () => IsActiveAsync(postgres, second), 60);

        // One whose own certificate is another authority's, though it would take theirs; and one that takes another authority's alone.
        await using (var strange = await Node.StartAsync(postgres, Shown(foreign, cluster)))
        {
            await Wait.ForAsync("the strange one is refused", () => first.HasRefused || second.HasRefused, 60);
            Assert.False(await IsActiveAsync(postgres, strange));
            Assert.False(strange.HasRefused);
            Assert.False(strange.Ownership.IsOwner);
            await strange.StopAsync();
            Assert.True(strange.LeavesNothingRunning);
        }
        await using (var wary = await Node.StartAsync(postgres, Shown(cluster, foreign)))
        {
            await Wait.ForAsync("the wary one refuses", () => wary.HasRefused, 60);
            Assert.False(await IsActiveAsync(postgres, wary));
            await wary.StopAsync();
            Assert.True(wary.LeavesNothingRunning);
        }

        await Wait.ForAsync("one is the owner", () => first.Ownership.IsOwner || second.Ownership.IsOwner, 60);
        var (owner, other) = first.Ownership.IsOwner ? (first, second) : (second, first);
        Assert.False(other.Ownership.IsOwner);
        await owner.StopAsync();
        await Wait.ForAsync("the other is the owner", () => other.Ownership.IsOwner, 60);
    }

    [Fact]
    public async Task A_node_speaks_with_nobody_who_shows_no_certificate_a_foreign_or_an_expired_one_or_speaks_without_TLS()
    {
        using Certificates cluster = new(), foreign = new();
        await using var server = await PostgresServer.StartAsync();
        await using var postgres = await ConnectAsync(server);
        await using var node = await Node.StartAsync(postgres, Shown(cluster, cluster));
        await Wait.ForAsync("the node is the owner", () => node.Ownership.IsOwner, 60);
        using X509Certificate2 good = cluster.Issue(), strange = foreign.Issue(), expired = cluster.Issue(-10, -1);

        Assert.True(await IsHeardAsync(node, good));
        Assert.False(await IsHeardAsync(node, null));
        Assert.False(await IsHeardAsync(node, strange));
        Assert.False(await IsHeardAsync(node, expired));
        Assert.False(await IsHeardInPlainAsync(node));
        Assert.True(await IsHeardAsync(node, good));
    }

    [Fact]
    public async Task A_node_may_be_stopped_while_it_starts()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var postgres = await ConnectAsync(server);
        await using var node = await Node.StartAsync(postgres, stopAt: DirectoryStarted);
        await Wait.ForAsync("its stop", () => node.HasSaid(DirectoryStarted), 60);
        await node.StopAsync();
        Assert.True(node.LeavesNothingRunning);
    }

    [Theory]
    [InlineData("127.0.0.1", "10.0.0.9", "elsewhere (10.0.0.9)")]
    [InlineData("10.0.0.1", "127.0.0.1", "elsewhere (127.0.0.1)")]
    [InlineData("10.0.0.1", "::1", "elsewhere (::1)")]
    [InlineData("10.0.0.1", "10.0.0.9", null)]
    public async Task A_node_of_another_machine_is_a_stranger_where_one_of_the_two_is_on_loopback(string own, string other, string? stranger)
    {
        await using var server = await PostgresServer.StartAsync();
        await using var postgres = await ConnectAsync(server);
        await OwnerSchema.ApplyAsync(postgres, TestContext.Current.CancellationToken);
        await using var nodes = postgres.CreateCommand(
            $"""
            INSERT INTO cluster_version (cluster) VALUES ('telemetry');
            INSERT INTO cluster_node (cluster, address, port, generation, name, host, status, started, alive) VALUES
            ('telemetry', '{other}', 1, 1, 'n', 'elsewhere', 3, now(), now()), ('telemetry', '127.0.0.1', 2, 1, 'n', '{Dns.GetHostName()}', 3, now(), now()),
            ('telemetry', '127.0.0.1', 3, 1, 'n', 'dead', 6, now(), now()), ('telemetry', '127.0.0.1', 4, 1, 'n', 'gone', 3, now(), now() - interval '2 minutes');
            """);
        await nodes.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        Assert.Equal(stranger, await OwnerSchema.StrangerAsync(postgres, "telemetry", IPAddress.Parse(own), TestContext.Current.CancellationToken));
        Assert.Null(await OwnerSchema.StrangerAsync(postgres, "another", IPAddress.Parse(own), TestContext.Current.CancellationToken));
    }

    private static async Task<NpgsqlDataSource> ConnectAsync(PostgresServer server) =>
        NpgsqlDataSource.Create($"{server.Connection};Password={(await File.ReadAllTextAsync(server.PasswordFile, TestContext.Current.CancellationToken)).Trim()}");

    private static async Task<bool> IsActiveAsync(NpgsqlDataSource postgres, Node node)
    {
        await using var asking = postgres.CreateCommand("SELECT 1 FROM cluster_node WHERE port = $1 AND status = 3");
        asking.Parameters.Add(new NpgsqlParameter { Value = node.Endpoint.Port });
        return await asking.ExecuteScalarAsync(TestContext.Current.CancellationToken) is not null;
    }

    private static NodeCertificate Shown(Certificates own, Certificates taken)
    {
        using var certificate = own.Issue();
        var file = own.Write($"{certificate.SerialNumber}.pem", certificate.ExportCertificatePem() + "\n" + Certificates.KeyPem(certificate));
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(taken.AuthorityFile);
        return new NodeCertificate(CertificateReader.Read(new CertificateFiles("Cluster:Node", file, null, null), TimeProvider.System).Certificate!, [.. authorities]);
    }

    /// <summary>Whether the node goes on with who shows this. TLS 1.3 says that a client is refused only after the handshake.</summary>
    private static async Task<bool> IsHeardAsync(Node node, X509Certificate2? shown)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(node.Endpoint, TestContext.Current.CancellationToken);
#pragma warning disable CA5359 // Whom this client trusts is not what is tried.
        await using var tls = new SslStream(socket.GetStream(), false, (_, _, _, _) => true);
#pragma warning restore CA5359
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions { TargetHost = "node", ClientCertificates = shown is null ? [] : [shown], ApplicationProtocols = [new SslApplicationProtocol("Orleans1")] },
                TestContext.Current.CancellationToken);
            // A silo says who it is first.
            return await tls.ReadAsync(new byte[1], TestContext.Current.CancellationToken) > 0;
        }
        catch (Exception refused) when (refused is AuthenticationException or IOException)
        {
            return false;
        }
    }

    private static async Task<bool> IsHeardInPlainAsync(Node node)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(node.Endpoint, TestContext.Current.CancellationToken);
        try
        {
            await socket.GetStream().WriteAsync("Orleans, as a node without TLS would speak it"u8.ToArray(), TestContext.Current.CancellationToken);
            var bytes = new byte[1024];
            // What it says at most is that this is no TLS.
            const byte Alert = 21;
            return await socket.GetStream().ReadAsync(bytes, TestContext.Current.CancellationToken) > 0 && (bytes[0] != Alert || await socket.GetStream().ReadAsync(bytes, TestContext.Current.CancellationToken) > 0);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private const string DirectoryStarted = "LocalGrainDirectory' started";

    private sealed class Node : IAsyncDisposable
    {
        private readonly OwnerSilo _silo;
        private readonly LogLines _log = new();

        private Node(NpgsqlDataSource postgres, NodeCertificate? certificate)
        {
            Endpoint = new IPEndPoint(IPAddress.Loopback, FreePort.Next());
            _silo = new OwnerSilo(
                new OwnerOptions { Postgres = "", Node = Endpoint }, "telemetry", new OwnerNode(Endpoint.ToString()), certificate is null ? null : () => certificate, postgres, Ownership, new Progress(), new Readiness(), _log, TimeProvider.System);
        }

        public IPEndPoint Endpoint { get; }

        public Ownership Ownership { get; } = new(TimeProvider.System);

        /// <summary>It has refused another one's certificate.</summary>
        public bool HasRefused => HasSaid("another node's certificate is refused");

        /// <summary>Orleans's directory of grains, which goes round and round where it was begun and never stopped.</summary>
        public bool LeavesNothingRunning => _log.All.Count(line => line.Contains(DirectoryStarted, StringComparison.Ordinal)) is > 0 and var started
            && started == _log.All.Count(line => line.Contains("LocalGrainDirectory' stopped", StringComparison.Ordinal));

        /// <param name="stopAt">The line of the log at which it is told to stop; null for none.</param>
        public static async Task<Node> StartAsync(NpgsqlDataSource postgres, NodeCertificate? certificate = null, string? stopAt = null)
        {
            var node = new Node(postgres, certificate);
            if (stopAt is not null)
                node._log.Written = line => _ = line.Contains(stopAt, StringComparison.Ordinal) ? node._silo.StopAsync(CancellationToken.None) : Task.CompletedTask;
            await node._silo.StartAsync(TestContext.Current.CancellationToken);
            return node;
        }

        public bool HasSaid(string line) => _log.All.Any(said => said.Contains(line, StringComparison.Ordinal));

        public async Task StopAsync()
        {
            await _silo.StopAsync(CancellationToken.None);
            // A failure would end the whole service, and its stop in order with it.
            await _silo.ExecuteTask!;
        }

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            _silo.Dispose();
            Ownership.Dispose();
            _log.Dispose();
        }
    }
}
