using System.Text.Json;

namespace Telemetry.Tests.Shared;

/// <summary>The journal as the API and the command write it: a JSON object a line.</summary>
internal static class Journal
{
    /// <summary>The lines of what the log held up to a position: nodes go on writing while one is asked after another.</summary>
    public static string UpTo(long position, string journal) => string.Concat(journal.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => Position(line) <= position).Select(line => line + "\n"));

    private static long Position(string line)
    {
        using var parsed = JsonDocument.Parse(line);
        return parsed.RootElement.GetProperty("position").GetInt64();
    }
}
