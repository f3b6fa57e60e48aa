using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Telemetry.Simulators.Commands;
using Telemetry.Simulators.Replay;

namespace Telemetry.Simulators.Tests.Replay;

/// <summary>Against a real broker.</summary>
public sealed class ReplayRunTests : IDisposable
{
    private const int Count = 5_000;

    private readonly TempFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Everything_arrives_once_and_in_order_shifted_and_through_the_gateway_asked_for()
    {
        using var broker = await Mosquitto.StartAsync();
        using var subscriber = await Subscriber.ConnectAsync(broker.Port);
        var before = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

        var (code, output, error) = await RunAsync($"replay {Recorded()} --broker 127.0.0.1:{broker.Port} --speed max --gateway again --no-service --json");

        Assert.Equal((0, ""), (code, error));
        using var json = JsonDocument.Parse(output);
        Assert.Equal((Count, Count, 0), (json.RootElement.GetProperty("sent").GetInt32(), json.RootElement.GetProperty("acknowledged").GetInt32(), json.RootElement.GetProperty("drops").GetInt32()));
        await Wait.ForAsync("all messages", () => subscriber.Messages.Count >= Count);
        Assert.Equal(Enumerable.Range(0, Count).Select(i => ($"PS-{i % 7}", (long)i)), subscriber.Keys());
        Assert.All(subscriber.Messages, message => Assert.StartsWith("telemetry/v1/again/drainage_pump/", message.Topic, StringComparison.Ordinal));
        using var last = JsonDocument.Parse(subscriber.Messages.Last().Payload);
        Assert.InRange(last.RootElement.GetProperty("ts").GetInt64(), before, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
    }

    [Fact]
    public async Task Faults_lie_over_a_recording_and_are_recorded_with_its_times()
    {
        using var broker = await Mosquitto.StartAsync();
        using var subscriber = await Subscriber.ConnectAsync(broker.Port);
        var file = _files.Write("short.jsonl", string.Concat(Enumerable.Range(0, 8).Select(Line)));
        var faults = _files.Write("faults.yaml",
            """
            faults:
              - {fault: gateway_offline, gateway: gw-1, at: 3500ms, for: 4s, backfill: newest_first}
              - {fault: sentinel, channel: sump_level, value: -9999, device: PS-2}
              - {fault: dropout, device: PS-6}
            """);
        var ledger = faults + ".ledger";

        var (code, output, error) = await RunAsync($"replay {file} --broker 127.0.0.1:{broker.Port} --speed max --shift none --no-service --json --faults {faults} --fault-ledger {ledger}");

        Assert.Equal((0, ""), (code, error));
        // Seven readings, and the gateway that is gone and back.
        using var json = JsonDocument.Parse(output);
        Assert.Equal((9, 9, 9), (json.RootElement.GetProperty("readings").GetInt32(), json.RootElement.GetProperty("sent").GetInt32(), json.RootElement.GetProperty("acknowledged").GetInt32()));
        await Wait.ForAsync("all messages", () => subscriber.Messages.Count >= 9);
        Assert.Equal(
            ["gw-0 seq 0", "gw-1 seq 1", "gw-2 -9999", "gw-0 seq 3", "gw-1 offline", "gw-2 seq 5", "gw-1 online", "gw-1 seq 7", "gw-1 seq 4"],
            subscriber.Messages.Select(message => message.Topic.Split('/')[2] + " " + What(message.Payload)));
        Assert.Equal(
            ["sentinel PS-2 2026-06-20T00:00:02.000Z", "gateway_offline  2026-06-20T00:00:03.500Z", "dropout PS-6 2026-06-20T00:00:06.000Z", "gateway_offline PS-0 2026-06-20T00:00:07.000Z", "gateway_offline PS-4 2026-06-20T00:00:04.000Z"],
            File.ReadLines(ledger).Select(line => JsonDocument.Parse(line).RootElement).Select(line => $"{line.GetProperty("fault").GetString()} {line.GetProperty("device").GetString()} {line.GetProperty("at").GetString()}"));

        static string What(string payload) => payload is "online" or "offline" ? payload : payload.Contains("-9999", StringComparison.Ordinal) ? "-9999" : "seq " + JsonDocument.Parse(payload).RootElement.GetProperty("seq").GetInt64();
    }

    [Fact]
    public async Task A_fault_file_with_mistakes_is_refused_with_all_of_them_and_nothing_is_sent()
    {
        var faults = _files.Write("faults.yaml", "faults:\n  - {fault: stuk}\n  - {fault: dropout, device: PS-9}\n");
        var (code, _, error) = await RunAsync($"replay {Recorded()} --broker 127.0.0.1:1 --no-service --faults {faults}");

        Assert.Equal(1, code);
        Assert.Contains($"replay: {faults}:2:13: faults[0].fault: 'stuk' is not one of", error, StringComparison.Ordinal);
        Assert.Contains($"replay: {faults}:3:30: faults[1].device: no device is meant by this: 'PS-9'; did you mean", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_dies_on_the_way_gets_again_what_it_had_not_acknowledged()
    {
        using var broker = await Mosquitto.StartPersistentAsync();
        var recording = new Recording([Recorded()], null, new ReplayFilter());
        var cancellation = TestContext.Current.CancellationToken;
        var plan = new ReplayPlan(recording, recording.Look(cancellation), 10_000, 0, null);
        using var run = new ReplayRun(plan, new ReplayTarget(new MqttAddress("127.0.0.1", broker.Port), null, null, 100, TimeSpan.FromSeconds(30)), TimeProvider.System);
        var heard = new List<(string Device, long Sequence)>();
        var running = run.RunAsync(cancellation);
        using (var subscriber = await Subscriber.ConnectAsync(broker.Port))
        {
            await Wait.ForAsync("half of it", () => run.Share > 0.5);
            await broker.CrashAsync();
            heard.AddRange(subscriber.Keys());
        }
        await broker.RestartAsync();
        using var second = await Subscriber.ConnectAsync(broker.Port);
        var result = await running;

        Assert.Equal((Count, Count, 0, true), (result.Sent, result.Acknowledged, result.Refused, result.IsWhole));
        Assert.True(result.Drops >= 1);
        await Wait.ForAsync("the last message", () => second.Keys() is { Count: > 0 } keys && keys[^1].Sequence == Count - 1);
        // Again may come what was on the way; nothing comes out of order within a connection.
        var after = second.Keys().ConvertAll(key => key.Sequence);
        Assert.Equal(after.Order(), after);
    }

    [Fact]
    public async Task A_broker_that_cannot_be_reached_is_given_up_after_a_while_with_its_name()
    {
        var recording = new Recording([Recorded()], null, new ReplayFilter());
        var plan = new ReplayPlan(recording, recording.Look(TestContext.Current.CancellationToken), double.PositiveInfinity, 0, null);
        using var run = new ReplayRun(plan, new ReplayTarget(new MqttAddress("127.0.0.1", 1), null, null, 100, TimeSpan.FromMilliseconds(200)), TimeProvider.System);

        var result = await run.RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal((0, false), (result.Acknowledged, result.IsWhole));
        Assert.Contains("127.0.0.1:1", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_ended_by_request_says_so_and_has_acknowledged_what_was_sent()
    {
        using var broker = await Mosquitto.StartAsync();
        var recording = new Recording([Recorded()], null, new ReplayFilter());
        var plan = new ReplayPlan(recording, recording.Look(TestContext.Current.CancellationToken), 1, 0, null);
        using var run = new ReplayRun(plan, new ReplayTarget(new MqttAddress("127.0.0.1", broker.Port), null, null, 100, TimeSpan.FromSeconds(30)), TimeProvider.System);
        using var stop = new CancellationTokenSource();
        var running = run.RunAsync(stop.Token);
        await Wait.ForAsync("some of it", () => run.Share > 0);
        await stop.CancelAsync();
        var result = await running;

        Assert.True(result.Stopped);
        Assert.InRange(result.Sent, 1, Count - 1);
        Assert.Equal(result.Sent, result.Acknowledged);
        Assert.Null(result.Error);
    }

    [Theory]
    [InlineData(true, 1_005_000, 1_005_000)]
    [InlineData(false, 4_605_000, 1_000_000)]
    public async Task It_goes_on_where_it_is_set_while_it_runs_and_times_that_end_now_go_on_as_they_were(bool endsNow, long after, long first)
    {
        using var broker = await Mosquitto.StartAsync();
        using var subscriber = await Subscriber.ConnectAsync(broker.Port);
        var recording = new Recording([Recorded()], null, new ReplayFilter());
        var survey = recording.Look(TestContext.Current.CancellationToken);
        var time = new FakeTimeProvider();
        var plan = new ReplayPlan(recording, survey, 1, 1_000_000 - survey.First, null) { EndsNow = endsNow };
        using var run = new ReplayRun(plan, new ReplayTarget(new MqttAddress("127.0.0.1", broker.Port), null, null, 100, TimeSpan.FromSeconds(30)), time);
        using var stop = new CancellationTokenSource();
        var running = run.RunAsync(stop.Token);
        await Wait.ForAsync("the first", () => subscriber.Messages.Count == 1 && run.Share == 0);
        time.Advance(TimeSpan.FromSeconds(5));
        await Wait.ForAsync("five more", () => subscriber.Messages.Count == 6 && Position() == 5);

        run.Seek(TimeSpan.FromHours(1));
        await Wait.ForAsync("one an hour later", () => subscriber.Messages.Count == 7 && Position() == 3605);
        run.Clock.Toggle();
        run.Seek(TimeSpan.FromHours(-2));
        Assert.Equal(0, run.Share);
        run.Clock.Toggle();
        await Wait.ForAsync("the first again", () => subscriber.Messages.Count == 8);
        run.Seek(TimeSpan.FromDays(1));
        var result = await running;

        Assert.Equal([0, 1, 2, 3, 4, 5, 3605, 0, Count - 1], subscriber.Keys().ConvertAll(key => key.Sequence));
        Assert.Equal((9, 9, 3, false, true), (result.Readings, result.Acknowledged, result.Seeks, result.Stopped, result.IsWhole));
        Assert.Equal([1_005_000, after, first], subscriber.Messages.Skip(5).Take(3).Select(message => JsonDocument.Parse(message.Payload).RootElement.GetProperty("ts").GetInt64()));

        double Position() => Math.Round(run.Share * (Count - 1));
    }

    [Fact]
    public async Task While_a_row_is_bad_nothing_is_sent_unless_it_may_be_left_out()
    {
        using var broker = await Mosquitto.StartAsync();
        using var subscriber = await Subscriber.ConnectAsync(broker.Port);
        var file = _files.Write("bad.jsonl", Line(0) + "nonsense\n" + Line(1));
        var line = $"replay {file} --broker 127.0.0.1:{broker.Port} --speed max --no-service --json";

        var (code, output, error) = await RunAsync(line);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains($"{file}:2: not JSON", error, StringComparison.Ordinal);
        Assert.Empty(subscriber.Messages);

        (code, output, _) = await RunAsync(line + " --skip-bad");
        Assert.Equal(0, code);
        using var json = JsonDocument.Parse(output);
        Assert.Equal((2, 1), (json.RootElement.GetProperty("acknowledged").GetInt32(), json.RootElement.GetProperty("badRows").GetInt32()));
    }

    [Theory]
    [InlineData("replay nowhere.jsonl --from noon --seek far --url x --inflight 0", "nowhere.jsonl is not there", "--from noon", "--seek far", "--url x", "--inflight 0")]
    [InlineData("replay nowhere.jsonl --sped 10", "there is no option --sped; did you mean", "--speed", "nowhere.jsonl is not there")]
    [InlineData("replay nowhere.jsonl --speed fast", "--speed fast: expected")]
    public async Task Wrong_usage_is_code_2_and_all_of_it_is_said(string line, params string[] parts)
    {
        var (code, _, error) = await RunAsync(line);
        Assert.Equal(2, code);
        Assert.All(parts, part => Assert.Contains(part, error, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--family pump")]
    [InlineData("--through gw-9")]
    [InlineData("--seek 2h")]
    public async Task Filters_that_leave_nothing_say_what_there_is(string filter)
    {
        var (code, _, error) = await RunAsync($"replay {Recorded()} --no-service {filter}");
        Assert.Equal(1, code);
        Assert.Contains("the filters, or --seek, leave nothing. The files hold 2026-06-20T00:00:00.000Z to ", error, StringComparison.Ordinal);
        Assert.Contains(", drainage_pump; 7 devices, such as PS-0", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_service_that_can_be_asked_it_is_refused()
    {
        var (code, _, error) = await RunAsync($"replay {_files.Write("one.jsonl", Line(0))} --url http://127.0.0.1:1 --json");
        Assert.Equal(1, code);
        Assert.Contains("can't be asked whether it runs a demo or a drill", error, StringComparison.Ordinal);
    }

    private string Recorded() => _files.Write("recorded.jsonl", string.Concat(Enumerable.Range(0, Count).Select(Line)));

    private static string Line(int i) => string.Create(
        CultureInfo.InvariantCulture,
        $$$"""{"received":{{{1781913600000 + (i * 1000L)}}},"gateway":"gw-{{{i % 3}}}","family":"drainage_pump","device":"PS-{{{i % 7}}}","ts":{{{1781913600000 + (i * 1000L)}}},"seq":{{{i}}},"values":{"sump_level":1.5}}""") + "\n";

    private static async Task<(int Code, string Output, string Error)> RunAsync(string line)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var code = await SimulatorsCommand.RunAsync(line.Split(' '), new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }
}
