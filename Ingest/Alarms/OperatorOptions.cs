using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.Alarms;

/// <summary><c>Operators:Positions:NAME</c> = districts, separated by commas; <c>*</c> for all of them, <c>_</c> for alarms without a district.</summary>
internal static class OperatorOptions
{
    private const string Section = "Operators:Positions";
    private const int MaxName = 64;

    public static bool IsKey(string key) => key.StartsWith(Section + ":", StringComparison.OrdinalIgnoreCase);

    public static IReadOnlyList<LoadPosition> Read(IConfiguration configuration, Action<string, string?, string> error)
    {
        var positions = new List<LoadPosition>();
        foreach (var position in configuration.GetSection(Section).GetChildren())
        {
            // On the command line one text, in appsettings.json also an array.
            var text = position.Value ?? string.Join(',', position.GetChildren().Select(child => child.Value));
            string[] districts = [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)];
            if (position.Key == LoadPosition.Unassigned || position.Key.Length > MaxName || position.Key.Any(char.IsControl))
                error($"{Section}:{position.Key}", text, $"the name has 1 to {MaxName} characters and is not '{LoadPosition.Unassigned}', which is for what no other position hears");
            else if (districts.Length == 0)
                error($"{Section}:{position.Key}", text, "districts, separated by commas, as the register names them; * for all of them, _ for alarms without one");
            else
                positions.Add(new LoadPosition(position.Key, districts.Contains("*") ? null : districts));
        }
        return positions.Count == 0 ? LoadPosition.Whole : positions;
    }
}
