using Npgsql;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Cluster.Owner;

/// <summary>What makes one of the nodes the owner. Without Cluster:Postgres nothing of it is there, and no assembly of it is loaded.</summary>
internal static class OwnerParts
{
    /// <param name="stream">Name of the log that the nodes share.</param>
    public static void Add(IServiceCollection services, OwnerOptions options, string stream)
    {
        var node = new OwnerNode(options.Node.ToString());
        services.AddSingleton(_ => NpgsqlDataSource.Create(options.Postgres));
        services.AddSingleton(provider => new ToldTable(provider.GetRequiredService<NpgsqlDataSource>(), stream, node.Name));
        services.AddSingleton(provider => new AnswerTable(provider.GetRequiredService<NpgsqlDataSource>(), stream));
        services.AddSingleton(provider => new KeptTable(provider.GetRequiredService<NpgsqlDataSource>(), stream));
        services.AddSingleton(provider => new SharedLists(
            List(provider, "people"), List(provider, "sessions"), List(provider, "browsers"), List(provider, "proofs"), List(provider, "codes"), List(provider, "proposals"), List(provider, "backtests"),
            new BacktestTable(provider.GetRequiredService<NpgsqlDataSource>(), stream), node.Name, () => provider.GetRequiredService<Progress>().Rules));
        services.AddSingleton(provider => new OwnerMetrics(provider.GetRequiredService<Ownership>()));
        services.AddSingleton(node).AddSingleton<OwnerBeacon>().AddHostedService(provider => provider.GetRequiredService<OwnerBeacon>());
        services.AddHostedService(provider => new OwnerSilo(
            options, stream, node, provider.GetRequiredService<SecurityParts>().NodeCertificate, provider.GetRequiredService<NpgsqlDataSource>(), provider.GetRequiredService<Ownership>(), provider.GetRequiredService<Progress>(), provider.GetRequiredService<Readiness>(),
            provider.GetRequiredService<ILoggerFactory>(), provider.GetRequiredService<LogClock>().Time));

        SharedList List(IServiceProvider provider, string name) =>
            new(provider.GetRequiredService<NpgsqlDataSource>(), stream, name, provider.GetRequiredService<LogClock>().Time, provider.GetRequiredService<ILogger<SharedList>>());
    }
}
