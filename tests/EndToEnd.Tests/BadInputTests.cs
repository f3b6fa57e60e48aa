using System.Globalization;
using System.Text.Json;

namespace Telemetry.EndToEnd.Tests;

/// <summary>Each kind of bad input, sent by a client that none of us wrote, and its answer.</summary>
public sealed class BadInputTests : IAsyncLifetime
{
    private readonly TempDirectory _data = new();
    private ServiceProcess _service = null!;

    public async ValueTask InitializeAsync() => _service = await ServiceProcess.StartAsync(_data.Path);

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        _data.Dispose();
    }

    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    private Task SendAsync(string payload, string topic = "telemetry/v1/gw/tunnel/t-1") => Clients.MosquittoPubAsync(_service.MqttPort, topic, payload, "-q", "1");

    [Fact]
    public async Task Every_bad_message_is_acknowledged_counted_under_its_reason_and_kept()
    {
        (string Reason, string Payload, string Topic)[] sent =
        [
            ("malformed", "hello", "telemetry/v1/gw/tunnel/t-1"),
            ("malformed", """{"values":{"carbon_monoxide":NaN}}""", "telemetry/v1/gw/tunnel/t-1"),
            ("malformed", string.Concat(Enumerable.Repeat("[", 40)), "telemetry/v1/gw/tunnel/t-1"),
            ("wrong_type", """{"values":{"carbon_monoxide":"much"}}""", "telemetry/v1/gw/tunnel/t-1"),
            ("wrong_type", """{"values":{"carbon_monoxide":1e400}}""", "telemetry/v1/gw/tunnel/t-1"),
            ("unknown_channel", """{"values":{"carbon_dioxide":3}}""", "telemetry/v1/gw/tunnel/t-1"),
            ("bad_seq", """{"seq":99999999999999999999,"values":{"carbon_monoxide":3}}""", "telemetry/v1/gw/tunnel/t-1"),
            ("bad_time", """{"ts":"yesterday","values":{"carbon_monoxide":3}}""", "telemetry/v1/gw/tunnel/t-1"),
            ("no_values", "{}", "telemetry/v1/gw/tunnel/t-1"),
            ("unknown_family", """{"values":{"x":3}}""", "telemetry/v1/gw/elevator/t-1"),
            ("bad_topic", """{"values":{"x":3}}""", "telemetry/v1/gw/tunnel"),
            ("too_large", new string(' ', 10_000_000), "telemetry/v1/gw/tunnel/t-1"),
        ];
        foreach (var (_, payload, topic) in sent)
            await SendAsync(payload, topic);
        await SendAsync("""{"values":{"carbon_monoxide":3}}""", "telemetry/v1/gw/tunnel/t-1");
        await _service.CaughtUpAsync();
        await SendAsync("""{"values":{"sump_level":3}}""", "telemetry/v1/gw/drainage_pump/t-1");
        await _service.CaughtUpAsync();

        var rejected = (await _service.GetAsync("api/v1/stats")).GetProperty("rejected");
        foreach (var reasons in sent.GroupBy(message => message.Reason))
            Assert.Equal((reasons.Key, reasons.Count()), (reasons.Key, rejected.GetProperty(reasons.Key).GetInt32()));
        Assert.Equal(1, rejected.GetProperty("family_mismatch").GetInt32());
        var letters = (await _service.GetAsync("api/v1/deadletters")).EnumerateArray().Select(letter => letter.GetProperty("reason").GetString()).ToHashSet();
        Assert.Superset(sent.Select(message => message.Reason).ToHashSet(), letters!);
    }

    [Fact]
    public async Task One_bad_element_among_a_hundred_costs_that_element()
    {
        var now = Now;
        var elements = Enumerable.Range(0, 100).Select(i => i == 42 ? "17" : string.Create(CultureInfo.InvariantCulture, $$$"""{"ts":{{{now - 1000 + i}}},"values":{"carbon_monoxide":{{{i}}}}}"""));
        await SendAsync($"[{string.Join(',', elements)}]");
        await _service.CaughtUpAsync();
        Assert.Equal(99, (await _service.GetAsync("api/v1/devices/t-1/readings?channel=carbon_monoxide")).GetArrayLength());
        Assert.Equal(1, (await _service.GetAsync("api/v1/stats")).GetProperty("rejected").GetProperty("malformed").GetInt32());
    }

    [Fact]
    public async Task A_reading_that_comes_again_with_other_values_is_kept_out_and_costs_nothing_else()
    {
        var now = Now;
        await SendAsync(string.Create(CultureInfo.InvariantCulture, $$$"""{"ts":{{{now}}},"seq":1,"values":{"carbon_monoxide":1,"nitrogen_dioxide":0.1}}"""));
        await SendAsync(string.Create(CultureInfo.InvariantCulture, $$$"""{"ts":{{{now}}},"seq":1,"values":{"carbon_monoxide":2,"nitrogen_dioxide":0.2}}"""));
        await _service.CaughtUpAsync();

        Assert.Equal(1, (await OneAsync("t-1")).GetProperty("value").GetDouble());
        var letter = Assert.Single((await _service.GetAsync("api/v1/deadletters")).EnumerateArray());
        Assert.Equal("conflicting_duplicate", letter.GetProperty("reason").GetString());
        Assert.Equal(1, (await _service.GetAsync("api/v1/stats")).GetProperty("rejected").GetProperty("conflicting_duplicate").GetInt32());
        Assert.Equal(200, (int)(await _service.Http.GetAsync("health/ready")).StatusCode);
    }

    [Fact]
    public async Task Times_that_cannot_be_are_replaced_and_the_value_is_uncertain_and_over_range_is_kept()
    {
        var now = Now;
        await SendAsync("""{"ts":1000,"values":{"carbon_monoxide":1}}""", "telemetry/v1/gw/tunnel/t-1970");
        await SendAsync("""{"ts":4102444800000,"values":{"carbon_monoxide":2}}""", "telemetry/v1/gw/tunnel/t-2100");
        await SendAsync(string.Create(CultureInfo.InvariantCulture, $$$"""{"ts":{{{now / 1000}}},"values":{"carbon_monoxide":3}}"""), "telemetry/v1/gw/tunnel/t-seconds");
        await SendAsync("""{"values":{"carbon_monoxide":4}}""", "telemetry/v1/gw/tunnel/t-none");
        await SendAsync("""{"values":{"carbon_monoxide":700}}""", "telemetry/v1/gw/tunnel/t-over");
        await _service.CaughtUpAsync();

        Assert.Equal("uncertain", (await OneAsync("t-1970")).GetProperty("quality").GetString());
        Assert.Equal("uncertain", (await OneAsync("t-2100")).GetProperty("quality").GetString());
        Assert.Equal(now / 1000 * 1000, (await OneAsync("t-seconds")).GetProperty("time").GetDateTimeOffset().ToUnixTimeMilliseconds());
        var none = await OneAsync("t-none");
        Assert.Equal(none.GetProperty("receivedTime").GetString(), none.GetProperty("time").GetString());
        var over = await OneAsync("t-over");
        Assert.Equal((700.0, "uncertain"), (over.GetProperty("value").GetDouble(), over.GetProperty("quality").GetString()));
    }

    private async Task<JsonElement> OneAsync(string device) =>
        Assert.Single((await _service.GetAsync($"api/v1/devices/{device}/readings?channel=carbon_monoxide")).EnumerateArray());
}
