using Telemetry.Ingest.Api;

namespace Telemetry.Ingest.Commands;

/// <summary>A moment on a command line.</summary>
internal static class TimeOption
{
    /// <returns>Unix ms; null, and what would be right in <paramref name="errors"/>, for what is none.</returns>
    public static long? Read(string option, string text, List<string> errors)
    {
        if (Query.ParseTime(text) is { } time)
            return time;
        errors.Add($"{option} {text}: must be RFC 3339 with a zone (2026-07-01T08:00:00+08:00) or Unix ms");
        return null;
    }
}
