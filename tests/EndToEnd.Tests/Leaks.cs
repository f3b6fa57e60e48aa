using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Telemetry.EndToEnd.Tests;

/// <summary>Gas leaks, each with a person of its own who is called: whoever was just called is called again a minute later at the earliest.</summary>
internal static class Leaks
{
    /// <summary>Options of a service that calls these people through a provider.</summary>
    /// <param name="most">That may be raised.</param>
    /// <param name="body">Of a call.</param>
    public static string[] Notify(TempDirectory files, Receiver provider, int most, string body = """{"to":"{phone}","say":"{text}","id":"{key}"}""")
    {
        var (file, secret) = (files.File("notify.yaml"), files.File("webhook"));
        var leaks = Enumerable.Range(0, most).ToList();
        File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $$"""
            people:
            {{string.Join('\n', leaks.Select(leak => $"  p{leak}: {{name: 值班{leak}, phone: \"{Phone(leak)}\"}}"))}}
            teams:
            {{string.Join('\n', leaks.Select(leak => $"  t{leak}: {{title: {{en: Duty, zh: 值班}}, always: p{leak}}}"))}}
            channels: {critical: [voice], high: [voice], medium: [voice], low: [voice], digest: [voice]}
            routes:
            {{string.Join('\n', leaks.Select(leak => $"  - {{district: d{leak}, to: t{leak}}}"))}}
              - {to: t0}
            """));
        File.WriteAllText(secret, "s3cret");
        return
        [
            $"--Notify:File={file}", $"--Notify:Voice:Url={provider.Url}voice", $"--Notify:Voice:Body={body}", "--Notify:Voice:Success=code=0",
            $"--Notify:Webhook:Url={provider.Url}hook", $"--Notify:Webhook:SecretFile={secret}",
        ];
    }

    /// <summary>The devices, by the register's import.</summary>
    public static async Task ImportAsync(ServiceProcess service, int most)
    {
        var rows = Enumerable.Range(0, most).Select(leak => string.Create(CultureInfo.InvariantCulture, $"gas-{leak},gas_valve,gw-gas,d{leak}\n"));
        using var body = new StringContent("id,family,gateway,district\n" + string.Concat(rows), Encoding.UTF8, "text/csv");
        using var answer = await service.Http.PostAsync("api/v1/devices/import", body);
        Assert.Equal(200, (int)answer.StatusCode);
    }

    /// <summary>Until it is acknowledged.</summary>
    public static Task RaiseAsync(ServiceProcess through, int leak) =>
        Clients.MosquittoPubAsync(through.MqttPort, string.Create(CultureInfo.InvariantCulture, $"telemetry/v1/gw-gas/gas_valve/gas-{leak}"), """{"values":{"gas_alarm_state":"high"}}""", "-q", "1");

    /// <summary>Whom the provider has called.</summary>
    public static HashSet<string> Called(Receiver provider) => [.. provider.Taken.Where(taken => taken.Path == "/voice").Select(taken => Field(taken.Body, "to"))];

    public static string Phone(int leak) => string.Create(CultureInfo.InvariantCulture, $"+86138{leak:D8}");

    /// <summary>Ids of the leaks' alarms, as the node tells them.</summary>
    public static async Task<List<string>> AlarmsAsync(ServiceProcess service) =>
        [.. (await service.GetAsync("api/v1/alarms?state=all&family=gas_valve")).EnumerateArray().Where(alarm => alarm.GetProperty("rule").GetString() == "leak_high").Select(alarm => alarm.GetProperty("id").GetString()!)];

    /// <summary>Every node knows that they were told, whoever did it.</summary>
    public static Task AllKnowAsync(ServiceProcess service, List<string> alarms) => Wait.ForAsync(
        "histories", async () => await Task.WhenAll(alarms.Select(async alarm => (await service.GetAsync($"api/v1/alarms/{alarm}")).GetProperty("notifications"))),
        histories => histories.All(history => history.EnumerateArray().Any(attempt => attempt.GetProperty("result").GetString() == "sent" && attempt.GetProperty("to").GetString()!.StartsWith("值班", StringComparison.Ordinal))));

    /// <summary>
    /// The calls of the leaks by key, and the first step alone: where the machine is slow the next ones come due as well, and the leaks' gateway is offline.
    /// </summary>
    /// <param name="journal">Lines of a node's journal.</param>
    public static List<IGrouping<string, Received>> Calls(Receiver provider, string journal)
    {
        var transitions = journal.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => Field(line, "rule") == "leak_high").Select(line => Field(line, "id")).ToHashSet();
        return [.. provider.Taken.Where(taken => taken.Path == "/voice").GroupBy(taken => Field(taken.Body, "id"))
            .Where(call => call.Key.EndsWith(".0", StringComparison.Ordinal) && transitions.Contains(call.Key.Split('.')[0]))];
    }

    /// <summary>Nodes that act as the owner, of those that run; never two at once: a successor waits for the lease's end, which takes longer than this look.</summary>
    public static async Task<IReadOnlyList<int>> OwnersAsync(IEnumerable<(int Number, ServiceProcess Service)> nodes)
    {
        var owners = new List<int>();
        foreach (var (number, service) in nodes)
        {
            if (await IsOwnerAsync(service))
                owners.Add(number);
        }
        Assert.True(owners.Count <= 1, $"{owners.Count} owners at once");
        return owners;
    }

    /// <summary>Every node's silo takes part: from then on the ownership stays where it is. While a silo joins, Orleans may move it there.</summary>
    public static Task AllKnowAnOwnerAsync(IReadOnlyList<ServiceProcess> nodes) =>
        Wait.ForAsync("an owner that all know", () => nodes.All(node => node.Output.Contains("OwnerSilo: the owner is ", StringComparison.Ordinal)), 60);

    public static async Task<bool> IsOwnerAsync(ServiceProcess service) =>
        (await service.Http.GetStringAsync("metrics")).Split('\n').Any(line => line.StartsWith("telemetry_cluster_owner{", StringComparison.Ordinal) && line.TrimEnd().EndsWith("} 1", StringComparison.Ordinal));

    private static string Field(string body, string name)
    {
        using var parsed = JsonDocument.Parse(body);
        return parsed.RootElement.GetProperty(name).GetString()!;
    }
}
