using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Telemetry.Rules.Model;

namespace Telemetry.Simulators.Replay;

/// <summary>Whether a service may be fed with what is not true: it runs a demo, or each device concerned is in state drill or test, where nobody is called; a whole city also where there is nothing else.</summary>
public static class ServicePermission
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <param name="token">Of a viewer; null for none.</param>
    /// <returns>Why not; null where it may.</returns>
    public static async Task<string?> RefusalAsync(Uri service, string? token, IEnumerable<string> devices, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = service, Timeout = Patience };
        if (token is not null)
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            if (await IsDemoAsync(http, cancellationToken))
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
                : $"{service} is neither a demo (--demo) nor are all devices of the recording in state drill or test: {First(others)}. "
                  + "A replay would raise alarms that people act on. Put the devices in drill in the register, or play into a service that runs --demo";
        }
        catch (Exception problem) when (problem is HttpRequestException or JsonException or InvalidOperationException or KeyNotFoundException || (problem is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return $"{service} can't be asked whether it runs a demo or a drill ({problem.Message}). --url names the service behind the broker, --token-file a viewer's token; --no-service says that there is none";
        }
    }

    /// <summary>Of a simulated city, which enters its own devices into the register.</summary>
    /// <returns>Why not; null where it may.</returns>
    /// <exception cref="HttpRequestException">The service can't be asked.</exception>
    public static async Task<string?> CityRefusalAsync(Uri service, IReadOnlyList<Device> city, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = service, Timeout = Patience };
        if (await IsDemoAsync(http, cancellationToken))
            return null;
        var gateways = city.ToDictionary(device => device.Id, device => device.Gateway, StringComparer.Ordinal);
        var registered = await http.GetFromJsonAsync<JsonElement>("api/v1/devices", cancellationToken);
        var others = registered.EnumerateArray()
            .Where(device => !gateways.TryGetValue(device.GetProperty("id").GetString()!, out var gateway) || device.GetProperty("gateway").GetString() != gateway)
            .Select(device => device.GetProperty("id").GetString()!).ToList();
        return others.Count == 0
            ? null
            : $"{service} runs no demo, and its register has devices that are not of this city: {First(others)}. "
              + "The city would write its own over those of the same name and raise alarms that people act on. Play it to a service with --demo or an empty register; --anyway does it all the same";
    }

    private static string First(List<string> devices) => string.Join(", ", devices.Take(5)) + (devices.Count > 5 ? $" and {devices.Count - 5} more" : "");

    private static async Task<bool> IsDemoAsync(HttpClient http, CancellationToken cancellationToken) =>
        (await http.GetFromJsonAsync<JsonElement>("api/v1/stats", cancellationToken)).TryGetProperty("demo", out var demo) && demo.ValueKind == JsonValueKind.True;
}
