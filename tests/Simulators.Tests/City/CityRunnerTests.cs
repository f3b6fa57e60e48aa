using System.Net;
using Microsoft.Extensions.Time.Testing;
using Telemetry.Rules.Model;
using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Tests.City;

public sealed class CityRunnerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_registers_the_devices_then_publishes_readings_of_all_families_and_says_goodbye()
    {
        using var broker = await Mosquitto.StartAsync();
        using var subscriber = await Subscriber.ConnectAsync(broker.Port);
        using var service = new FakeRegister(HttpStatusCode.OK);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var options = new CityOptions { MqttPort = broker.Port, HttpUrl = service.Url, Devices = 60, Story = false };

        var running = CityRunner.RunAsync(options, TimeProvider.System, stop.Token);
        var csv = await service.ImportAsync(Cancellation);
        await Wait.ForAsync("all families publish", () => subscriber.Messages.Where(m => !Subscriber.IsStatus(m.Topic)).Select(m => m.Topic.Split('/')[3]).Distinct().Count() == 5);
        await stop.CancelAsync();
        await running;

        Assert.Equal(61, csv.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("gw-donghu-1", csv, StringComparison.Ordinal);
        await Wait.ForAsync("the gateway says goodbye", () => subscriber.StatusOf("gw-donghu-1") is ["online", "offline"]);
    }

    [Fact]
    public async Task A_refused_register_ends_it_with_the_services_answer()
    {
        using var service = new FakeRegister(HttpStatusCode.BadRequest);
        var running = CityRunner.RunAsync(new CityOptions { HttpUrl = service.Url, Devices = 60 }, TimeProvider.System, Cancellation);
        await service.ImportAsync(Cancellation);

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => running);
        Assert.Contains("refused the register (400): line 3 is wrong", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gateway_that_dies_leaves_its_will_and_backfills_in_arrays_when_it_returns()
    {
        using var broker = await Mosquitto.StartAsync();
        using var subscriber = await Subscriber.ConnectAsync(broker.Port);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(1_732_440_000_000));
        using var link = new GatewayLink("gw-1", new CityOptions { MqttPort = broker.Port }, time);
        var running = link.RunAsync(stop.Token);

        link.Send(Reading(1));
        await Wait.ForAsync("the first reading arrives", () => subscriber.Keys().Count == 1);
        link.Die();
        await Wait.ForAsync("the will is published", () => subscriber.StatusOf("gw-1") is ["online", "offline"]);
        link.Send(Reading(2));
        link.Send(Reading(3));
        time.Advance(TimeSpan.FromMinutes(1));
        link.Revive();
        await Wait.ForAsync("the backfill arrives", () => subscriber.Keys().Count == 3);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        var readings = subscriber.Messages.Where(m => !Subscriber.IsStatus(m.Topic)).ToList();
        Assert.Equal(["telemetry/v1/gw-1/drainage_pump/pump-1", "telemetry/v1/gw-1/drainage_pump/pump-1"], readings.Select(m => m.Topic));
        Assert.Equal(
            """[{"ts":1732440000002,"seq":2,"values":{"sump_level":1.2,"pump_run.1":true,"power_supply":"mains"}},{"ts":1732440000003,"seq":3,"values":{"sump_level":1.2,"pump_run.1":true,"power_supply":"mains"}}]""",
            readings[1].Payload);
        Assert.Equal(3, link.Acknowledged);

        Reading Reading(long sequence)
        {
            var values = new ValueList();
            values.Add("sump_level", 1.2, 3);
            values.Add("pump_run.1", true);
            values.Add("power_supply", "mains");
            var at = 1_732_440_000_000 + sequence;
            return new Reading { Gateway = "gw-1", Family = "drainage_pump", Device = "pump-1", SentTime = at, Sequence = sequence, EventTime = at, Values = values.ToArray() };
        }
    }

    [Fact]
    public async Task After_a_crash_of_the_broker_the_gateway_connects_again_and_goes_on()
    {
        using var broker = await Mosquitto.StartAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var time = TimeProvider.System;
        using var link = new GatewayLink("gw-1", new CityOptions { MqttPort = broker.Port }, time);
        var running = link.RunAsync(stop.Token);
        var sequence = 0L;
        Send();
        await Wait.ForAsync("the first reading is acknowledged", () => link.Acknowledged == 1);
        await broker.CrashAndRestartAsync();
        Send();
        await Wait.ForAsync("the next one is acknowledged by the new broker", () => link.Acknowledged == 2);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        void Send()
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            link.Send(new Reading { Gateway = "gw-1", Family = "drainage_pump", Device = "pump-1", SentTime = now, Sequence = ++sequence, EventTime = now, Values = [] });
        }
    }

    /// <summary>Answers one import.</summary>
    private sealed class FakeRegister : IDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly HttpStatusCode _answer;

        public FakeRegister(HttpStatusCode answer)
        {
            _answer = answer;
            Url = new Uri($"http://127.0.0.1:{FreePort.Next()}/");
            _listener.Prefixes.Add(Url.ToString());
            _listener.Start();
        }

        public Uri Url { get; }

        public async Task<string> ImportAsync(CancellationToken cancellationToken)
        {
            var context = await _listener.GetContextAsync().WaitAsync(cancellationToken);
            Assert.Equal(("POST", "/api/v1/devices/import"), (context.Request.HttpMethod, context.Request.Url!.AbsolutePath));
            Assert.StartsWith("text/csv", context.Request.ContentType, StringComparison.Ordinal);
            using var reader = new StreamReader(context.Request.InputStream);
            var body = await reader.ReadToEndAsync(cancellationToken);
            context.Response.StatusCode = (int)_answer;
            await context.Response.OutputStream.WriteAsync("line 3 is wrong"u8.ToArray(), cancellationToken);
            context.Response.Close();
            return body;
        }

        public void Dispose() => _listener.Close();
    }
}
