using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Hosting;

namespace Telemetry.Ingest.Tests.Cluster.Owner;

/// <summary>Silos of this process on a real PostgreSQL.</summary>
public sealed class OwnerSiloTests
{
    [Fact]
    public async Task One_of_two_nodes_is_the_owner_gives_it_up_in_order_and_stops_at_once_when_its_save_is_refused()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var postgres = NpgsqlDataSource.Create($"{server.Connection};Password={(await File.ReadAllTextAsync(server.PasswordFile, TestContext.Current.CancellationToken)).Trim()}");
        await using var first = await Node.StartAsync(postgres);
        await Wait.ForAsync("the first is the owner", () => first.Ownership.IsOwner);
        await using var second = await Node.StartAsync(postgres);

        // As a successor that the first one knows nothing of.
        var acting = first.Ownership.AsOwnerAsync(token => Task.Delay(Timeout.Infinite, token), CancellationToken.None);
        await using (var successor = postgres.CreateCommand("UPDATE owner_state SET version = version + 1"))
            Assert.Equal(1, await successor.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
        await acting.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        await Wait.ForAsync("one is the owner again", () => first.Ownership.IsOwner || second.Ownership.IsOwner, 60);
        var (owner, other) = first.Ownership.IsOwner ? (first, second) : (second, first);
        Assert.False(other.Ownership.IsOwner);
        await owner.StopAsync();
        await Wait.ForAsync("the other is the owner", () => other.Ownership.IsOwner, 60);
        await using var epoch = postgres.CreateCommand("SELECT version FROM owner_state");
        Assert.True((int)(await epoch.ExecuteScalarAsync(TestContext.Current.CancellationToken))! > 3);
    }

    private sealed class Node : IAsyncDisposable
    {
        private readonly OwnerSilo _silo;

        private Node(NpgsqlDataSource postgres)
        {
            var endpoint = new IPEndPoint(IPAddress.Loopback, PostgresServer.FreePort());
            _silo = new OwnerSilo(
                new OwnerOptions { Postgres = "", Node = endpoint }, "telemetry", new OwnerNode(endpoint.ToString()), postgres, Ownership, new Progress(), new Readiness(), NullLoggerFactory.Instance, TimeProvider.System);
        }

        public Ownership Ownership { get; } = new(TimeProvider.System);

        public static async Task<Node> StartAsync(NpgsqlDataSource postgres)
        {
            var node = new Node(postgres);
            await node._silo.StartAsync(TestContext.Current.CancellationToken);
            return node;
        }

        public Task StopAsync() => _silo.StopAsync(CancellationToken.None);

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            _silo.Dispose();
            Ownership.Dispose();
        }
    }
}
