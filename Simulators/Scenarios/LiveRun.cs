using System.Net.Http.Json;
using System.Text.Json;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Scenarios;

/// <summary>A scenario against a running service, as fast as the service's clock goes: over MQTT in, and its journal out. Nobody answers its alarms.</summary>
/// <param name="inDrill">The scenario's devices are put into a drill and taken out of it again. Otherwise the service must be a demo, or have them in a drill.</param>
/// <param name="share">Told each second how much of the story is over, 0 to 1.</param>
public sealed class LiveRun(HttpClient http, CityOptions options, bool inDrill, TimeProvider machine, IProgress<double>? share = null)
{
    /// <summary>Before every id: a demo service has a city of its own, whose gateways and devices have the same names.</summary>
    public const string Prefix = "scenario-";

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <exception cref="InvalidOperationException">The service may not be played to, or refused the register.</exception>
    /// <exception cref="HttpRequestException">The service could not be reached.</exception>
    public async Task<ScenarioRun> PlayAsync(Scenario scenario, CancellationToken cancellationToken)
    {
        var stats = await StatsAsync(cancellationToken);
        var time = ClockOf(stats);
        if (inDrill)
        {
            var drill = new Drill(http, options.HttpUrl, scenario, stats.GetProperty("time").GetDateTimeOffset());
            await drill.BeginAsync(cancellationToken);
            return await PlayAsync(scenario, time, drill, cancellationToken);
        }
        if (stats.GetProperty("demo").GetBoolean())
            await CityRunner.RegisterAsync(http, options.HttpUrl, scenario.Devices, cancellationToken);
        else
            await RefuseUnlessInDrillAsync(scenario, cancellationToken);
        return await PlayAsync(scenario, time, null, cancellationToken);
    }

    private async Task<ScenarioRun> PlayAsync(Scenario scenario, TimeProvider time, Drill? drill, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var playing = Task.CompletedTask;
        try
        {
            var from = (await StatsAsync(cancellationToken)).GetProperty("logPosition").GetInt64() + 1;
            var start = time.GetUtcNow();
            var counter = new Counter();
            playing = CityRunner.PlayAsync(scenario.City(start), options with { Progress = counter, Faults = scenario.Faults }, time, end.Token);
            while (time.GetUtcNow() < start + scenario.Lasts)
            {
                if (await Task.WhenAny(playing, Task.Delay(Until(start + scenario.Lasts), time, cancellationToken)) == playing)
                    await playing;
                cancellationToken.ThrowIfCancellationRequested();
                share?.Report((time.GetUtcNow() - start) / scenario.Lasts);
                if (drill is not null && await drill.EndedByAsync(cancellationToken) is { } real)
                    throw new InvalidOperationException(real);
            }
            if (counter.Readings == 0)
                throw new InvalidOperationException($"{options.MqttHost}:{options.MqttPort} has acknowledged nothing; --mqtt is the service's MQTT endpoint");
            // Before the gateways say goodbye: that they are gone then is no part of the story.
            return new ScenarioRun(start, start + scenario.Lasts, await JournalAsync(scenario, from, cancellationToken), counter.Readings);
        }
        finally
        {
            try
            {
                // While the gateways are still there: their goodbye is no real outage.
                if (drill is not null)
                    await drill.EndAsync();
            }
            finally
            {
                await end.CancelAsync();
                await playing;
            }
        }

        TimeSpan Until(DateTimeOffset moment) => TimeSpan.FromTicks(Math.Clamp((moment - time.GetUtcNow()).Ticks, 0, Look.Ticks));
    }

    /// <summary>A demonstration's clock may go faster than the machine's; the story goes with it.</summary>
    private TimeProvider ClockOf(JsonElement stats) => stats.TryGetProperty("speed", out var speed) && speed.GetInt32() is > 1 and var fast
        ? new FastClock(stats.GetProperty("time").GetDateTimeOffset(), fast, machine)
        : machine;

    /// <summary>Nobody answers in a live run, and the service says so.</summary>
    public static Scenario WithoutCrew(Scenario scenario) =>
        scenario with { Allowed = [.. scenario.Allowed, new Allowance("*", Vocabulary.ResponseOverdueRule, "nobody answers")] };

    /// <summary>In a drill nobody counts devices: what a place would tell is not asked.</summary>
    /// <returns>And what that is.</returns>
    public static (Scenario Scenario, IReadOnlyList<GroundTruth> NotAsked) WithoutPlaces(Scenario scenario)
    {
        var own = scenario.Devices.SelectMany(device => new[] { device.Id, device.Gateway! }).ToHashSet(StringComparer.Ordinal);
        return (scenario with { Truths = [.. scenario.Truths.Where(truth => own.Contains(truth.Device))] }, [.. scenario.Truths.Where(truth => !own.Contains(truth.Device))]);
    }

    /// <summary>What the city's gateways had acknowledged.</summary>
    private sealed class Counter : IProgress<long>
    {
        public long Readings { get; private set; }

        public void Report(long value) => Readings = value;
    }

    private Task<JsonElement> StatsAsync(CancellationToken cancellationToken) => GetAsync("/api/v1/stats", cancellationToken);

    private Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) => http.GetFromJsonAsync<JsonElement>(new Uri(options.HttpUrl, path), cancellationToken);

    private async Task RefuseUnlessInDrillAsync(Scenario scenario, CancellationToken cancellationToken)
    {
        var devices = await GetAsync("/api/v1/devices", cancellationToken);
        var inDrill = devices.EnumerateArray().Where(device => device.GetProperty("state").GetString() == "drill").Select(device => device.GetProperty("id").GetString()!).ToHashSet();
        if (scenario.Devices.FirstOrDefault(device => !inDrill.Contains(device.Id)) is { } other)
            throw new InvalidOperationException($"{options.HttpUrl} is neither a demo nor in drill mode: '{other.Id}' is not registered there in state drill. Start the service with --demo, or let --drill register them");
    }

    /// <summary>The scenario's own transitions since then, once the rules have come to everything that is committed now.</summary>
    private async Task<IReadOnlyList<AlarmTransition>> JournalAsync(Scenario scenario, long from, CancellationToken cancellationToken)
    {
        var until = (await StatsAsync(cancellationToken)).GetProperty("logPosition").GetInt64();
        while ((await StatsAsync(cancellationToken)).GetProperty("rulesPosition").GetInt64() < until)
            await Task.Delay(Pace, machine, cancellationToken);
        var alarms = (await GetAsync("/api/v1/alarms?state=all&retracted=true", cancellationToken)).EnumerateArray().ToDictionary(alarm => alarm.GetProperty("id").GetString()!, StringComparer.Ordinal);
        var journal = await http.GetStringAsync(new Uri(options.HttpUrl, FormattableString.Invariant($"/api/v1/journal?from={from}")), cancellationToken);
        var own = new HashSet<string>(scenario.Truths.Select(truth => truth.Device).Concat(scenario.Devices.SelectMany(device => new[] { device.Id, device.Gateway! })), StringComparer.Ordinal);
        return [.. journal.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JournalText.Read(line, alarms)).OfType<AlarmTransition>().Where(transition => own.Contains(transition.Alarm.Device))];
    }
}
