using Npgsql;
using Orleans.Configuration;
using Orleans.Runtime;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Cluster.Owner;

/// <summary>
/// This node's silo, in a host of its own: log, rules and API don't wait for PostgreSQL, and go on where the silo ends. One that could not start, or was declared dead by the
/// others, is started anew. Asks for the owner every other second, so that there is always one.
/// </summary>
internal sealed partial class OwnerSilo : BackgroundService
{
    /// <summary>Name of the grains' storage.</summary>
    public const string Storage = "postgres";

    private const string Invariant = "Npgsql";

    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(2);

    // A takeover takes 20 s; what lasts longer needs somebody.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly OwnerOptions _options;
    private readonly string _cluster;
    private readonly OwnerNode _node;
    private readonly Func<NodeCertificate>? _certificate;
    private readonly NpgsqlDataSource _postgres;
    private readonly Ownership _ownership;
    private readonly Progress _progress;
    private readonly ILoggerFactory _logging;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private long _known;
    private volatile string? _problem;

    /// <param name="cluster">Name of the stream: nodes of another one are another cluster.</param>
    /// <param name="certificate">That which is in force; null for none.</param>
    public OwnerSilo(
        OwnerOptions options, string cluster, OwnerNode node, Func<NodeCertificate>? certificate, NpgsqlDataSource postgres, Ownership ownership, Progress progress, Readiness readiness, ILoggerFactory logging, TimeProvider time)
    {
        (_options, _cluster, _node, _certificate, _postgres, _ownership, _progress, _logging, _time) = (options, cluster, node, certificate, postgres, ownership, progress, logging, time);
        _logger = logging.CreateLogger<OwnerSilo>();
        _known = time.GetTimestamp();
        readiness.Watch(Readiness.NoOwner, () => _problem is { } problem && _time.GetElapsedTime(Interlocked.Read(ref _known)) > Patience ? problem : null);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            while (true)
            {
                try
                {
                    await RunAsync(stoppingToken);
                }
                catch (Exception error) when (!stoppingToken.IsCancellationRequested)
                {
                    Failed(error.GetBaseException().Message);
                }
                catch (Exception error) when (error is not OperationCanceledException)
                {
                    // A start that is called off is no failure of the service.
                    LogNotStopped(error.Message);
                }
                // Who stands in needs no silo.
                if (!_ownership.StandsIn)
                    _ownership.Release();
                await Task.Delay(AskEvery, _time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    /// <summary>Until the silo ends.</summary>
    private async Task RunAsync(CancellationToken stoppingToken)
    {
        await OwnerSchema.ApplyAsync(_postgres, stoppingToken);
        if (await OwnerSchema.StrangerAsync(_postgres, _cluster, _options.Node.Address, stoppingToken) is { } machine)
            throw new InvalidOperationException($"Cluster:Node = {_node.Name}: a node of the machine {machine} takes part, and a node on loopback is reached from its own machine alone; give each an address of its machine, with Cluster:NodeCertificate and Cluster:NodeCaFile, or take another Cluster:Stream or database");
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var host = Build(ended);
        await StartAsync(host, stoppingToken);
        LogStarted(_node.Name);
        try
        {
            await AskAsync(host.Services.GetRequiredService<IGrainFactory>(), ended.Token);
        }
        finally
        {
            await StopInOrderAsync(host.StopAsync);
            host.Dispose();
        }
    }

    private async Task StartAsync(IHost host, CancellationToken cancellationToken)
    {
        try
        {
            await host.StartAsync(cancellationToken);
        }
        catch
        {
            // Orleans's own stop refuses a silo that never became active, and what that one has begun by now would go round and round for good, a processor each. Disposed of
            // first: once its parts are stopped, its disposal waits for what only that refused stop would say.
            var begun = host.Services.GetRequiredService<ISiloLifecycleSubject>();
            try
            {
                host.Dispose();
            }
            finally
            {
                await StopInOrderAsync(begun.OnStop);
            }
            throw;
        }
    }

    private async Task StopInOrderAsync(Func<CancellationToken, Task> stop)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5), _time);
        try
        {
            // Not every part of it looks at its token.
            await stop(patience.Token).WaitAsync(patience.Token);
        }
        catch (Exception error)
        {
            LogNotStopped(error.Message);
        }
    }

    private async Task AskAsync(IGrainFactory grains, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(AskEvery, _time);
        string? last = null;
        do
        {
            try
            {
                var owner = await grains.GetGrain<IPartitionOwner>(0).NodeAsync().WaitAsync(cancellationToken);
                if (owner.Length == 0)
                {
                    Failed("the owner waits for the end of the lease before it, or can't save its state in PostgreSQL; in the second case it goes on, but nobody can follow it");
                    continue;
                }
                if (owner != last)
                    LogOwner(owner);
                last = owner;
                Interlocked.Exchange(ref _known, _time.GetTimestamp());
                _problem = null;
            }
            catch (Exception error) when (!cancellationToken.IsCancellationRequested)
            {
                Failed(error.GetBaseException().Message);
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private void Failed(string problem)
    {
        if (_problem is null)
            LogNoOwner(problem);
        _problem = problem;
    }

    private IHost Build(CancellationTokenSource ended)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton(_logging).AddSingleton(_time).AddSingleton(_node).AddSingleton(_ownership).AddSingleton(_progress);
        builder.Services.AddSingleton<IHostLifetime>(new SiloLifetime());
        builder.UseOrleans(silo =>
        {
            silo.ConfigureEndpoints(_options.Node.Address, _options.Node.Port, gatewayPort: 0, listenOnAnyHostAddress: false);
            silo.Configure<Orleans.Configuration.ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (_cluster, _cluster));
            silo.Configure<SiloOptions>(options => options.SiloName = _node.Name);
            silo.Configure<ClusterMembershipOptions>(membership =>
            {
                // A node that was killed is known to be dead within 10 s.
                membership.ProbeTimeout = TimeSpan.FromSeconds(2);
                // A node that was cut off is believed alive for three times the longest probe since its last word, whatever the probes say.
                membership.MaxProbeTimeout = TimeSpan.FromSeconds(3);
                membership.NumMissedProbesLimit = 3;
                membership.TableRefreshTimeout = TimeSpan.FromSeconds(5);
                // A node that the others refuse, or can't reach, says so.
                membership.MaxJoinAttemptTime = Patience;
                // Nodes that are all gone at once are not waited for.
                membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
                membership.DefunctSiloExpiration = TimeSpan.FromDays(1);
            });
            if (_certificate is { } certificate)
                NodeTls.Use(silo, certificate, _time, _logger);
            silo.UseAdoNetClustering((AdoNetClusteringSiloOptions clustering) => (clustering.Invariant, clustering.DataSource) = (Invariant, _postgres));
            silo.AddAdoNetGrainStorage(Storage, (AdoNetGrainStorageOptions storage) => (storage.Invariant, storage.DataSource) = (Invariant, _postgres));
        });
        // Behind Orleans's own, in whose place it is.
        builder.Services.AddSingleton<IFatalErrorHandler>(new SiloEnd(ended, _logger));
        return builder.Build();
    }

    [LoggerMessage(LogLevel.Information, "the node {Node} takes part in finding an owner")]
    private partial void LogStarted(string node);

    [LoggerMessage(LogLevel.Information, "the owner is {Node}")]
    private partial void LogOwner(string node);

    [LoggerMessage(LogLevel.Warning, "no owner is known for now; asking again: {Problem}")]
    private partial void LogNoOwner(string problem);

    [LoggerMessage(LogLevel.Information, "the silo did not stop in order: {Problem}")]
    private partial void LogNotStopped(string problem);

    /// <summary>Signals are the service's own host's.</summary>
    private sealed class SiloLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>What ends the silo, such as the others' vote that it is dead, must not end the process, as Orleans would have it.</summary>
    private sealed partial class SiloEnd(CancellationTokenSource ended, ILogger logger) : IFatalErrorHandler
    {
        public bool IsUnexpected(Exception exception) => exception is not OperationCanceledException;

        public void OnFatalException(object? sender = null, string? context = null, Exception? exception = null)
        {
            LogEnded(context, exception?.Message);
            try
            {
                ended.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It has ended already.
            }
        }

        [LoggerMessage(LogLevel.Warning, "the silo has ended and is started anew: {Context} {Problem}")]
        private partial void LogEnded(string? context, string? problem);
    }
}
