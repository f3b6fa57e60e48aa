namespace Telemetry.Tests.Shared;

internal static class Repository
{
    /// <summary>The folder that holds Telemetry.sln.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Telemetry.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the tests do not lie beneath Telemetry.sln");
        return folder;
    }
}
