using Telemetry.Rules.Alarms;
using Telemetry.Rules.Conditions;

namespace Telemetry.Ingest.Alarms;

/// <summary>
/// <c>Operators:Positions:NAME</c> = districts, separated by commas; <c>*</c> for all of them, <c>_</c> for alarms without a district. <c>Operators:Positions:NAME:Fallback</c>
/// = who answers for its alarms while nobody mans it.
/// </summary>
internal static class OperatorOptions
{
    private const string Section = "Operators:Positions";
    private const string FallbackKey = "Fallback";
    private const int MaxName = 64;

    public static bool IsKey(string key) => key.StartsWith(Section + ":", StringComparison.OrdinalIgnoreCase);

    public static IReadOnlyList<LoadPosition> Read(IConfiguration configuration, Action<string, string?, string> error)
    {
        var positions = new List<LoadPosition>();
        var sections = configuration.GetSection(Section).GetChildren().ToList();
        foreach (var position in sections)
        {
            var key = $"{Section}:{position.Key}";
            // On the command line one text, in appsettings.json also an array.
            var children = position.GetChildren().ToList();
            var text = position.Value ?? string.Join(',', children.Where(child => int.TryParse(child.Key, out _)).Select(child => child.Value));
            string[] districts = [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)];
            foreach (var child in children.Where(child => !int.TryParse(child.Key, out _) && !child.Key.Equals(FallbackKey, StringComparison.OrdinalIgnoreCase)))
                error($"{key}:{child.Key}", child.Value, $"unknown key; known here: {FallbackKey}");
            if (position.Key == LoadPosition.Unassigned || position.Key.Length > MaxName || position.Key.Any(char.IsControl))
                error(key, text, $"the name has 1 to {MaxName} characters and is not '{LoadPosition.Unassigned}', which is for what no other position hears");
            else if (districts.Length == 0)
                error(key, text, "districts, separated by commas, as the register names them; * for all of them, _ for alarms without one");
            else
                positions.Add(new LoadPosition(position.Key, districts.Contains("*") ? null : districts, Fallback(position, sections, error)));
        }
        return positions.Count == 0 ? LoadPosition.Whole : positions;
    }

    private static string? Fallback(IConfigurationSection position, List<IConfigurationSection> all, Action<string, string?, string> error)
    {
        if (position[FallbackKey] is not { } name)
            return null;
        string[] others = [.. all.Select(other => other.Key).Where(other => other != position.Key)];
        if (others.Contains(name))
            return name;
        error($"{Section}:{position.Key}:{FallbackKey}", name, others.Length == 0 ? "there is no other position; leave it out" : $"one of the other positions, {string.Join(", ", others)}{NearestName.Hint(name, others)}");
        return null;
    }
}
