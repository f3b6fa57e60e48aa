using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Ingest.Store.Influx;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

[assembly: AssemblyFixture(typeof(Telemetry.Ingest.Tests.Store.Influx.InfluxdFixture))]

namespace Telemetry.Ingest.Tests.Store.Influx;

/// <summary>One influxd for all tests of this assembly that do not stop it; each takes a database of its own.</summary>
public sealed class InfluxdFixture : IAsyncLifetime
{
    /// <summary>As the channels of the store's contract.</summary>
    public static readonly FamilySet Families = Load();

    private int _databases;

    internal Influxd Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await Influxd.StartAsync();

    public async ValueTask DisposeAsync() => await Server.DisposeAsync();

    public async Task<string> NewDatabaseAsync()
    {
        var name = $"city_{Interlocked.Increment(ref _databases)}";
        await Server.CreateDatabaseAsync(name);
        return name;
    }

    internal static InfluxOptions Options(Uri url, string database, string tokenFile) =>
        new() { Url = url, Org = "city", Bucket = database, TokenFile = tokenFile, Timeout = TimeSpan.FromSeconds(60) };

    internal InfluxStore Store(string database, RefusedLines? refused = null, string logId = "0123456789abcdef") =>
        new(Options(Server.Url, database, Server.TokenFile), Families.Find, _ => "drainage_pump", logId, refused ?? new RefusedLines(Lose, NullLogger.Instance), TimeProvider.System, new InfluxRewrite());

    private static ValueTask<Task<long>> Lose(IReadOnlyList<LogEntry> entries, CancellationToken cancellationToken) => ValueTask.FromResult(Task.FromResult(0L));

    private static FamilySet Load()
    {
        var (families, errors) = FamilySet.Load(
            FamilySet.ShippedFiles().Where(file => file.File is "area.yaml" or "gateway.yaml" or "system.yaml").Append(("drainage_pump.yaml", """
                family: drainage_pump
                title: {en: Pump, zh: 泵}
                heartbeat: 24s
                lateness: 24h
                rationalised: {by: shipped default, on: null}
                channels:
                  level: {unit: m, plausible: 0..12, every: 10s, title: {en: Level, zh: 水位}}
                  tilt: {unit: deg, plausible: 0..12, every: 10s, title: {en: Tilt, zh: 倾角}}
                  pump_run.{pump}: {bool: true, every: 10s, title: {en: Running, zh: 运行}}
                  current.{pump}: {unit: A, plausible: 0..100, every: 10s, title: {en: Current, zh: 电流}}
                  cover_state: {states: [normal, open, loose], on_change: any, title: {en: Cover, zh: 井盖}}
                rules:
                  offline:
                    title: {en: Offline, zh: 离线}
                    when: silent
                    severity: medium
                    consequence: damage
                    respond_in: 30m
                    who: crew
                    action: {en: Phone the crew., zh: 致电班组。}
                    source: engineering default
                """)));
        Assert.Empty(errors);
        return families!;
    }
}
