using System.Net;
using System.Text;
using System.Text.Json;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.Store;
using Telemetry.Ingest.Tests.Notify;
using Telemetry.Ingest.Tests.Security;
using Telemetry.Ingest.Tests.State;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Api;

/// <summary>A service with two districts, near and far, and of everything one thing in each, named for it.</summary>
public sealed class TwoDistricts : IAsyncLifetime
{
    private readonly Credentials _credentials = new();

    /// <summary>Tokens of administrators: of everything, of the district near, of manhole covers in all districts.</summary>
    internal static string City { get; } = ApiToken.New();

    internal static string Near { get; } = ApiToken.New();

    internal static string Covers { get; } = ApiToken.New();

    internal ApiHost Host { get; private set; } = null!;

    /// <summary>Opened at the start, by position.</summary>
    internal Dictionary<string, long> Handovers { get; } = [];

    public async ValueTask InitializeAsync()
    {
        _credentials.WriteUsers(
            Credentials.Line("city", "administrator", City),
            $"near: {{role: administrator, token: {ApiToken.HashOf(Near)}, districts: [near]}}",
            $"covers: {{role: administrator, token: {ApiToken.HashOf(Covers)}, families: [manhole_cover]}}");
        Host = await ApiHost.StartAsync(security: _credentials.Options(), positions: [new("near", ["near"]), new("far", ["far"]), new("rest", null)], notify: Files.Right(Files.Small));
        await Host.Store.OpenAsync(TestContext.Current.CancellationToken);
        await DoAsync("POST /api/v1/positions/near/sign-on", "{}");
        await DoAsync("POST /api/v1/positions/far/sign-on", "{}");
        await DoAsync("POST /api/v1/positions/rest/sign-on", "{}");
        foreach (var district in (string[])["near", "far"])
        {
            await DoAsync($"PUT /api/v1/devices/{district}-1", $$"""{"family": "drainage_pump", "district": "{{district}}", "street": "{{district}} road", "gateway": "gw-{{district}}", "parent": "{{district}}-well"}""");
            await Host.RaiseAsync(Alarm(district));
            await Host.RaiseAsync(Alarm(district) with { Id = $"{district}-gone", State = AlarmState.Normal, ClearedAt = Samples.T0 + 1 });
            await DoAsync($"PUT /api/v1/calendar/{district}-rain", $$"""{"kind": "rain_forecast", "scope": "district", "place": "{{district}}", "from": "2099-01-01T00:00:00Z", "to": "2099-01-02T00:00:00Z"}""");
            using var opened = JsonDocument.Parse(await DoAsync("POST /api/v1/handover", $$"""{"position": "{{district}}"}"""));
            Handovers[district] = opened.RootElement.GetProperty("handover").GetProperty("id").GetInt64();
            var batch = new EntryBatch();
            batch.Add(new DeadLetterEntry { Topic = $"telemetry/v1/gw-{district}/tunnel/{district}-1", Reason = "malformed", Detail = "no JSON", Payload = Encoding.UTF8.GetBytes(district) });
            await Host.Progress.RulesAsync(await await Host.Log.AppendAsync(batch, CancellationToken.None), CancellationToken.None);
            await Host.Store.WriteAsync([new Point("drainage_pump", $"{district}-1", "sump_level", Samples.T0, Samples.T0 + 5, ValueKind.Number, 1.5, null, Quality.Good, null)], Host.Log.Committed, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        _credentials.Dispose();
    }

    internal static Alarm Alarm(string district) => Samples.Alarm($"{district}-alarm") with { Device = $"{district}-1", District = district, Street = $"{district} road" };

    /// <param name="call">Method and path.</param>
    internal async Task<(HttpStatusCode Status, string Text)> AsAsync(string token, string call, string? body = null, string type = "application/json")
    {
        using var request = new HttpRequestMessage(new HttpMethod(call.Split(' ')[0]), new Uri(call.Split(' ')[1], UriKind.Relative));
        request.Headers.Add("Authorization", $"Bearer {token}");
        if (request.Method != HttpMethod.Get)
            request.Content = new StringContent(body ?? "{}", Encoding.UTF8, type);
        using var response = await Host.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private async Task<string> DoAsync(string call, string body)
    {
        var (status, text) = await AsAsync(City, call, body);
        Assert.True(status == HttpStatusCode.OK, $"{call}: {status} {text}");
        return text;
    }
}
