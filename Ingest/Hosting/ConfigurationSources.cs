namespace Telemetry.Ingest.Hosting;

/// <summary>appsettings.json of the working directory, then <c>TELEMETRY__Section__Key</c>, then <c>--Section:Key=value</c>; the later one wins.</summary>
internal static class ConfigurationSources
{
    public static void Use(ConfigurationManager configuration, string[] args)
    {
        configuration.Sources.Clear();
        configuration.AddJsonFile(Path.Combine(Directory.GetCurrentDirectory(), "appsettings.json"), optional: true, reloadOnChange: false);
        configuration.AddEnvironmentVariables("TELEMETRY__");
        configuration.AddInMemoryCollection(args.Select(Pair));
        if (configuration.GetValue<string>("Demo") is "true" && configuration["Data:Path"] is null)
            configuration["Data:Path"] = Path.Combine("data", "demo");
    }

    /// <summary><c>--demo</c> and the like stand for <c>true</c>; whatever is no key fails as an unknown one.</summary>
    private static KeyValuePair<string, string?> Pair(string argument)
    {
        var text = argument.TrimStart('-');
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? new(text, "true") : new(text[..equals], text[(equals + 1)..]);
    }
}
