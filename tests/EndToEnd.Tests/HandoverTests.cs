using System.Net;
using System.Text;
using System.Text.Json;

namespace Telemetry.EndToEnd.Tests;

/// <summary>The end of a shift at a real service: nothing stays shelved unseen, both sign, and a kill changes nothing of it.</summary>
public sealed class HandoverTests : IDisposable
{
    private const string ByWang = """{"by": "Wang"}""";

    private readonly TempDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task A_shift_hands_over_with_what_is_shelved_seen_by_both_and_a_restart_keeps_it()
    {
        long id;
        string document, alarm;
        await using (var service = await StartAsync())
        {
            await PutDeviceAsync(service);
            await Clients.MosquittoPubAsync(service.MqttPort, "telemetry/v1/gw-1/drainage_pump/PS-1", """{"values":{"pump_fault.1":"overload"}}""", "-q", "1");
            alarm = (await service.AlarmAsync("PS-1", "pump_fault", found => found.GetProperty("state").GetString() == "active_unacknowledged")).GetProperty("id").GetString()!;
            Assert.Equal("north", (await service.GetAsync($"api/v1/alarms/{alarm}")).GetProperty("position").GetString());

            await DoAsync(service, "positions/north/sign-on", ByWang);
            await DoAsync(service, "positions/north/notes", """{"by": "Wang", "text": "1号泵待修"}""");
            await DoAsync(service, $"alarms/{alarm}/shelve", $$"""{"by": "Wang", "reason": "being repaired", "until": "{{TimeProvider.System.GetUtcNow().AddHours(2):O}}"}""");
            var opened = await DoAsync(service, "handover", """{"position": "north", "by": "Wang"}""");
            id = opened.GetProperty("handover").GetProperty("id").GetInt64();
            document = opened.GetProperty("document").GetRawText();
            Assert.Equal([alarm], opened.GetProperty("document").GetProperty("shelved").EnumerateArray().Select(shelved => shelved.GetProperty("id").GetString()));
            Assert.Equal("1号泵待修", opened.GetProperty("document").GetProperty("notes")[0].GetProperty("text").GetString());

            var (status, refused) = await PostAsync(service, $"handover/{id}/sign", ByWang);
            Assert.Equal((HttpStatusCode.Conflict, "unseen_shelved", alarm), (status, refused.GetProperty("reason").GetString(), refused.GetProperty("alarms")[0].GetProperty("id").GetString()));
            await DoAsync(service, $"handover/{id}/sign", $$"""{"by": "Wang", "seen": ["{{alarm}}"]}""");
            await service.KillAsync();
        }

        // Between the two signatures and behind the second one.
        await using (var service = await StartAsync())
        {
            await service.CaughtUpAsync();
            var half = (await service.GetAsync("api/v1/positions")).EnumerateArray().Single(position => position.GetProperty("position").GetString() == "north");
            Assert.Equal(("Wang", id, "Wang"), (half.GetProperty("person").GetString(), half.GetProperty("handover").GetProperty("id").GetInt64(), half.GetProperty("handover").GetProperty("outgoing").GetProperty("by").GetString()));
            Assert.Equal(document, (await service.GetAsync($"api/v1/handover/{id}")).GetProperty("document").GetRawText());
            await DoAsync(service, $"handover/{id}/sign", $$"""{"by": "Li", "seen": ["{{alarm}}"]}""");
            await service.KillAsync();
        }

        await using var last = await StartAsync();
        await last.CaughtUpAsync();
        var north = await last.GetAsync("api/v1/positions/north");
        Assert.Equal(("Li", JsonValueKind.Null, 0), (north.GetProperty("person").GetString(), north.GetProperty("handover").ValueKind, north.GetProperty("notes").GetArrayLength()));
        var signed = (await last.GetAsync("api/v1/handovers?position=north"))[0];
        Assert.Equal(("Wang", "Li"), (signed.GetProperty("outgoing").GetProperty("by").GetString(), signed.GetProperty("incoming").GetProperty("by").GetString()));

        // Nobody is anywhere: said aloud.
        await DoAsync(last, "positions/north/sign-off", """{"by": "Li"}""");
        using var ready = await last.Http.GetAsync(new Uri("health/ready", UriKind.Relative));
        Assert.Contains("nobody_on_duty", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private Task<ServiceProcess> StartAsync() => ServiceProcess.StartAsync(_data.Path, 0, "--Operators:Positions:north=North", "--Operators:Positions:south=South", "--Operators:Positions:north:Fallback=south");

    private static async Task PutDeviceAsync(ServiceProcess service)
    {
        using var content = new StringContent("""{"family": "drainage_pump", "district": "North", "gateway": "gw-1"}""", Encoding.UTF8, "application/json");
        using var answer = await service.Http.PutAsync(new Uri("api/v1/devices/PS-1", UriKind.Relative), content);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static async Task<JsonElement> DoAsync(ServiceProcess service, string call, string body)
    {
        var (status, answer) = await PostAsync(service, call, body);
        Assert.True(status == HttpStatusCode.OK, $"{call}: {status} {answer}");
        return answer;
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(ServiceProcess service, string call, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await service.Http.PostAsync(new Uri($"api/v1/{call}", UriKind.Relative), content);
        return (answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement);
    }
}
