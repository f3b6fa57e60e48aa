using Telemetry.Ingest.Notify.Routing;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Notify;

/// <summary>A dry run's question in words, from a command line or a body.</summary>
internal sealed record DryRunText(string? Family, string? Rule, string? Severity, string? District, string? Street, IReadOnlyList<string> Calendar, string Mode);

/// <summary>Words to a question; everything that is wrong at once.</summary>
internal static class DryRunReader
{
    /// <param name="device">Whose district and street stand in where the words say none; null for none.</param>
    public static DryRunQuestion? Read(DryRunText text, long at, IReadOnlyList<Family> families, Device? device, List<string> errors)
    {
        var family = Named("family", text.Family, families, known => known.Name, errors);
        var rules = family?.Name == Fleet.AreaFamily ? [.. family.Rules, .. families.SelectMany(of => of.Rules).Where(known => known.Place is not null)] : family?.Rules;
        var rule = rules is null ? null : Named("rule", text.Rule, rules, known => known.Name, errors);
        Severity? severity = text.Severity is null ? null : Word("severity", text.Severity, Vocabulary.Severities, errors);
        var calendar = text.Calendar.Aggregate(CalendarKinds.None, (all, word) => all | (Word("calendar", word, RouteReader.Calendars, errors) ?? CalendarKinds.None));
        if (!Modes.All.Contains(text.Mode))
            errors.Add($"mode '{text.Mode}' is not one of {string.Join(", ", Modes.All)}{NearestName.Hint(text.Mode, Modes.All)}");
        return family is null || rule is null || errors.Count > 0
            ? null
            : new DryRunQuestion(at, family, rule, severity, text.District ?? device?.District, text.Street ?? device?.Street, calendar, device, text.Mode);
    }

    private static T? Named<T>(string key, string? wanted, IReadOnlyList<T> known, Func<T, string> name, List<string> errors)
        where T : class
    {
        var found = known.FirstOrDefault(each => name(each) == wanted);
        if (found is null)
            errors.Add(wanted is null ? $"{key} is missing; one of {string.Join(", ", known.Select(name))}" : $"there is no {key} '{wanted}'{NearestName.Hint(wanted, known.Select(name))}");
        return found;
    }

    private static T? Word<T>(string key, string word, IReadOnlyDictionary<string, T> words, List<string> errors)
        where T : struct
    {
        if (words.TryGetValue(word, out var value))
            return value;
        errors.Add($"{key} '{word}' is not one of {string.Join(", ", words.Keys)}{NearestName.Hint(word, words.Keys)}");
        return null;
    }
}
