namespace Telemetry.Ingest.Hosting;

/// <summary>appsettings.json of the working directory, then <c>TELEMETRY__Section__Key</c>, then <c>--Section:Key=value</c>; the later one wins.</summary>
internal static class ConfigurationSources
{
    /// <returns>What the command line says twice; the first of them is in force.</returns>
    public static IReadOnlyList<string> Use(ConfigurationManager configuration, string[] args)
    {
        configuration.Sources.Clear();
        configuration.AddJsonFile(Path.Combine(Directory.GetCurrentDirectory(), "appsettings.json"), optional: true, reloadOnChange: false);
        configuration.AddEnvironmentVariables("TELEMETRY__");
        var byKey = args.Select(Pair).GroupBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase).ToList();
        configuration.AddInMemoryCollection(byKey.Select(pairs => pairs.First()));
        if (configuration.GetValue<string>("Demo") is "true" && configuration["Data:Path"] is null)
            configuration["Data:Path"] = Path.Combine("data", "demo");
        return [.. byKey.Where(pairs => pairs.Count() > 1).Select(pairs => $"{pairs.Key} stands {pairs.Count()} times on the command line ({string.Join(", ", pairs.Select(pair => pair.Value))}); give it once")];
    }

    /// <summary><c>--demo</c> and the like stand for <c>true</c>; whatever is no key fails as an unknown one.</summary>
    private static KeyValuePair<string, string?> Pair(string argument)
    {
        var text = argument.TrimStart('-');
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? new(text, "true") : new(text[..equals], text[(equals + 1)..]);
    }
}
