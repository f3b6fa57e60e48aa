using System.Net;
using System.Text.Json;
using Telemetry.Ingest.Store;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Api;

public sealed class ReadingApiTests
{
    private const long T0 = 1_732_440_000_000;
    private const string Span = "&from=1732440000000&to=2024-11-24T10:00:00Z";

    [Fact]
    public async Task Values_come_typed_as_their_channel_in_ascending_time()
    {
        await using var host = await StartAsync(
            Level(T0 + 20_000, 2.5) with { Quality = Quality.Uncertain, Sequence = 7 },
            Level(T0, 1.25),
            Level(T0 + 1, double.NaN) with { Quality = Quality.Bad },
            Level(T0, 0) with { Channel = "pump_run.2", Kind = ValueKind.Boolean, Number = 1 },
            Level(T0, 0) with { Channel = "power_supply", Kind = ValueKind.State, State = "backup" });

        var levels = await host.GetJsonAsync($"/api/v1/devices/PS-1/readings?channel=sump_level{Span}");
        var runs = await host.GetJsonAsync($"/api/v1/devices/PS-1/readings?channel=pump_run.2{Span}");
        var supply = await host.GetJsonAsync($"/api/v1/devices/PS-1/readings?channel=power_supply{Span}");

        Assert.Equal("""{"time":"2024-11-24T09:20:00.000Z","receivedTime":"2024-11-24T09:20:00.050Z","value":1.25,"quality":"good","seq":null}""", levels[0].GetRawText());
        Assert.Equal((JsonValueKind.Null, "bad"), (levels[1].GetProperty("value").ValueKind, levels[1].Text("quality")));
        Assert.Equal((2.5, "uncertain", 7), (levels[2].GetProperty("value").GetDouble(), levels[2].Text("quality"), levels[2].GetProperty("seq").GetInt32()));
        Assert.True(runs[0].GetProperty("value").GetBoolean());
        Assert.Equal("backup", supply[0].Text("value"));
    }

    [Fact]
    public async Task Buckets_of_numbers_have_their_spread_and_those_of_states_only_the_last()
    {
        await using var host = await StartAsync(
            Level(T0, 1),
            Level(T0 + 9_000, 3),
            Level(T0, 0) with { Channel = "power_supply", Kind = ValueKind.State, State = "backup" });
        var levels = await host.GetJsonAsync($"/api/v1/devices/PS-1/readings?channel=sump_level&every=1m{Span}");
        var supply = await host.GetJsonAsync($"/api/v1/devices/PS-1/readings?channel=power_supply&every=1h{Span}");
        Assert.Equal("""[{"time":"2024-11-24T09:20:00.000Z","min":1,"mean":2,"max":3,"last":3,"count":2}]""", levels.GetRawText());
        Assert.Equal("""[{"time":"2024-11-24T09:00:00.000Z","last":"backup","count":1}]""", supply.GetRawText());
    }

    [Fact]
    public async Task Pages_join_without_gap_or_overlap_even_within_one_millisecond()
    {
        await using var host = await StartAsync([.. Enumerable.Range(0, 7).Select(i => Level(T0 + (i / 4), i) with { Sequence = i })]);
        var values = new List<int>();
        string? next = "";
        while (next is not null)
        {
            var page = await host.GetJsonAsync($"/api/v1/devices/PS-1/readings?channel=sump_level&limit=3{Span}{next}");
            values.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("seq").GetInt32()));
            next = page.GetProperty("next").GetString() is { } after ? $"&after={after}" : null;
        }
        Assert.Equal([0, 1, 2, 3, 4, 5, 6], values);
    }

    [Theory]
    [InlineData("/api/v1/devices/none/readings?channel=sump_level", HttpStatusCode.NotFound, "unknown_device")]
    [InlineData("/api/v1/devices/PS-1/readings", HttpStatusCode.BadRequest, "missing_parameter")]
    [InlineData("/api/v1/devices/PS-1/readings?channel=level", HttpStatusCode.BadRequest, "unknown_channel")]
    [InlineData("/api/v1/devices/PS-1/readings?channel=pump_run", HttpStatusCode.BadRequest, "unknown_channel")]
    [InlineData("/api/v1/devices/PS-1/readings?channel=sump_level&every=5m", HttpStatusCode.BadRequest, "bad_parameter")]
    [InlineData("/api/v1/devices/PS-1/readings?channel=sump_level&from=2&to=1", HttpStatusCode.BadRequest, "bad_parameter")]
    [InlineData("/api/v1/devices/PS-1/readings?channel=sump_level&after=x", HttpStatusCode.BadRequest, "bad_parameter")]
    public async Task What_cannot_be_read_says_why(string path, HttpStatusCode status, string reason)
    {
        await using var host = await StartAsync();
        var answer = await host.SendAsync(HttpMethod.Get, path);
        Assert.Equal(status, answer.Status);
        Assert.Equal(reason, answer.Reason());
    }

    private static async Task<ApiHost> StartAsync(params Point[] points)
    {
        var host = await ApiHost.StartAsync();
        host.Devices.Set(new Device { Id = "PS-1", Family = "drainage_pump" });
        await host.Store.OpenAsync(TestContext.Current.CancellationToken);
        if (points.Length > 0)
            await host.Store.WriteAsync(points, 1, TestContext.Current.CancellationToken);
        return host;
    }

    private static Point Level(long time, double level) =>
        new("drainage_pump", "PS-1", "sump_level", time, time + 50, ValueKind.Number, level, null, Quality.Good, null);
}
