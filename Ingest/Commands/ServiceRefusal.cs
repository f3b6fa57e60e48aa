using System.Text.Json;

namespace Telemetry.Ingest.Commands;

/// <summary>What a running service says to a command that it refuses.</summary>
internal static class ServiceRefusal
{
    /// <summary>The problem's detail; null for an answer of another kind.</summary>
    public static string? Detail(string text)
    {
        try
        {
            return JsonDocument.Parse(text).RootElement.TryGetProperty("detail", out var detail) ? detail.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
