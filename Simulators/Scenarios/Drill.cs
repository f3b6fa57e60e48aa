using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Telemetry.Rules.Model;
using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Scenarios;

/// <summary>
/// The scenario's devices in a service that runs a real city: registered in state drill while it is played, in commissioning, where nothing is evaluated, before
/// and after. There they stay: a register forgets nothing.
/// </summary>
/// <param name="now">By the service's clock.</param>
internal sealed class Drill(HttpClient http, Uri service, Scenario scenario, DateTimeOffset now)
{
    /// <summary>Beside the story itself: for its register, and for whoever reads the journal at its end.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan LongestDrill = TimeSpan.FromHours(8);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _begun = Iso.Time(now.ToUnixTimeMilliseconds());
    private readonly string _until = Iso.Time((now + scenario.Lasts + Margin).ToUnixTimeMilliseconds());

    /// <exception cref="InvalidOperationException">It can't be; the message says why.</exception>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        if (scenario.Lasts + Margin > LongestDrill)
            throw new InvalidOperationException($"a drill ends after 8 h at the latest, and {scenario.Name} lasts {scenario.Lasts.TotalHours.ToString("0.#", CultureInfo.InvariantCulture)} h: play it with --offline, or to a service that runs --demo");
        var known = await http.GetFromJsonAsync<JsonElement>(new Uri(service, "/api/v1/devices"), cancellationToken);
        var own = scenario.Devices.Select(device => device.Id).ToHashSet(StringComparer.Ordinal);
        var real = known.EnumerateArray().FirstOrDefault(device => own.Contains(device.GetProperty("id").GetString()!) && device.GetProperty("state").GetString() is "live" or "provisional");
        if (real.ValueKind == JsonValueKind.Object)
            throw new InvalidOperationException($"'{real.GetProperty("id").GetString()}' is {real.GetProperty("state").GetString()} at {service}: a drill would take it out of service. Put it in commissioning first, if it is none of the city's");
        // Once it is asked for, it must be known whether they are in drill.
        await CityRunner.RegisterAsync(http, service, [.. scenario.Devices.Select(device => device with { State = "drill", StateUntil = _until, StateReason = $"scenario {scenario.Name}" })], CancellationToken.None);
    }

    /// <summary>What has ended it, in words; null while it goes on.</summary>
    public async Task<string?> EndedByAsync(CancellationToken cancellationToken)
    {
        var alarms = await http.GetFromJsonAsync<JsonElement>(new Uri(service, $"/api/v1/alarms?state=all&family=system&from={_begun}"), cancellationToken);
        var districts = scenario.Devices.Select(device => device.District).ToHashSet(StringComparer.Ordinal);
        return alarms.EnumerateArray()
            .Where(alarm => alarm.GetProperty("rule").GetString() == "drill_ended" && string.CompareOrdinal(alarm.GetProperty("raisedAt").GetString(), _begun) >= 0 && districts.Contains(alarm.GetProperty("device").GetString()))
            .Select(alarm => $"a real alarm has ended the drill in {alarm.GetProperty("device").GetString()} at {alarm.GetProperty("raisedAt").GetString()}: look at the operator's page. The scenario is stopped, its devices are out of the rules, and nothing is scored")
            .FirstOrDefault();
    }

    /// <summary>Whatever happened: what the devices say from now on is nobody's call.</summary>
    /// <exception cref="InvalidOperationException">They are still in drill; the message says until when.</exception>
    public async Task EndAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await CityRunner.RegisterAsync(http, service, [.. scenario.Devices.Select(device => device with { State = "commissioning" })], patience.Token);
        }
        catch (Exception problem) when (problem is HttpRequestException or OperationCanceledException or InvalidOperationException)
        {
            throw new InvalidOperationException($"the devices {LiveRun.Prefix}* could not be taken out of the drill ({problem.Message}). At {_until} they would be live: put them in commissioning before", problem);
        }
    }
}
