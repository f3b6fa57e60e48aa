using Microsoft.Extensions.Logging;
using Npgsql;
using Telemetry.Ingest.Cluster.Owner;

namespace Telemetry.Ingest.Tests.Cluster.Owner;

/// <summary>A PostgreSQL for the tests of one class, and what each node has to reach it.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _open = [];

    internal PostgresServer Postgres { get; private set; } = null!;

    internal int Port => new NpgsqlConnectionStringBuilder(Postgres.Connection).Port;

    public async ValueTask InitializeAsync() => Postgres = await PostgresServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var each in _open)
            await each.DisposeAsync();
        await Postgres.DisposeAsync();
    }

    internal NpgsqlDataSource Connect(TcpGate? gate = null)
    {
        var address = new NpgsqlConnectionStringBuilder($"{Postgres.Connection};Password={File.ReadAllText(Postgres.PasswordFile).Trim()};Timeout=30;Command Timeout=30;Maximum Pool Size=8");
        if (gate is not null)
            address.Port = gate.Port;
        var source = NpgsqlDataSource.Create(address.ConnectionString);
        _open.Add(source);
        return source;
    }

    /// <summary>Of one node.</summary>
    /// <param name="gate">Through which it reaches PostgreSQL; null for none between.</param>
    internal SharedLists Lists(string stream, ILoggerFactory loggers, long position = 0, string node = "127.0.0.1:11111", TcpGate? gate = null)
    {
        var source = Connect(gate);
        SharedList List(string name) => new(source, stream, name, TimeProvider.System, loggers.CreateLogger<SharedList>());
        return new SharedLists(List("people"), List("sessions"), List("browsers"), List("proofs"), List("codes"), List("proposals"), List("backtests"), new BacktestTable(source, stream), node, () => position);
    }
}
