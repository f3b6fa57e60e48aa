using Microsoft.Extensions.Configuration;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Store;
using Telemetry.Ingest.Store.Influx;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Tests.Store;

public sealed class StoreOptionsTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly string _token;

    public StoreOptionsTests()
    {
        _token = _directory.File("token");
        File.WriteAllText(_token, "secret\n");
    }

    [Fact]
    public void Without_a_word_there_is_duckdb_alone()
    {
        var (options, errors) = Read();
        Assert.Empty(errors);
        Assert.Equal(["duckdb"], options.Stores.Kinds);
        Assert.Null(options.Stores.Influx);
    }

    [Fact]
    public void DuckDB_keeps_400_days_or_what_is_said_and_never_less_than_one()
    {
        Assert.Equal(TimeSpan.FromDays(400), Read().Options.Stores.Keep);
        Assert.Equal(TimeSpan.FromDays(90), Read(("Store:Keep", "90d")).Options.Stores.Keep);
        Assert.Contains("Store:Keep = 12h: a duration of at least 1d", Assert.Single(Read(("Store:Keep", "12h")).Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Both_stores_stand_in_the_order_in_which_they_are_named()
    {
        var (options, errors) = Read([.. Right, ("Store:Kinds", "influxdb, duckdb"), ("Influx:Timeout", "3s")]);
        Assert.Empty(errors);
        Assert.Equal(["influxdb", "duckdb"], options.Stores.Kinds);
        Assert.Equal(new InfluxOptions { Url = new Uri("http://db:8086/"), Org = "city", Bucket = "readings", TokenFile = _token, Timeout = TimeSpan.FromSeconds(3), Gzip = true }, options.Stores.Influx);
    }

    [Fact]
    public void Alarms_go_to_a_bucket_of_their_own_where_one_is_named_and_to_the_readings_otherwise()
    {
        var one = Read(Right).Options.Stores.Influx!;
        Assert.Equal(("readings", "\"alarm\"", "Influx:Bucket"), (one.BucketOf("alarms"), one.From("alarms", "alarm"), one.KeyOf("readings")));
        var two = Read([.. Right, ("Influx:AlarmsBucket", "alarms_10y")]).Options.Stores.Influx!;
        Assert.Equal(("alarms_10y", "\"alarms\".\"alarm\"", "Influx:AlarmsBucket"), (two.BucketOf("alarms"), two.From("alarms", "alarm"), two.KeyOf("alarms_10y")));
        Assert.Equal("readings", two.BucketOf(""));
    }

    [Fact]
    public void Minutes_and_hours_are_summarized_where_both_have_a_bucket()
    {
        Assert.False(Read(Right).Options.Stores.Influx!.Downsamples);
        var both = Read([.. Right, ("Influx:MinutesBucket", "readings_1m"), ("Influx:HoursBucket", "readings_1h")]).Options.Stores.Influx!;
        Assert.True(both.Downsamples);
        Assert.Equal(("readings_1m", "readings_1h", "\"1m\".\"tunnel\"", "Influx:HoursBucket"), (both.BucketOf("1m"), both.BucketOf("1h"), both.From("1m", "tunnel"), both.KeyOf("readings_1h")));
    }

    [Theory]
    [InlineData("readings_1m", null, "Influx:HoursBucket = : Influx:MinutesBucket is given")]
    [InlineData(null, "readings_1h", "Influx:MinutesBucket = : Influx:HoursBucket is given")]
    [InlineData("readings_1m", "readings_1m", "three different buckets")]
    [InlineData("readings", "readings_1h", "three different buckets")]
    public void Summaries_need_two_buckets_of_their_own(string? minutes, string? hours, string problem) =>
        Assert.Contains(problem, Assert.Single(Read([.. Right, ("Influx:MinutesBucket", minutes), ("Influx:HoursBucket", hours)]).Errors), StringComparison.Ordinal);

    [Theory]
    [InlineData("http://127.0.0.1:8086", null, false)]
    [InlineData("http://db:8086", null, true)]
    [InlineData("http://db:8086", "off", false)]
    [InlineData("http://localhost:8086", "on", true)]
    public void Only_what_leaves_the_machine_is_compressed_unless_said_otherwise(string url, string? gzip, bool expected)
    {
        var (options, errors) = Read([.. Right, ("Influx:Url", url), ("Influx:Gzip", gzip)]);
        Assert.Empty(errors);
        Assert.Equal(expected, options.Stores.Influx!.Gzip);
    }

    [Theory]
    [InlineData("Influx:Url", null, "Influx:Url = : Store:Kinds names influxdb, which needs its address")]
    [InlineData("Influx:Url", "db:8086", "Influx:Url = db:8086: ")]
    [InlineData("Influx:Url", "http://user:word@db:8086", "without user or query")]
    [InlineData("Influx:Org", null, "Influx:Org = : ")]
    [InlineData("Influx:Bucket", null, "Influx:Bucket = : ")]
    [InlineData("Influx:TokenFile", null, "Influx:TokenFile = : ")]
    [InlineData("Influx:TokenFile", "/nowhere/token", "Influx:TokenFile = /nowhere/token: the file can't be read")]
    [InlineData("Influx:Timeout", "1ms", "Influx:Timeout = 1ms: a duration from 0.1s to 10m")]
    [InlineData("Influx:Gzip", "yes", "Influx:Gzip = yes: auto, on or off")]
    [InlineData("Influx:Token", "secret", "unknown key")]
    [InlineData("Store:Kinds", "duckdb", "Influx:Bucket = readings: Store:Kinds does not name influxdb")]
    [InlineData("Store:Kinds", "influx", "Store:Kinds = influx: duckdb, influxdb, or both")]
    [InlineData("Store:Kinds", "duckdb,duckdb", "Store:Kinds = duckdb,duckdb: ")]
    public void What_is_missing_or_wrong_is_said_by_its_key(string key, string? value, string error)
    {
        var (_, errors) = Read([.. Right.Where(pair => pair.Key != key), (key, value)]);
        Assert.Contains(errors, each => each.Contains(error, StringComparison.Ordinal));
    }

    [Fact]
    public void All_that_is_missing_comes_at_once() => Assert.Equal(4, Read(("Store:Kinds", "influxdb")).Errors.Count);

    [Fact]
    public void An_empty_token_file_is_no_token()
    {
        File.WriteAllText(_token, "\n");
        Assert.Contains("the file is empty", Assert.Single(Read(Right).Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void The_shipped_families_have_no_channel_that_a_line_uses_itself() =>
        Assert.Empty(InfluxNames.Check(new StoreOptions { Kinds = ["influxdb"] }, FamilySet.Shipped()));

    [Fact]
    public void A_family_of_a_name_that_the_store_uses_itself_is_refused()
    {
        var (families, errors) = FamilySet.Load(FamilySet.ShippedFiles().Select(file => file.File == "gas_valve.yaml" ? ("alarm.yaml", file.Text.Replace("family: gas_valve", "family: alarm", StringComparison.Ordinal)) : file));
        Assert.Empty(errors);
        Assert.Equal("alarm.yaml: family alarm: the influxdb store uses this name itself (docs/influx.md); give the family another one", Assert.Single(InfluxNames.Check(new StoreOptions { Kinds = ["influxdb"] }, families)));
    }

    [Theory]
    [InlineData("received")]
    [InlineData("level_quality")]
    public void A_channel_of_a_name_that_a_line_uses_itself_is_refused(string name)
    {
        var text = FamilySet.ShippedFiles().Single(file => file.File == "drainage_pump.yaml").Text;
        var (families, errors) = FamilySet.Load(FamilySet.ShippedFiles().Select(file => file.File == "drainage_pump.yaml"
            ? (file.File, text.Replace("\n  sump_level:", $"\n  level: {{unit: m, every: 10s, title: {{en: L, zh: 位}}}}\n  {name}: {{unit: m, every: 10s, title: {{en: R, zh: 位}}}}\n  sump_level:", StringComparison.Ordinal))
            : file));
        Assert.Empty(errors);
        Assert.Contains($"drainage_pump.yaml: channel {name}: ", Assert.Single(InfluxNames.Check(new StoreOptions { Kinds = ["influxdb"] }, families)), StringComparison.Ordinal);
        Assert.Empty(InfluxNames.Check(new StoreOptions(), families));
    }

    public void Dispose() => _directory.Dispose();

    private (string Key, string? Value)[] Right =>
        [("Store:Kinds", "influxdb"), ("Influx:Url", "http://db:8086"), ("Influx:Org", "city"), ("Influx:Bucket", "readings"), ("Influx:TokenFile", _token)];

    private static (ServiceOptions Options, IReadOnlyList<string> Errors) Read(params (string Key, string? Value)[] settings) =>
        OptionsReader.Read(new ConfigurationBuilder().AddInMemoryCollection(settings.Where(pair => pair.Value is not null).GroupBy(pair => pair.Key).ToDictionary(pair => pair.Key, pair => pair.Last().Value)).Build());
}
