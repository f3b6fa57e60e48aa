using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Telemetry.Ingest.Tests.Api;

/// <summary>Calls as a client makes them.</summary>
internal static class Calls
{
    public static async Task<JsonElement> GetJsonAsync(this ApiHost host, string path)
    {
        using var response = await host.Http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        return JsonDocument.Parse(await response.Content.ReadAsStreamAsync()).RootElement;
    }

    public static Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(this ApiHost host, string path, string body) =>
        host.SendAsync(HttpMethod.Post, path, body);

    public static async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(
        this ApiHost host, HttpMethod method, string path, string? body = null, string type = "application/json", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        }
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await host.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStreamAsync()).RootElement);
    }

    public static string Reason(this (HttpStatusCode Status, JsonElement Body) answer) => answer.Body.GetProperty("reason").GetString()!;

    public static string Text(this JsonElement element, string property) => element.GetProperty(property).GetString()!;
}
