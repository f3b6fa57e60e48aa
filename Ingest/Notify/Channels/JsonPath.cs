using System.Globalization;
using System.Text.Json;

namespace Telemetry.Ingest.Notify.Channels;

/// <summary>One value of an answer, by names and indices: <c>code</c>, <c>Result.Code</c>, <c>SendStatusSet.0.Code</c>.</summary>
internal static class JsonPath
{
    /// <summary>As it stands there, texts without quotes; null where there is none, or no JSON.</summary>
    public static string? Find(string json, string path)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var at = document.RootElement;
            foreach (var name in path.Split('.'))
            {
                if (at.ValueKind == JsonValueKind.Object && at.TryGetProperty(name, out var member))
                    at = member;
                else if (at.ValueKind == JsonValueKind.Array && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < at.GetArrayLength())
                    at = at[index];
                else
                    return null;
            }
            return at.ValueKind == JsonValueKind.String ? at.GetString() : at.GetRawText();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
