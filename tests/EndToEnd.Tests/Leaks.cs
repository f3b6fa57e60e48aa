using System.Globalization;
using System.Text.Json;

namespace Telemetry.EndToEnd.Tests;

/// <summary>Gas leaks, each with a person of <see cref="DutyPeople"/>.</summary>
internal static class Leaks
{
    /// <summary>The devices, by the register's import.</summary>
    public static Task ImportAsync(ServiceProcess service, int most) =>
        DutyPeople.ImportAsync(service, Enumerable.Range(0, most).Select(leak => string.Create(CultureInfo.InvariantCulture, $"gas-{leak},gas_valve,gw-gas,{DutyPeople.District(leak)}")));

    /// <summary>Until it is acknowledged.</summary>
    public static Task RaiseAsync(ServiceProcess through, int leak) =>
        Clients.MosquittoPubAsync(through.MqttPort, string.Create(CultureInfo.InvariantCulture, $"telemetry/v1/gw-gas/gas_valve/gas-{leak}"), """{"values":{"gas_alarm_state":"high"}}""", "-q", "1");

    /// <summary>Ids of the leaks' alarms, as the node tells them.</summary>
    public static async Task<List<string>> AlarmsAsync(ServiceProcess service) =>
        [.. (await service.GetAsync("api/v1/alarms?state=all&family=gas_valve")).EnumerateArray().Where(alarm => alarm.GetProperty("rule").GetString() == "leak_high").Select(alarm => alarm.GetProperty("id").GetString()!)];

    /// <summary>Every node knows that they were told, whoever did it.</summary>
    public static Task AllKnowAsync(ServiceProcess service, List<string> alarms) => Wait.ForAsync(
        "histories", async () => await Task.WhenAll(alarms.Select(async alarm => (await service.GetAsync($"api/v1/alarms/{alarm}")).GetProperty("notifications"))),
        histories => histories.All(history => history.EnumerateArray().Any(attempt => attempt.GetProperty("result").GetString() == "sent" && attempt.GetProperty("to").GetString()!.StartsWith("值班", StringComparison.Ordinal))));

    /// <summary>Nodes that act as the owner, of those that run; never two at once: a successor waits for the lease's end, which takes longer than this look.</summary>
    public static async Task<IReadOnlyList<int>> OwnersAsync(IEnumerable<(int Number, ServiceProcess Service)> nodes)
    {
        var owners = new List<int>();
        foreach (var (number, service) in nodes)
        {
            if (await service.IsOwnerAsync())
                owners.Add(number);
        }
        Assert.True(owners.Count <= 1, $"{owners.Count} owners at once");
        return owners;
    }

    /// <summary>Every node's silo takes part: from then on the ownership stays where it is. While a silo joins, Orleans may move it there.</summary>
    public static Task AllKnowAnOwnerAsync(IReadOnlyList<ServiceProcess> nodes) =>
        Wait.ForAsync("an owner that all know", () => nodes.All(node => node.KnowsAnOwner), 60);
}
