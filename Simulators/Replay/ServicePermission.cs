using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Telemetry.Simulators.Replay;

/// <summary>Whether a service may be fed with what is not true: it runs a demo, or each device concerned is in state drill or test, where nobody is called.</summary>
public static class ServicePermission
{
    /// <param name="token">Of a viewer; null for none.</param>
    /// <returns>Why not; null where it may.</returns>
    public static async Task<string?> RefusalAsync(Uri service, string? token, IEnumerable<string> devices, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = service, Timeout = TimeSpan.FromSeconds(30) };
        if (token is not null)
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            var stats = await http.GetFromJsonAsync<JsonElement>("api/v1/stats", cancellationToken);
            if (stats.TryGetProperty("demo", out var demo) && demo.ValueKind == JsonValueKind.True)
                return null;
            var allowed = new HashSet<string>(StringComparer.Ordinal);
            foreach (var state in (string[])["drill", "test"])
            {
                var found = await http.GetFromJsonAsync<JsonElement>($"api/v1/devices?state={state}", cancellationToken);
                allowed.UnionWith(found.EnumerateArray().Select(device => device.GetProperty("id").GetString()!));
            }
            var others = devices.Where(device => !allowed.Contains(device)).ToList();
            return others.Count == 0
                ? null
                : $"{service} is neither a demo (--demo) nor are all devices of the recording in state drill or test: {string.Join(", ", others.Take(5))}{(others.Count > 5 ? $" and {others.Count - 5} more" : "")}. "
                  + "A replay would raise alarms that people act on. Put the devices in drill in the register, or play into a service that runs --demo";
        }
        catch (Exception problem) when (problem is HttpRequestException or JsonException or InvalidOperationException or KeyNotFoundException || (problem is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return $"{service} can't be asked whether it runs a demo or a drill ({problem.Message}). --url names the service behind the broker, --token-file a viewer's token; --no-service says that there is none";
        }
    }
}
