using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Telemetry.Benchmarks.Wall;

/// <summary>
/// <c>wall-queries [--days=30] DASHBOARD.json…</c>: fills an influxd with <see cref="WallCity"/> and asks every query of each dashboard as Grafana does, with all
/// variables at All or at their first value: how long each takes, five times over, alone.
/// </summary>
internal static class WallQueries
{
    private const string Database = "city";
    private const int LinesPerRequest = 5000;
    private const int ScreenWidth = 1920;
    private const int Times = 5;

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var days = arguments.Where(argument => argument.StartsWith("--days=", StringComparison.Ordinal)).Select(argument => int.Parse(argument[7..], CultureInfo.InvariantCulture)).DefaultIfEmpty(30).First();
        await using var server = await Influxd.StartAsync();
        await server.CreateDatabaseAsync(Database);
        foreach (var policy in (string[])["1m", "1h", "alarms"])
            await server.QueryAsync($"CREATE RETENTION POLICY \"{policy}\" ON \"{Database}\" DURATION 3650d REPLICATION 1", null);
        using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(5) };
        var start = Stopwatch.GetTimestamp();
        var (lines, end) = (0L, Now - (days * 86_400_000L));
        // Panels ask for the last minutes too: what has passed while the rest was written comes after it.
        for (var begin = end; Now - begin > 30_000; begin = end)
        {
            end = Now;
            lines += await FillAsync(http, server, new WallCity(begin, end));
        }
        var took = Stopwatch.GetElapsedTime(start);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{lines:N0} lines of {days} days in {took.TotalSeconds:F0} s; influxd took {server.CpuTime.TotalSeconds / lines * 1e6:F1} CPU s a million"));
        foreach (var file in arguments.Where(argument => !argument.StartsWith("--", StringComparison.Ordinal)))
            await AskAsync(http, server, file, JsonElement.Parse(await File.ReadAllTextAsync(file)));
        return 0;
    }

    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    private static async Task<long> FillAsync(HttpClient http, Influxd server, WallCity city)
    {
        var lines = 0L;
        foreach (var request in city.Lines().Chunk(LinesPerRequest))
        {
            foreach (var policy in request.GroupBy(line => line.Policy))
            {
                using var body = new ByteArrayContent(Encoding.UTF8.GetBytes(string.Join('\n', policy.Select(line => line.Line))));
                using var answer = await http.PostAsync(new Uri(server.Url, $"write?db={Database}&precision=ms{(policy.Key.Length > 0 ? $"&rp={policy.Key}" : "")}"), body);
                if (!answer.IsSuccessStatusCode)
                    throw new InvalidOperationException(await answer.Content.ReadAsStringAsync());
            }
            lines += request.Length;
        }
        return lines;
    }

    private static async Task AskAsync(HttpClient http, Influxd server, string file, JsonElement dashboard)
    {
        var now = Now;
        var from = now - GrafanaQuery.Milliseconds(dashboard.GetProperty("time").GetProperty("from").GetString()!["now-".Length..]);
        var variables = new Dictionary<string, GrafanaValue>(StringComparer.Ordinal);
        Console.WriteLine();
        Console.WriteLine($"{Path.GetFileName(file)}, {dashboard.GetProperty("time").GetProperty("from").GetString()}");
        Console.WriteLine("| query | rows | median ms | slowest ms | influxd's CPU ms |");
        Console.WriteLine("|---|---|---|---|---|");
        var (sum, cpu, queries) = (0.0, 0.0, 0);
        foreach (var variable in List(dashboard, "templating", "list"))
        {
            var name = Text(variable, "name")!;
            var query = new GrafanaQuery(from, now, variables);
            string[] values = Text(variable, "type") == "query"
                ? await ValuesAsync($"variable {name}", query.Expand(Text(variable, "query") ?? Text(variable.GetProperty("query"), "query")!, ScreenWidth, "10s"))
                : [.. Text(variable, "query")!.Split(',').Select(value => value.Split(" : ")[^1].Trim())];
            var all = Text(variable, "includeAll") == "True";
            variables[name] = new(all ? values : values[..Math.Min(1, values.Length)], Text(variable, "multi") == "True") { AllText = all && Text(variable, "allValue") is { Length: > 0 } text ? text : null };
        }
        foreach (var panel in List(dashboard, "panels").SelectMany(panel => List(panel, "panels").Prepend(panel)))
        {
            var begin = Text(panel, "timeFrom") is { Length: > 0 } own ? now - GrafanaQuery.Milliseconds(own) : from;
            var points = ScreenWidth * (panel.TryGetProperty("gridPos", out var place) ? place.GetProperty("w").GetInt32() : 24) / 24;
            foreach (var target in List(panel, "targets"))
            {
                var query = new GrafanaQuery(begin, now, variables);
                await TimedAsync($"{Text(panel, "id")} {Text(panel, "title")} {Text(target, "refId")}", query.Expand(Text(target, "query")!, points, Text(panel, "interval") is { Length: > 0 } least ? least : "10s"));
            }
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| all {queries}, one after another | | {sum:F0} | | {cpu:F0} |"));

        async Task<string[]> ValuesAsync(string what, string influxql)
        {
            var answer = await TimedAsync(what, influxql);
            return [.. List(answer, "series").SelectMany(series => List(series, "values")).Select(row => row[row.GetArrayLength() - 1].ToString()).Distinct().Order(StringComparer.Ordinal).DefaultIfEmpty("")];
        }

        async Task<JsonElement> TimedAsync(string what, string influxql)
        {
            var (took, answer, before) = (new List<double>(), "", server.CpuTime);
            for (var i = 0; i < Times; i++)
            {
                var begun = Stopwatch.GetTimestamp();
                using var form = new FormUrlEncodedContent([new("q", influxql), new("db", Database), new("epoch", "ms")]);
                using var response = await http.PostAsync(new Uri(server.Url, "query"), form);
                answer = await response.Content.ReadAsStringAsync();
                took.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            }
            var result = JsonElement.Parse(answer).GetProperty("results")[0];
            if (result.TryGetProperty("error", out var error))
                throw new InvalidOperationException($"{what}: {error}: {influxql}");
            took.Sort();
            var each = (server.CpuTime - before).TotalMilliseconds / Times;
            (sum, cpu, queries) = (sum + took[Times / 2], cpu + each, queries + 1);
            var rows = List(result, "series").Sum(series => List(series, "values").Count());
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {rows} | {took[Times / 2]:F0} | {took[^1]:F0} | {each:F0} |"));
            return result;
        }
    }

    private static string? Text(JsonElement of, string name) => of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) && value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array) ? value.ToString() : null;

    private static IEnumerable<JsonElement> List(JsonElement of, params string[] path)
    {
        foreach (var name in path)
        {
            if (!of.TryGetProperty(name, out of))
                yield break;
        }
        foreach (var item in of.EnumerateArray())
            yield return item;
    }
}
