using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Store.Influx;
using Telemetry.Ingest.Store.Influx.Setup;
using Telemetry.Rules.Conditions;

namespace Telemetry.Ingest.Commands;

/// <summary><c>store init</c>: makes what the series stand in. Exit code 0 all there, 1 refused or failed, 2 wrong usage.</summary>
public static class StoreCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create() => new("store", "The database of the series.") { Init() };

    private static Command Init()
    {
        var url = new Option<string?>("--url") { Description = "InfluxDB, 1.x or 2.x. Default the service's Influx:Url.", HelpName = "URL" };
        var org = new Option<string?>("--org") { Description = "Default Influx:Org.", HelpName = "NAME" };
        var bucket = new Option<string?>("--bucket") { Description = "The readings' bucket, and the name of the database for InfluxQL. Default Influx:Bucket.", HelpName = "NAME" };
        var token = new Option<string?>("--token-file") { Description = "A file with a token that may make buckets and mappings; the service's own may not. Default Influx:TokenFile.", HelpName = "FILE" };
        var keep = Keep("--keep", "How long readings are kept.", "30d");
        var minutes = Keep("--keep-minutes", "How long figures of minutes are kept.", "365d");
        var hours = Keep("--keep-hours", "How long figures of hours are kept.", "3650d");
        var alarms = Keep("--keep-alarms", "How long alarms and the figures of the operators' load are kept.", "3650d");
        var shrink = new Option<bool>("--shrink") { Description = "Something is to be kept shorter than it is now: what is older is lost." };
        var json = new Option<bool>("--json") { Description = "JSON lines on standard output: one a thing, one with the totals." };
        var command = new Command("init", """
            Makes the buckets and mappings (2.x), or the database and its retention policies (1.x), that the series stand in: readings, figures of
            minutes (1m) and hours (1h), alarms. Says what exists, what it made and what it changed; run again it changes nothing.

            Examples:
              store init
              store init --url http://influxdb:8086 --org city --bucket city --token-file admin-token
              store init --keep 60d --keep-alarms forever --json
            """) { url, org, bucket, token, keep, minutes, hours, alarms, shrink, json };
        command.SetAction((parsed, cancellationToken) =>
        {
            var configuration = new ConfigurationManager();
            ConfigurationSources.Use(configuration, []);
            foreach (var (option, key) in new[] { (url, "Influx:Url"), (org, "Influx:Org"), (bucket, "Influx:Bucket"), (token, "Influx:TokenFile") })
            {
                if (parsed.GetValue(option) is { } value)
                    configuration[key] = value;
            }
            var times = new[] { keep, minutes, hours, alarms }.Select(option => (option.Name, Text: parsed.GetValue(option)!)).ToArray();
            return RunAsync(configuration, times, parsed.GetValue(shrink), parsed.GetValue(json), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellationToken);
        });
        return command;
    }

    private static Option<string> Keep(string name, string description, string fallback) =>
        new(name) { Description = description + " At least 1h, or forever.", HelpName = "DURATION", DefaultValueFactory = _ => fallback };

    private static async Task<int> RunAsync(
        IConfiguration configuration, (string Option, string Text)[] times, bool shrink, bool json, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        var problems = times.Where(time => !TryKeep(time.Text, out _)).Select(time => $"{time.Option} {time.Text}: a duration of at least 1h, such as 30d, or forever").ToList();
        var options = InfluxOptions.Read(configuration, wanted: true, (key, value, right) => problems.Add($"{key} = {value}: {right}"));
        var policies = options is null ? [] : Policies(options, times);
        if (policies.GroupBy(policy => policy.Bucket).FirstOrDefault(same => same.Count() > 1) is { } shared)
            problems.Add($"{shared.Key}: the bucket of {string.Join(" and of ", shared.Select(policy => policy.Name))}, which are kept for different times; give each its own");
        if (problems.Count > 0)
        {
            foreach (var problem in problems)
                error.WriteLine($"store init: {problem}");
            return 2;
        }
        var done = new List<SetupStep>();
        try
        {
            var refused = await InfluxSetup.RunAsync(options!, policies, shrink, Say, cancellationToken);
            foreach (var reason in refused)
                error.WriteLine($"store init: {reason}");
            if (refused.Count > 0)
                error.WriteLine("store init: nothing was changed");
            if (json)
                output.WriteLine(JsonSerializer.Serialize(new { exists = Count("exists"), made = Count("made"), changed = Count("changed"), refused = refused.Count }, Json));
            return refused.Count > 0 ? 1 : 0;
        }
        catch (IOException problem)
        {
            error.WriteLine($"store init: {problem.Message}");
            return 1;
        }

        void Say(SetupStep step)
        {
            done.Add(step);
            output.WriteLine(json ? JsonSerializer.Serialize(step, Json) : string.Create(CultureInfo.InvariantCulture, $"{step.Done,-7} {step.What,-8} {step.Name}{(step.Detail.Length > 0 ? $"  {step.Detail}" : "")}"));
        }

        int Count(string what) => done.Count(step => step.Done == what);
    }

    private static Policy[] Policies(InfluxOptions options, (string Option, string Text)[] times)
    {
        var keeps = times.Select(time => TryKeep(time.Text, out var keep) ? keep : null).ToArray();
        return
        [
            new Policy("autogen", options.Bucket, keeps[0], IsDefault: true),
            new Policy("1m", options.MinutesBucket ?? options.Bucket + "_1m", keeps[1]),
            new Policy("1h", options.HoursBucket ?? options.Bucket + "_1h", keeps[2]),
            new Policy("alarms", options.AlarmsBucket ?? options.Bucket + "_alarms", keeps[3]),
        ];
    }

    /// <param name="keep">Null for ever.</param>
    private static bool TryKeep(string text, out TimeSpan? keep)
    {
        var milliseconds = Quantity.Duration(text);
        keep = milliseconds is { } known ? TimeSpan.FromMilliseconds(known) : null;
        return text == "forever" || keep >= TimeSpan.FromHours(1);
    }
}
