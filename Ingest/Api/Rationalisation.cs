using System.Globalization;
using System.Text;
using Telemetry.Ingest.Alarms;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Api;

/// <summary>One rule that may call an operator, and its month.</summary>
/// <param name="Family"><c>area</c> for a rule about a place.</param>
/// <param name="Title">Null for a rule that is no longer in force.</param>
/// <param name="Severity">Of its highest step.</param>
/// <param name="Alarms">How often it called.</param>
/// <param name="SharePercent">Of all calls of the month.</param>
/// <param name="Reasons">Why it was false, as the operators said.</param>
/// <param name="ProposedOnDelay">The shortest on-delay that would have kept every fleeting and chattering occurrence away; null without one. Nobody applies it but an engineer.</param>
/// <param name="AcknowledgedLate">Calls acknowledged later than the rule's time to respond, or not yet.</param>
/// <param name="RationalisedBy">Who agreed to the family's rules here; null for the shipped default: not rationalised yet.</param>
public sealed record RationalisationRow(
    string Family,
    string Rule,
    Title? Title,
    string? Severity,
    int Alarms,
    double? SharePercent,
    int FalseAlarms,
    IReadOnlyDictionary<string, int> Reasons,
    int Fleeting,
    int Chattering,
    string? OnDelay,
    string? ProposedOnDelay,
    int AcknowledgedLate,
    string? RationalisedBy,
    string? RationalisedOn);

/// <summary>The monthly list for those who own the rules: what calls most, what is false, what nobody here has agreed to yet.</summary>
internal static class Rationalisation
{
    private const string ShippedDefault = "shipped default";

    public static IResult Answer(HttpContext context, OperatorLoad load, FamilyCatalog families, TimeProvider time)
    {
        var (year, month) = Month(context, time);
        var rows = Rows(load.Month(year, month), families);
        var asked = Query.OneOf(context, "format", "json", "csv");
        var isCsv = asked is null ? context.Request.Headers.Accept.ToString().Contains("text/csv", StringComparison.OrdinalIgnoreCase) : asked == "csv";
        return isCsv ? Results.Text(Csv(rows), "text/csv; charset=utf-8") : Results.Json(rows, ApiJson.Options);
    }

    private static (int Year, int Month) Month(HttpContext context, TimeProvider time)
    {
        if (Query.Text(context, "month") is not { } text)
            return (time.GetUtcNow().Year, time.GetUtcNow().Month);
        return DateOnly.TryParseExact(text, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out var month)
            ? (month.Year, month.Month)
            : throw ApiException.BadRequest("bad_parameter", $"month={text}: must be a year and a month, 2026-11");
    }

    /// <summary>Most calls first; then every rule that may call, by name.</summary>
    private static RationalisationRow[] Rows(IReadOnlyList<LoadTally> tallies, FamilyCatalog families)
    {
        var whole = tallies.Sum(tally => tally.Alarms);
        var counted = tallies.Select(tally => (tally.Family, tally.Rule)).ToHashSet();
        var quiet = families.All
            .SelectMany(family => family.Rules.Where(rule => rule.Steps.Any(step => step.Kind == AlarmKind.Alarm)).Select(rule => new LoadTally { Family = rule.Place is null ? family.Name : Fleet.AreaFamily, Rule = rule.Name }))
            .Where(tally => !counted.Contains((tally.Family, tally.Rule)));
        return [.. tallies.Concat(quiet).Select(tally => Row(tally, whole, families.FileOf(tally.Family, tally.Rule)))];
    }

    private static RationalisationRow Row(LoadTally tally, int whole, Family? family)
    {
        var rule = family?.Rules.FirstOrDefault(rule => rule.Name == tally.Rule);
        var isRationalised = family is not null && family.RationalisedBy != ShippedDefault;
        return new RationalisationRow(
            tally.Family,
            tally.Rule,
            rule?.Title,
            rule is { Steps.Count: > 0 } ? AlarmJson.Name(rule.Steps.Max(step => step.Severity)) : null,
            tally.Alarms,
            whole == 0 ? null : Math.Round(100.0 * tally.Alarms / whole, 2),
            tally.FalseAlarms,
            tally.Reasons,
            tally.Fleeting,
            tally.Chattering,
            rule is { Steps.Count: > 0 } ? FamilyRoutes.Duration(rule.Steps[0].OnDelay) : null,
            tally.ProposedOnDelay is { } delay ? FamilyRoutes.Duration(delay) : null,
            tally.AcknowledgedLate,
            isRationalised ? family!.RationalisedBy : null,
            isRationalised ? family!.RationalisedOn : null);
    }

    private static string Csv(IEnumerable<RationalisationRow> rows)
    {
        // The mark at the beginning makes spreadsheets read the Chinese titles.
        var csv = new StringBuilder("\uFEFFfamily,rule,titleEn,titleZh,severity,alarms,sharePercent,falseAlarms,reasons,fleeting,chattering,onDelay,proposedOnDelay,acknowledgedLate,rationalisedBy,rationalisedOn\r\n");
        foreach (var row in rows)
        {
            object?[] cells =
            [
                row.Family, row.Rule, row.Title?.En, row.Title?.Zh, row.Severity, row.Alarms, row.SharePercent, row.FalseAlarms, string.Join("; ", row.Reasons.Select(reason => $"{reason.Key}: {reason.Value}")),
                row.Fleeting, row.Chattering, row.OnDelay, row.ProposedOnDelay, row.AcknowledgedLate, row.RationalisedBy, row.RationalisedOn,
            ];
            csv.AppendJoin(',', cells.Select(Cell)).Append("\r\n");
        }
        return csv.ToString();
    }

    private static string Cell(object? value)
    {
        var text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        // What operators typed must not become a formula in a spreadsheet; a number stays one.
        return value is string ? Audit.AuditCsv.Cell(text) : text;
    }
}
