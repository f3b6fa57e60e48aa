using System.Net.Http.Headers;
using System.Text;
using Telemetry.Rules.Model;
using Telemetry.Simulators.Faults;

namespace Telemetry.Simulators.City;

/// <summary>Runs a simulated city against a service: first the register, then readings as they fall due.</summary>
public static class CityRunner
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);

    /// <summary>Runs until cancelled, which is its regular end.</summary>
    /// <exception cref="InvalidOperationException">The service refused the register; the message carries its answer.</exception>
    /// <exception cref="HttpRequestException">The service could not be reached.</exception>
    public static async Task RunAsync(CityOptions options, TimeProvider time, CancellationToken ct)
    {
        var city = new SimulatedCity(options.Devices, options.Seed, options.Story, time.GetUtcNow());
        await RegisterAsync(options.HttpUrl, city.Devices, ct);
        await PlayAsync(city, options, time, ct);
    }

    /// <summary>From where the city stands on, for a service that has its register: until cancelled.</summary>
    public static async Task PlayAsync(SimulatedCity city, CityOptions options, TimeProvider time, CancellationToken ct)
    {
        var faults = new FaultLayer(options.Faults, time.GetUtcNow().ToUnixTimeMilliseconds(), options.Ledger);
        var links = city.Gateways.ToDictionary(g => g, g => new GatewayLink(g, options, time));
        foreach (var gateway in city.GatewaysDown)
            links[gateway].Die();
        var running = links.Values.Select(link => link.RunAsync(ct)).ToList();
        try
        {
            using var timer = new PeriodicTimer(Pace, time);
            while (await timer.WaitForNextTickAsync(ct))
            {
                var now = time.GetUtcNow();
                foreach (var sending in faults.Over(city.AdvanceTo(now), now.ToUnixTimeMilliseconds()))
                    Deliver(sending.What, links);
                options.Progress?.Report(links.Values.Sum(link => link.Acknowledged));
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The links end by the same cancellation, each after its goodbye.
            await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            foreach (var link in links.Values)
                link.Dispose();
        }
    }

    private static void Deliver(CityEvent happening, Dictionary<string, GatewayLink> links)
    {
        switch (happening)
        {
            case ReadingDue { Reading: var reading }:
                links[reading.Gateway].Send(reading);
                break;
            case GatewayChange { Up: true, Gateway: var gateway }:
                links[gateway].Revive();
                break;
            case GatewayChange { Gateway: var gateway }:
                links[gateway].Die();
                break;
        }
    }

    /// <exception cref="InvalidOperationException">The service refused it; the message carries its answer.</exception>
    /// <exception cref="HttpRequestException">The service could not be reached.</exception>
    public static async Task RegisterAsync(Uri service, IReadOnlyList<Device> devices, CancellationToken ct)
    {
        using var http = new HttpClient();
        await RegisterAsync(http, service, devices, ct);
    }

    /// <inheritdoc cref="RegisterAsync(Uri, IReadOnlyList{Device}, CancellationToken)"/>
    internal static async Task RegisterAsync(HttpClient http, Uri service, IReadOnlyList<Device> devices, CancellationToken ct)
    {
        using var csv = new StringContent(RegisterCsv.Write(devices), Encoding.UTF8, new MediaTypeHeaderValue("text/csv", "utf-8"));
        using var answer = await http.PostAsync(new Uri(service, "/api/v1/devices/import"), csv, ct);
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"{service} refused the register ({(int)answer.StatusCode}): {await answer.Content.ReadAsStringAsync(ct)}");
    }
}
