using System.Reflection;

namespace Telemetry.Simulators.Scenarios;

/// <summary>The scenarios that travel inside this assembly.</summary>
public static class ShippedScenarios
{
    private const string Folder = "scenarios/";

    /// <summary>In order.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. Assembly.GetExecutingAssembly().GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)).Select(name => name[Folder.Length..^".yaml".Length]).Order(StringComparer.Ordinal)];

    public static string Text(string name)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream($"{Folder}{name}.yaml")
            ?? throw new ArgumentException($"there is no scenario '{name}'; there are {string.Join(", ", Names)}", nameof(name)));
        return reader.ReadToEnd();
    }
}
