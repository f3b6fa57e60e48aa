using Microsoft.Extensions.Logging;
using Npgsql;
using Telemetry.Ingest.Cluster.Owner;

namespace Telemetry.Ingest.Tests.Cluster.Owner;

/// <summary>A PostgreSQL for the tests of one class, and what each node has to reach it.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _open = [];

    internal PostgresServer Postgres { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Postgres = await PostgresServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var each in _open)
            await each.DisposeAsync();
        await Postgres.DisposeAsync();
    }

    internal NpgsqlDataSource Connect()
    {
        var source = NpgsqlDataSource.Create($"{Postgres.Connection};Password={File.ReadAllText(Postgres.PasswordFile).Trim()};Timeout=3;Command Timeout=3;Maximum Pool Size=8");
        _open.Add(source);
        return source;
    }

    /// <summary>Of one node.</summary>
    internal SharedLists Lists(string stream, ILoggerFactory loggers, long position = 0)
    {
        var source = Connect();
        SharedList List(string name) => new(source, stream, name, TimeProvider.System, loggers.CreateLogger<SharedList>());
        return new SharedLists(List("people"), List("sessions"), List("browsers"), List("proofs"), List("codes"), List("proposals"), () => position);
    }
}
