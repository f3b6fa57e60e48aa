using System.Globalization;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Api;

/// <param name="Heartbeat">As a family file writes it: <c>60s</c>, <c>12h</c>.</param>
/// <param name="Version">The rule version in alarms and journal.</param>
public sealed record FamilyAnswer(
    string Family,
    Title Title,
    string Heartbeat,
    string Lateness,
    string RationalisedBy,
    string Version,
    bool BuiltIn,
    IEnumerable<ChannelAnswer> Channels,
    IEnumerable<SettingAnswer> Settings);

/// <param name="Group">What there is one of per instance (<c>pump</c> of <c>pump_run.2</c>); null for one per device.</param>
/// <param name="Type">number, integer, counter, boolean, state.</param>
/// <param name="Unit">UCUM.</param>
public sealed record ChannelAnswer(
    string Channel,
    string? Group,
    string Type,
    string? Unit,
    IReadOnlyList<string> States,
    Bounds Plausible,
    Bounds Instrument,
    string? Every,
    string? Hold,
    Title Title);

/// <summary>Null where it is open.</summary>
public sealed record Bounds(double? Min, double? Max);

/// <param name="Default">A number in the unit, one of the states, or opening hours (<c>06:00-22:00</c>); null where every device must say.</param>
public sealed record SettingAnswer(string Setting, string? Unit, IReadOnlyList<string> States, object? Default, Bounds Allowed, Title Title);

/// <param name="Severity">Of the highest step.</param>
/// <param name="Each">One alarm per instance of this group.</param>
/// <param name="Unknown">What an unknown condition contributes: keep, alarm, ticket.</param>
/// <param name="Place">The kind of place that it is raised for, one alarm each; null for a rule of devices.</param>
/// <param name="Gathers">Rules whose alarms, at the devices of the place, stand beneath it.</param>
public sealed record RuleAnswer(
    string Family,
    string Rule,
    Title Title,
    string Kind,
    string Severity,
    IEnumerable<StepAnswer> Steps,
    string? Each,
    string Unknown,
    string? Consequence,
    string? RespondIn,
    string? Who,
    Title? Action,
    Title? Bring,
    string? Source,
    IReadOnlyList<string> Suppresses,
    string? Place,
    IReadOnlyList<string> Gathers,
    string RuleVersion);

/// <param name="Condition">As written; null for silence and for what the service itself raises.</param>
public sealed record StepAnswer(string? Step, string Severity, string? Condition, string OnDelay, string OffDelay, bool Latched);

/// <summary>What the family files say, as it is in force.</summary>
public static class FamilyRoutes
{
    private static readonly QueryParameter FamilyParameter = new("family", "Only this family.");

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/families", (FamilyCatalog families) => families.All.Select(Answer))
            .Needs(Role.Viewer).Keeps(ScopeRule.OfNoDevice)
            .Takes().WithSummary("Families with their channels and settings.");
        routes.MapGet("/rules", (HttpContext context, FamilyCatalog families) => Chosen(context, families).SelectMany(family => family.Rules.Select(rule => Answer(family, rule))))
            .Needs(Role.Viewer).Keeps(ScopeRule.OfNoDevice)
            .Takes(FamilyParameter).WithSummary("Every rule: what raises it, how it is judged, what to do, and how far this version evaluates it.");
    }

    /// <summary>The shortest exact form that a family file would take: <c>90s</c>, <c>5m</c>, <c>30h</c>, <c>1d</c>.</summary>
    public static string Duration(long milliseconds)
    {
        (long Size, string Unit)[] units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s")];
        foreach (var (size, unit) in units)
        {
            if (milliseconds >= size && milliseconds % size == 0)
                return string.Create(CultureInfo.InvariantCulture, $"{milliseconds / size}{unit}");
        }
        return milliseconds == 0 ? "0s" : string.Create(CultureInfo.InvariantCulture, $"{milliseconds}ms");
    }

    private static IEnumerable<Family> Chosen(HttpContext context, FamilyCatalog families)
    {
        if (Query.Text(context, "family") is not { } name)
            return families.All;
        return families.Find(name) is { } family
            ? [family]
            : throw ApiException.BadRequest("unknown_family", $"there is no family '{name}'; known: {string.Join(", ", families.All.Select(one => one.Name))}");
    }

    private static string? Duration(long? milliseconds) => milliseconds is { } value ? Duration(value) : null;

    private static FamilyAnswer Answer(Family family) => new(
        family.Name,
        family.Title,
        Duration(family.Heartbeat),
        Duration(family.Lateness),
        family.RationalisedBy,
        family.Hash,
        family.IsBuiltIn,
        family.Channels.Select(channel => new ChannelAnswer(
            channel.Name,
            channel.Group,
            Word(channel.Type),
            channel.Unit,
            channel.States,
            new Bounds(channel.PlausibleMin, channel.PlausibleMax),
            new Bounds(channel.InstrumentMin, channel.InstrumentMax),
            Duration(channel.Period),
            Duration(channel.Hold),
            channel.Title)),
        family.Settings.Select(setting => new SettingAnswer(
            setting.Name,
            setting.Unit,
            setting.States,
            setting switch
            {
                { States.Count: > 0, Default: { } index } => setting.States[(int)index],
                { IsHours: true, Default: { } hours } => OpenHours.Shown(hours),
                _ => setting.Default,
            },
            new Bounds(setting.Min, setting.Max),
            setting.Title)));

    private static RuleAnswer Answer(Family family, Rule rule) => new(
        family.Name,
        rule.Name,
        rule.Title,
        Word(rule.Kind),
        Word(rule.Steps.Max(step => step.Severity)),
        rule.Steps.Select(step => new StepAnswer(step.Name, Word(step.Severity), step.Condition?.Text, Duration(step.OnDelay), Duration(step.OffDelay), step.Latched)),
        rule.Each,
        Word(rule.Unknown),
        rule.Consequence,
        Duration(rule.RespondIn),
        rule.Who,
        rule.Action,
        rule.Bring,
        rule.Source,
        rule.Suppresses,
        rule.Place,
        rule.Gathers,
        family.Hash);

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
