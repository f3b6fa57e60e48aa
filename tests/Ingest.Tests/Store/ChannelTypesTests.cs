using Telemetry.Ingest.State;
using Telemetry.Ingest.Store;
using Telemetry.Ingest.Tests.Store.Influx;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Store;

/// <summary>What the database holds, asked of a real influxd.</summary>
public sealed class ChannelTypesTests(InfluxdFixture influx) : IDisposable
{
    private const long T0 = 1_732_440_000_000;
    private readonly TempDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_channel_whose_field_has_another_type_is_named_with_its_place_and_what_to_do()
    {
        await using var store = influx.Store(await influx.NewDatabaseAsync());
        await store.WriteAsync([At("level", ValueKind.Number), At("cover_state", ValueKind.State) with { State = "open" }, At("pump_run.1", ValueKind.Boolean), At("current.1", ValueKind.Number)], 1, Token);
        Assert.Empty(await ChangedAsync(store, Family()));

        var errors = await ChangedAsync(store, Family().Replace("level: {unit: m, plausible: 0..12, every: 10s,", "level: {bool: true, every: 10s,", StringComparison.Ordinal)
            .Replace("cover_state: {states: [normal, open, loose],", "cover_state: {bool: true,", StringComparison.Ordinal)
            .Replace("pump_run.{pump}: {bool: true,", "pump_run.{pump}: {states: [off, on],", StringComparison.Ordinal));
        Assert.Equal(
            [
                "drainage_pump.yaml:7:3: channels.level: a boolean now, and a number in InfluxDB, whose field is float: what is stored stays what it is. Give the channel another name, or leave it a number",
                "drainage_pump.yaml:9:3: channels.pump_run: a state now, and a boolean in InfluxDB, whose field is boolean: what is stored stays what it is. Give the channel another name, or leave it a boolean",
                "drainage_pump.yaml:11:3: channels.cover_state: a boolean now, and a state in InfluxDB, whose field is integer: what is stored stays what it is. Give the channel another name, or leave it a state",
            ],
            errors.Select(error => error.ToString()));
    }

    [Fact]
    public async Task A_database_that_is_away_keeps_nothing_from_being_checked_against_the_log()
    {
        await using var server = await InfluxGate.StartAsync(influx.Server.Url);
        server.Fault = InfluxFault.Cut;
        await using var store = new Telemetry.Ingest.Store.Influx.InfluxStore(
            InfluxdFixture.Options(server.Url, "none", influx.Server.TokenFile), InfluxdFixture.Families.Find, _ => null, "0123456789abcdef",
            new Telemetry.Ingest.Store.Influx.RefusedLines((_, _) => throw new NotSupportedException(), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance), TimeProvider.System);
        using var database = StateDatabase.Open(_directory.File("state.db"));
        database.Apply(new ProjectionBatch(1, [], [], [], [new FamilyEntry("drainage_pump", Family(), FamilyReader.HashOf(Family())) { Position = 1, Time = T0 }]));

        var errors = await new ChannelTypes(database, [store]).ChangedAsync([Read(Family().Replace("tilt: {unit: deg, plausible: 0..12,", "tilt: {bool: true,", StringComparison.Ordinal))], Token);
        Assert.Contains("channels.tilt: a boolean now, and a number in version ", Assert.Single(errors).ToString(), StringComparison.Ordinal);
        Assert.Contains("in force from 2024-11-24T09:20:00.000Z", errors[0].Message, StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<FamilyError>> ChangedAsync(ISeriesStore store, string text)
    {
        using var database = StateDatabase.Open(_directory.File("state.db"));
        return await new ChannelTypes(database, [store]).ChangedAsync([Read(text)], Token);
    }

    private static string Family() => InfluxdFixture.Families.Find("drainage_pump")!.Text;

    private static Family Read(string text)
    {
        var (family, errors) = FamilyReader.Read("drainage_pump.yaml", text);
        Assert.Empty(errors);
        return family!;
    }

    private static Point At(string channel, ValueKind kind) => new("drainage_pump", "D-1", channel, T0, T0, kind, 1, null, Quality.Good, null, Origin: new Origin(1, "GW-1", default, T0));
}
