using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Backtest;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Decoding.Models;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Notify.Channels;
using Telemetry.Ingest.Notify.Crew;
using Telemetry.Ingest.Notify.Second;
using Telemetry.Ingest.Positions;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.State;
using Telemetry.Ingest.Store;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Api;

/// <summary>The API on a real Kestrel at a free port, over real parts in a directory of its own; <see cref="HandRules"/> stands for the rules.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly WebApplication _app;
    private readonly HandRules _rules;

    private ApiHost(IEnumerable<Family> families, SecurityOptions security, NotifyFile? notify, ChannelOptions? channels, IReadOnlyList<LoadPosition> positions, SharedLists? shared)
    {
        var options = new ServiceOptions { DataPath = _directory.Path, Channels = channels ?? new ChannelOptions(), Positions = positions };
        Database = StateDatabase.Open(_directory.File("state.db"));
        Book = new AlarmBook(Database);
        Load = new OperatorLoad(new LoadLedger(positions), Book);
        Families = new FamilyCatalog(families);
        Log = DurableLog.Open(_directory.File("log"), new LogOptions { SegmentSize = 1 << 20, Reserve = 1 << 20 }, new FileSystem(), new LogClock(TimeProvider.System), NullLogger.Instance);
        Store = new DuckDbStore(_directory.File("series.duckdb"));

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(Database).AddSingleton(Book).AddSingleton(Feed).AddSingleton(Log).AddSingleton<ILogAppend>(Log).AddSingleton<ISeriesStore>(Store);
        builder.Services.AddSingleton(Load).AddSingleton(Calendar).AddSingleton(Positions);
        builder.Services.AddSingleton(Stats).AddSingleton(Progress).AddSingleton(Devices).AddSingleton(Families).AddSingleton(options).AddSingleton(ModelSet.None).AddSingleton(new DecodingTables(Families.Find, Devices, Stats)).AddSingleton(TimeProvider.System);
        NotifySource.Add(builder.Services, notify);
        if (notify is not null)
            CrewParts.Add(builder.Services, options);
        SecurityParts.Add(builder.Services, security);
        if (shared is not null)
            builder.Services.AddSingleton(shared);
        builder.Services.AddTelemetryApi();
        _app = builder.Build();
        _app.MapTelemetryApi();
        _rules = new HandRules(this);
    }

    public StateDatabase Database { get; }

    public AlarmBook Book { get; }

    public OperatorLoad Load { get; }

    public FamilyCatalog Families { get; }

    public AlarmFeed Feed { get; } = new();

    public DurableLog Log { get; }

    public DuckDbStore Store { get; }

    public Stats Stats { get; } = new();

    public Progress Progress { get; } = new();

    public DeviceDirectory Devices { get; } = new();

    public CalendarDirectory Calendar { get; } = new();

    public PositionDirectory Positions { get; } = new();

    public ReadingFeed Readings => _app.Services.GetRequiredService<ReadingFeed>();

    public OperatorPositions OperatorPositions => _app.Services.GetRequiredService<OperatorPositions>();

    public BacktestJobs Backtests => _app.Services.GetRequiredService<BacktestJobs>();

    public Readiness Readiness => _app.Services.GetRequiredService<Readiness>();

    /// <summary>Sends the cookies that a test names, and no others.</summary>
    public HttpClient Http { get; private set; } = new(new SocketsHttpHandler { UseCookies = false });

    /// <summary>With a file of who is told.</summary>
    public OutboxDatabase Outbox => _app.Services.GetRequiredService<OutboxDatabase>();

    public SecurityParts Security => _app.Services.GetRequiredService<SecurityParts>();

    public SecondPersons SecondPersons => _app.Services.GetRequiredService<SecondPersons>();

    public AccountChanges Accounts => _app.Services.GetRequiredService<AccountChanges>();

    public LoginFailures Logins => _app.Services.GetRequiredService<LoginFailures>();

    /// <summary>Every endpoint that the service answers at.</summary>
    public IReadOnlyList<Endpoint> Endpoints => _app.Services.GetRequiredService<EndpointDataSource>().Endpoints;

    /// <param name="security">With users or without; without is open mode.</param>
    /// <param name="shared">What it shares with other nodes; null for a service alone.</param>
    public static async Task<ApiHost> StartAsync(IEnumerable<Family>? families = null, SecurityOptions? security = null, NotifyFile? notify = null, ChannelOptions? channels = null, IReadOnlyList<LoadPosition>? positions = null, SharedLists? shared = null)
    {
        var host = new ApiHost(families ?? SomeFamilies.All, security ?? new SecurityOptions(), notify, channels, positions ?? LoadPosition.Whole, shared);
        await host._app.StartAsync();
        host.Http.BaseAddress = new Uri(host._app.Urls.Single());
        host.Readiness.Ready(Readiness.Starting);
        return host;
    }

    /// <summary>Raises or changes an alarm as the rules would, at the log's next position.</summary>
    public Task<Alarm> RaiseAsync(Alarm alarm, AlarmState from = AlarmState.Normal, string cause = "raised") => _rules.RaiseAsync(alarm, from, cause);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        await _rules.DisposeAsync();
        await Log.DisposeAsync();
        await Store.DisposeAsync();
        Database.Dispose();
        _directory.Dispose();
    }
}
