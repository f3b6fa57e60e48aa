using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Telemetry.Tests.Shared;

/// <summary>People who are called by a provider, each alone for the alarms of a district: whoever was just called is called again a minute later at the earliest.</summary>
internal static class DutyPeople
{
    /// <summary>Options of a service that calls them.</summary>
    /// <param name="most">People, and districts; one more is called for whatever stands in none of these.</param>
    /// <param name="body">Of a call.</param>
    /// <param name="weeklyTest">Of the channel, to whom the rest goes; not today.</param>
    public static string[] Notify(TempDirectory files, Receiver provider, int most, string body = """{"to":"{phone}","say":"{text}","id":"{key}"}""", bool weeklyTest = false)
    {
        var (file, secret) = (files.File("notify.yaml"), files.File("webhook"));
        var people = Enumerable.Range(0, most + 1).ToList();
        File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $$"""
            people:
            {{string.Join('\n', people.Select(person => $"  p{person}: {{name: 值班{person}, phone: \"{Phone(person)}\"}}"))}}
            teams:
            {{string.Join('\n', people.Select(person => $"  t{person}: {{title: {{en: Duty, zh: 值班}}, always: p{person}}}"))}}
            channels: {critical: [voice], high: [voice], medium: [voice], low: [voice], digest: [voice]}
            routes:
            {{string.Join('\n', people.SkipLast(1).Select(person => $"  - {{district: {District(person)}, to: t{person}}}"))}}
              - {to: t{{most}}}
            {{(weeklyTest ? $"proof: {{day: {TimeProvider.System.GetUtcNow().AddDays(3).DayOfWeek.ToString().ToLowerInvariant()}, at: \"10:00\", to: t{most}}}" : "")}}
            """));
        File.WriteAllText(secret, "s3cret");
        return
        [
            $"--Notify:File={file}", $"--Notify:Voice:Url={provider.Url}voice", $"--Notify:Voice:Body={body}", "--Notify:Voice:Success=code=0",
            $"--Notify:Webhook:Url={provider.Url}hook", $"--Notify:Webhook:SecretFile={secret}",
        ];
    }

    public static string District(int person) => string.Create(CultureInfo.InvariantCulture, $"d{person}");

    public static string Phone(int person) => string.Create(CultureInfo.InvariantCulture, $"+86138{person:D8}");

    /// <summary>Devices of the register, by its import.</summary>
    /// <param name="rows">CSV lines <c>id,family,gateway,district</c>.</param>
    public static async Task ImportAsync(ServiceProcess service, IEnumerable<string> rows)
    {
        using var body = new StringContent("id,family,gateway,district\n" + string.Concat(rows.Select(row => row + "\n")), Encoding.UTF8, "text/csv");
        using var answer = await service.Http.PostAsync("api/v1/devices/import", body);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Whom the provider has called.</summary>
    public static HashSet<string> Called(Receiver provider) => [.. provider.Taken.Where(taken => taken.Path == "/voice").Select(To)];

    /// <summary>The number that a call went to.</summary>
    public static string To(Received call) => Field(call.Body, "to");

    /// <summary>
    /// The calls of alarms by key, and the first step alone: where the machine is slow the next ones come due as well, and the gateway is offline.
    /// </summary>
    /// <param name="journal">Lines of a node's journal.</param>
    public static List<IGrouping<string, Received>> Calls(Receiver provider, string journal)
    {
        var transitions = journal.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => Field(line, "rule") == GasPayload.Rule).Select(line => Field(line, "id")).ToHashSet();
        return [.. provider.Taken.Where(taken => taken.Path == "/voice").GroupBy(taken => Field(taken.Body, "id"))
            .Where(call => call.Key.EndsWith(".0", StringComparison.Ordinal) && transitions.Contains(call.Key.Split('.')[0]))];
    }

    private static string Field(string body, string name)
    {
        using var parsed = JsonDocument.Parse(body);
        return parsed.RootElement.GetProperty(name).GetString()!;
    }
}
