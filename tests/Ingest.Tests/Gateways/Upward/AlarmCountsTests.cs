using Telemetry.Ingest.Gateways.Upward;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using static Telemetry.Ingest.Tests.State.Samples;

namespace Telemetry.Ingest.Tests.Gateways.Upward;

/// <summary>What a district counts for the level above, by the names in a family file.</summary>
public sealed class AlarmCountsTests : IDisposable
{
    private static readonly string Sample = Path.Combine(Repository.Root, "docs", "samples", "district.yaml");

    private readonly TempDirectory _directory = new();

    private static Dictionary<string, double> Of(AlarmCounts counts, params Alarm[] open) => counts.Of(open).ToDictionary(value => value.Channel, value => value.Number);

    private static Alarm Critical(string id, AlarmState state = AlarmState.ActiveUnacknowledged, string rule = "flood_close") => Alarm(id, state: state) with { Severity = Severity.Critical, Rule = rule };

    private IReadOnlyList<string> Refused(string text)
    {
        var file = _directory.File("district.yaml");
        File.WriteAllText(file, text);
        var (counts, errors) = AlarmCounts.Load(file, FamilySet.Shipped());
        Assert.Null(counts);
        Assert.All(errors, error => Assert.StartsWith(file, error, StringComparison.Ordinal));
        return errors;
    }

    [Fact]
    public void The_sample_counts_by_severity_and_by_rule()
    {
        var (counts, errors) = AlarmCounts.Load(Sample, FamilySet.Shipped());
        Assert.Empty(errors);
        Assert.Equal("district", counts!.Family);
        var none = Of(counts);
        Assert.Equal(["critical", "critical_unacknowledged", "high", "flood_close", "road_flood_close", "street_flooding", "mass_silence", "gateways_offline"], none.Keys);
        Assert.All(none.Values, number => Assert.Equal(0, number));

        var some = Of(counts, Critical("a"), Critical("b", AlarmState.ActiveAcknowledged), Critical("c", AlarmState.LatchedUnacknowledged, "street_flooding"), Alarm("d") with { Severity = Severity.High, Rule = "road_flood_close" });
        Assert.Equal(
            (3, 2, 1, 2, 1, 1, 0),
            (some["critical"], some["critical_unacknowledged"], some["high"], some["flood_close"], some["road_flood_close"], some["street_flooding"], some["mass_silence"]));
    }

    [Fact]
    public void What_asks_nobody_to_act_counts_as_none()
    {
        var counts = AlarmCounts.Load(Sample, FamilySet.Shipped()).Counts!;
        var quiet = Of(
            counts,
            Critical("shelved", AlarmState.Shelved) with { Beneath = AlarmState.ActiveUnacknowledged }, Critical("beneath another", AlarmState.Suppressed) with { Beneath = AlarmState.ActiveUnacknowledged },
            Critical("out of service", AlarmState.OutOfService), Critical("over", AlarmState.ClearedUnacknowledged), Critical("drill") with { Mode = "drill" }, Critical("test") with { Mode = "test" });
        Assert.All(quiet, count => Assert.Equal(0, count.Value));

        // A ticket is nobody's alarm, but a rule that is one may be counted by its name.
        var ticket = Of(counts, Critical("ticket") with { Kind = AlarmKind.Ticket });
        Assert.Equal((0, 1), (ticket["critical"], ticket["flood_close"]));
    }

    [Fact]
    public void A_channel_that_counts_nothing_is_refused_with_what_was_meant()
    {
        var errors = Refused(
            """
            family: district
            title: {en: District, zh: 区县}
            heartbeat: 30s
            rationalised: {by: test, on: null}
            channels:
              flod_close: {unit: "1", whole: true, every: 30s, title: {en: Flooded, zh: 积水}}
              critical_unacknowleged: {unit: "1", whole: true, every: 30s, title: {en: Critical, zh: 一级}}
              high: {bool: true, every: 30s, title: {en: High, zh: 二级}}
              critical.{pump}: {unit: "1", whole: true, every: 30s, title: {en: Critical, zh: 一级}}
              low: {unit: "1", whole: true, every: 30s, title: {en: Low, zh: 四级}}
            rules:
              many:
                title: {en: Many, zh: 多}
                when: low > 10
                severity: low
                consequence: comfort
                respond_in: 4h
                who: operator
                action: {en: "Look.", zh: "查看。"}
                source: test
            """);
        Assert.Equal(4, errors.Count);
        Assert.Contains("flod_close", errors[0], StringComparison.Ordinal);
        Assert.Contains("did you mean 'flood_close'?", errors[0], StringComparison.Ordinal);
        Assert.Contains("did you mean 'critical_unacknowledged'?", errors[1], StringComparison.Ordinal);
        Assert.All(errors.Skip(2), error => Assert.Contains("a number without instances", error, StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_that_is_none_or_counts_nothing_is_refused()
    {
        Assert.Contains("Could not find", Assert.Single(AlarmCounts.Load(_directory.File("nowhere.yaml"), FamilySet.Shipped()).Errors), StringComparison.Ordinal);
        Assert.Contains("has none", Assert.Single(Refused(FamilySet.ShippedFiles().Single(file => file.File == "area.yaml").Text)), StringComparison.Ordinal);
        Assert.Contains("found", Assert.Single(Refused("- a list\n")), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_key_readings_are_forwarded() => Assert.Equal((null, 0), (AlarmCounts.Load(null, FamilySet.Shipped()).Counts, AlarmCounts.Load(null, FamilySet.Shipped()).Errors.Count));

    public void Dispose() => _directory.Dispose();
}
