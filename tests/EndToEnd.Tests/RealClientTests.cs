using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Telemetry.EndToEnd.Tests;

/// <summary>Gateways that none of us wrote, into the embedded broker; what they sent comes back from the API.</summary>
public sealed class RealClientTests : IAsyncLifetime
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

    [Fact]
    public async Task Every_client_version_and_quality_of_service_delivers_the_readings_as_sent()
    {
        var now = Now;
        foreach (var qos in (int[])[0, 1, 2])
        {
            foreach (var version in (string[])["mqttv311", "mqttv5"])
                await Clients.MosquittoPubAsync(_service.MqttPort, $"telemetry/v1/gw-a/drainage_pump/{version}-{qos}", Payload(now, qos), "-V", version, "-q", qos.ToString(CultureInfo.InvariantCulture));
            foreach (var version in (int[])[4, 5])
                await Clients.MqttJsAsync(_service.MqttPort, version, qos, $"telemetry/v1/gw-b/drainage_pump/js{version}-{qos}", Payload(now, qos));
        }
        await Wait.ForAsync("12 readings", () => _service.GetAsync("api/v1/stats"), stats => stats.GetProperty("received").GetInt64() == 12);
        await _service.CaughtUpAsync();

        foreach (var qos in (int[])[0, 1, 2])
        {
            foreach (var device in (string[])[$"mqttv311-{qos}", $"mqttv5-{qos}", $"js4-{qos}", $"js5-{qos}"])
            {
                var level = Assert.Single((await _service.GetAsync($"api/v1/devices/{device}/readings?channel=sump_level")).EnumerateArray());
                Assert.Equal(1.25 + qos, level.GetProperty("value").GetDouble());
                Assert.Equal("uncertain", level.GetProperty("quality").GetString());
                Assert.Equal(qos + 100, level.GetProperty("seq").GetInt64());
                Assert.Equal(now, level.GetProperty("time").GetDateTimeOffset().ToUnixTimeMilliseconds());
                Assert.True(Assert.Single((await _service.GetAsync($"api/v1/devices/{device}/readings?channel=pump_run.2")).EnumerateArray()).GetProperty("value").GetBoolean());
                Assert.Equal("mains", Assert.Single((await _service.GetAsync($"api/v1/devices/{device}/readings?channel=power_supply")).EnumerateArray()).GetProperty("value").GetString());
            }
        }

        static string Payload(long ts, int qos) => string.Create(
            CultureInfo.InvariantCulture,
            $$$"""{"ts":{{{ts}}},"seq":{{{qos + 100}}},"values":{"sump_level":{{{1.25 + qos}}},"pump_run.2":true,"power_supply":"mains"},"quality":{"sump_level":"uncertain"}}""");
    }

    [Fact]
    public async Task A_backfill_of_100_kB_comes_back_whole_and_once_though_it_is_sent_twice()
    {
        var first = Now - 3_600_000;
        var array = "[" + string.Join(',', Enumerable.Range(0, 1500).Select(i => string.Create(CultureInfo.InvariantCulture, $$$"""{"ts":{{{first + (i * 1000)}}},"seq":{{{i}}},"values":{"carbon_monoxide":{{{i % 20}}}}}"""))) + "]";
        Assert.True(array.Length > 80_000);
        await Clients.MqttJsAsync(_service.MqttPort, 5, 1, "telemetry/v1/gw-t/tunnel/t-1", array);
        await Clients.MosquittoPubAsync(_service.MqttPort, "telemetry/v1/gw-t/tunnel/t-1", array, "-q", "2");
        await _service.CaughtUpAsync();

        var readings = (await _service.GetAsync($"api/v1/devices/t-1/readings?channel=carbon_monoxide&from={first}&to={first + 1_500_000}")).EnumerateArray().ToList();
        Assert.Equal(Enumerable.Range(0, 1500).Select(i => (long)i), readings.Select(reading => reading.GetProperty("seq").GetInt64()));
        Assert.Equal(1500, (await _service.GetAsync("api/v1/stats")).GetProperty("duplicates").GetInt64());
    }

    [Fact]
    public async Task A_gateway_that_dies_is_one_alarm_and_clears_when_it_is_back()
    {
        using (var gateway = Gateway())
        {
            await gateway.StandardInput.WriteLineAsync("online");
            await gateway.StandardInput.FlushAsync();
            foreach (var device in (string[])["d-1", "d-2", "d-3"])
                await Clients.MosquittoPubAsync(_service.MqttPort, $"telemetry/v1/gw-w/tunnel/{device}", """{"values":{"carbon_monoxide":3}}""", "-q", "1");
            gateway.Kill();
        }
        await _service.AlarmAsync("gw-w", "offline", alarm => alarm.GetProperty("state").GetString() == "active_unacknowledged", 60);
        using (var back = Gateway())
        {
            await back.StandardInput.WriteLineAsync("online");
            await back.StandardInput.FlushAsync();
            await _service.AlarmAsync("gw-w", "offline", alarm => alarm.GetProperty("state").GetString() == "cleared_unacknowledged", 60);
            back.Kill();
        }

        // One line of its standard input is one message; it stays connected until it is killed, and then its will speaks.
        System.Diagnostics.Process Gateway() => Clients.Start(
            "mosquitto_pub", "-h", "127.0.0.1", "-p", _service.MqttPort.ToString(CultureInfo.InvariantCulture), "-q", "1", "-l", "-t", "telemetry/v1/gw-w/status",
            "--will-topic", "telemetry/v1/gw-w/status", "--will-payload", "offline", "--will-qos", "1");
        Assert.DoesNotContain((await _service.GetAsync("api/v1/alarms?state=all")).EnumerateArray(), alarm => alarm.GetProperty("family").GetString() == "tunnel");
    }

    [Fact]
    public async Task A_gateway_that_breaks_off_inside_a_packet_costs_nothing_else()
    {
        using (var socket = new TcpClient("127.0.0.1", _service.MqttPort))
        {
            byte[] connect = [0x10, 0x0F, 0x00, 0x04, (byte)'M', (byte)'Q', (byte)'T', (byte)'T', 0x04, 0x02, 0x00, 0x3C, 0x00, 0x03, (byte)'c', (byte)'u', (byte)'t'];
            await socket.GetStream().WriteAsync(connect);
            byte[] half = [0x32, 0x50, 0x00, 0x24, .. Encoding.ASCII.GetBytes("telemetry/v1/gw-c/tu")];
            await socket.GetStream().WriteAsync(half);
        }
        await Clients.MosquittoPubAsync(_service.MqttPort, "telemetry/v1/gw-c/tunnel/t-9", """{"values":{"carbon_monoxide":3}}""", "-q", "1");
        await _service.CaughtUpAsync();
        Assert.Equal(1, (await _service.GetAsync("api/v1/stats")).GetProperty("received").GetInt64());
    }

    [Fact]
    public async Task Alarms_go_out_retained_and_are_emptied_when_they_are_over()
    {
        await Clients.MosquittoPubAsync(_service.MqttPort, "telemetry/v1/gw-s/public_toilet/wc-1", """{"values":{"sos_active.2":true}}""", "-q", "1");
        var alarm = await _service.AlarmAsync("wc-1", "sos");
        using var subscriber = Clients.Start("mosquitto_sub", "-h", "127.0.0.1", "-p", _service.MqttPort.ToString(CultureInfo.InvariantCulture), "-t", "alarms/v1/+/public_toilet/#", "-q", "1", "-F", "%t %r %p");
        try
        {
            var line = await subscriber.StandardOutput.ReadLineAsync().WaitAsync(Wait.Longest);
            Assert.StartsWith("alarms/v1/_/public_toilet/wc-1/sos/2 1 {", line, StringComparison.Ordinal);
            Assert.Equal(alarm.GetProperty("id").GetString(), JsonDocument.Parse(line![line!.IndexOf('{', StringComparison.Ordinal)..]).RootElement.GetProperty("id").GetString());

            await Clients.MosquittoPubAsync(_service.MqttPort, "telemetry/v1/gw-s/public_toilet/wc-1", """{"values":{"sos_active.2":false}}""", "-q", "1");
            var id = alarm.GetProperty("id").GetString()!;
            await _service.AlarmAsync("wc-1", "sos", seen => seen.GetProperty("state").GetString() == "latched_unacknowledged");
            Assert.Equal("latched_acknowledged", await StateAfterAsync(id, "acknowledge"));
            Assert.Equal("normal", await StateAfterAsync(id, "reset"));
            await Wait.ForAsync("the empty message", async () => await subscriber.StandardOutput.ReadLineAsync().WaitAsync(Wait.Longest), seen => seen is not null && seen.TrimEnd().EndsWith("sos/2 0", StringComparison.Ordinal));
        }
        finally
        {
            subscriber.Kill();
        }

        async Task<string?> StateAfterAsync(string id, string action)
        {
            using var answer = await _service.ActAsync(id, action);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
            return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("state").GetString();
        }
    }
}
