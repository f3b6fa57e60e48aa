using Npgsql;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Gateways.External;

namespace Telemetry.Ingest.Tests.Cluster.Owner;

public sealed class KeptTableTests
{
    [Fact]
    public async Task The_next_owner_knows_the_session_at_the_broker_and_how_far_the_city_is_and_the_last_one_without_PostgreSQL_what_it_knew()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var postgres = NpgsqlDataSource.Create($"{server.Connection};Password={(await File.ReadAllTextAsync(server.PasswordFile, TestContext.Current.CancellationToken)).Trim()};Timeout=30");
        await OwnerSchema.ApplyAsync(postgres, CancellationToken.None);
        KeptTable kept = new(postgres, "city"), elsewhere = new(postgres, "country");
        var options = new ExternalOptions { Host = "127.0.0.1", Port = 1883 };
        SharedSessionMemory session = new(kept, options), next = new(kept, options), another = new(kept, options with { ClientId = "another" });
        Assert.Null(await session.FiltersAsync(CancellationToken.None));
        await session.RememberAsync(["telemetry/v1/#", "spBv1.0/#"], CancellationToken.None);
        Assert.Equal(["telemetry/v1/#", "spBv1.0/#"], await next.FiltersAsync(CancellationToken.None));
        Assert.Null(await another.FiltersAsync(CancellationToken.None));
        Assert.Null(await new SharedSessionMemory(elsewhere, options).FiltersAsync(CancellationToken.None));
        await session.RememberAsync(null, CancellationToken.None);
        Assert.Null(await next.FiltersAsync(CancellationToken.None));
        await session.RememberAsync(["telemetry/v1/#"], CancellationToken.None);

        var committed = 100L;
        SharedUpwardPlace place = new(kept, "0123", () => committed), nextPlace = new(kept, "0123", () => committed);
        Assert.Null(await place.ReadAsync(CancellationToken.None));
        await place.WriteAsync(90, CancellationToken.None);
        Assert.Equal(90, await nextPlace.ReadAsync(CancellationToken.None));
        Assert.Null(await new SharedUpwardPlace(kept, "4567", () => committed).ReadAsync(CancellationToken.None));
        // Its copy is not as far yet.
        committed = 80;
        Assert.Equal(80, await nextPlace.ReadAsync(CancellationToken.None));

        await server.CrashAsync();
        Assert.Equal(["telemetry/v1/#"], await session.FiltersAsync(CancellationToken.None));
        await Assert.ThrowsAsync<IOException>(() => session.RememberAsync(["telemetry/v1/+/tunnel/#"], CancellationToken.None));
        Assert.Equal(["telemetry/v1/+/tunnel/#"], await session.FiltersAsync(CancellationToken.None));
        await place.WriteAsync(95, CancellationToken.None);
        Assert.Equal(95, await place.ReadAsync(CancellationToken.None));
        // One that knows nothing must not begin at the log's end.
        await Assert.ThrowsAsync<IOException>(() => nextPlace.ReadAsync(CancellationToken.None));
    }
}
