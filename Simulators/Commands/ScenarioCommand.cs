using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;
using Telemetry.Rules.Families;
using Telemetry.Simulators.City;
using Telemetry.Simulators.Faults;
using Telemetry.Simulators.Scenarios;
using Telemetry.Simulators.Scenarios.Picture;

namespace Telemetry.Simulators.Commands;

/// <summary><c>scenario</c>: plays stories whose truth is known, and scores the rules against it.</summary>
public static class ScenarioCommand
{
    public const string Examples =
        """
          scenario --list
          scenario tunnel-fire --offline
          scenario all --offline --picture ./pictures
          scenario my-storm.yaml --offline --rules ./rules --json
          scenario tunnel-fire --drill --url http://10.0.0.5:8080 --mqtt 10.0.0.5:1883 --token-file ./engineer.token
          scenario tunnel-fire --offline --faults faults.yaml --fault-ledger injected.jsonl
          scenario gas-leak-valve-jammed --url http://localhost:8080 --mqtt localhost:1883
        """;

    private const string All = "all";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        var name = new Argument<string?>("scenario") { Description = "A name of --list, a YAML file, or all.", Arity = ArgumentArity.ZeroOrOne };
        var list = new Option<bool>("--list") { Description = "The shipped scenarios." };
        var offline = new Option<bool>("--offline") { Description = "Against the rules alone, in virtual time: a day takes seconds. Without it: against a running service, as fast as its clock goes (--Demo:Speed)." };
        var rules = new Option<string?>("--rules") { HelpName = "dir", Description = "With --offline: family files to play against instead of the shipped ones." };
        var url = CityCommand.UrlOption();
        var mqtt = MqttAddress.Option();
        var devices = new Option<int?>("--devices") { Description = "Another number of devices than the scenario's.", CustomParser = ParseDevices };
        var seed = new Option<int?>("--seed") { Description = "Another city than the scenario's." };
        var drill = new Option<bool>("--drill") { Description = "At a service with a real city: puts the scenario's devices, scenario-*, into a drill, and takes them out of the rules afterwards. A real alarm in one of their districts ends it." };
        var token = new Option<string?>("--token-file") { HelpName = "file", Description = "Its first line is the token of an engineer, where the service has users." };
        var picture = new Option<string?>("--picture") { HelpName = "file|dir", Description = "Draws the score: an SVG file, or a folder that gets one a scenario." };
        var faults = FaultOptions.File();
        var ledger = FaultOptions.Ledger();
        var json = new Option<bool>("--json") { Description = "JSON lines: one a ground-truth event, one a false alarm, a last one with totals." };
        var command = new Command("scenario", "Plays a story whose truth is known and scores the rules: detected, late, missed, false. A service is played to if it is a demo, or in a drill; nobody answers its alarms. Exit code 1 where something is missed, late or above the scenario's limits.")
        {
            name, list, offline, rules, url, mqtt, drill, token, devices, seed, faults, ledger, picture, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            if (parsed.GetValue(list))
            {
                foreach (var shipped in ShippedScenarios.Names.Select(each => Read($"{each}.yaml", ShippedScenarios.Text(each), new ScenarioCity())))
                    await output.WriteLineAsync(parsed.GetValue(json)
                        ? JsonSerializer.Serialize(new { scenario = shipped.Name, minutes = shipped.Lasts.TotalMinutes, title = new { en = shipped.Title.En, zh = shipped.Title.Zh } }, Json)
                        : string.Create(CultureInfo.InvariantCulture, $"{shipped.Name,-28}{shipped.Lasts.TotalMinutes,5:0} min   {shipped.Title.En} · {shipped.Title.Zh}"));
                return 0;
            }
            if (Misuse(parsed.GetValue(name), parsed.GetValue(offline), parsed.GetValue(rules), parsed.GetValue(picture), parsed.GetValue(drill)) is { } misuse)
            {
                await error.WriteLineAsync(misuse);
                return 2;
            }
            var address = parsed.GetRequiredValue(mqtt);
            var city = new ScenarioCity(parsed.GetValue(devices), parsed.GetValue(seed), parsed.GetValue(offline) ? "" : LiveRun.Prefix);
            var options = new CityOptions { MqttHost = address.Host, MqttPort = address.Port, HttpUrl = parsed.GetRequiredValue(url) };
            try
            {
                var scenarios = Scenarios(parsed.GetValue(name)!, city).ConvertAll(scenario => scenario with { Faults = scenario.Faults.And(FaultOptions.Read(parsed.GetValue(faults), Sender.Of(scenario.Devices), scenario.Prefix)) });
                using var written = FaultOptions.Open(parsed.GetValue(ledger));
                Action<Injection> record = injection => written?.Write(injection);
                var families = Families(parsed.GetValue(rules));
                List<Score> scores = [];
                List<string> pictures = [];
                foreach (var read in scenarios)
                {
                    var scenario = parsed.GetValue(offline) ? read : LiveRun.WithoutCrew(read);
                    if (parsed.GetValue(drill))
                        scenario = await AskedInDrillAsync(scenario, error);
                    var run = parsed.GetValue(offline) ? VirtualRun.Play(scenario, families, record, cancellationToken) : await PlayLiveAsync(scenario, options with { Ledger = record }, parsed.GetValue(drill), parsed.GetValue(token), parsed.GetValue(json), cancellationToken);
                    scores.Add(Score.Of(scenario, run, families));
                    if (parsed.GetValue(picture) is { } path)
                        pictures.Add(await PictureFile.WriteAsync(path, scores[^1], families, cancellationToken));
                }
                var code = Report(scores, parsed.GetValue(json), output);
                foreach (var file in parsed.GetValue(json) ? [] : pictures)
                    await output.WriteLineAsync($"picture: {file}");
                return code;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                await error.WriteLineAsync("stopped before its end: no score");
                return 1;
            }
            catch (Exception unreachable) when (unreachable is HttpRequestException or OperationCanceledException)
            {
                await error.WriteLineAsync($"{unreachable.Message}. Is a service running at {options.HttpUrl}? --offline plays without one");
                return 1;
            }
            catch (Exception refused) when (refused is InvalidOperationException or IOException or InvalidDataException or UnauthorizedAccessException)
            {
                await error.WriteLineAsync(refused.Message);
                return 1;
            }
        });
        return command;
    }

    /// <summary>Null where the command line can be played. No validator of the command: <c>--help</c> needs no name.</summary>
    private static string? Misuse(string? name, bool offline, string? rules, string? picture, bool drill) =>
        name is null ? "which scenario? A name of --list, a YAML file, or all" :
        !offline && name == All ? "all scenarios are played with --offline" :
        !offline && rules is not null ? "--rules is played with --offline" :
        offline && drill ? "--drill is played to a service; leave out --offline" :
        name == All && picture is not null && PictureFile.IsFile(picture) ? $"--picture {picture}: all scenarios are drawn into a folder" :
        picture is not null && !PictureFile.IsFile(picture) && Path.HasExtension(picture) && !Directory.Exists(picture) ? $"--picture {picture}: a name that ends in .svg, or a folder, would be right" : null;

    private static async Task<Scenario> AskedInDrillAsync(Scenario scenario, TextWriter error)
    {
        var (asked, left) = LiveRun.WithoutPlaces(scenario);
        foreach (var truth in left)
            await error.WriteLineAsync($"not asked in a drill, where devices do not count: {truth.Device} {truth.Rule}");
        return asked;
    }

    private static async Task<ScenarioRun> PlayLiveAsync(Scenario scenario, CityOptions options, bool inDrill, string? tokenFile, bool json, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        if (tokenFile is not null)
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", File.ReadLines(tokenFile).FirstOrDefault()?.Trim());
        return await LiveScreen.WatchAsync(scenario.Name, json, share => new LiveRun(http, options, inDrill, TimeProvider.System, share).PlayAsync(scenario, cancellationToken));
    }

    private static int Report(List<Score> scores, bool json, TextWriter output)
    {
        // Wide enough that no table breaks its lines where the output is a file.
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Interactive = InteractionSupport.No });
        console.Profile.Width = Math.Max(console.Profile.Width, 160);
        foreach (var score in scores)
        {
            if (!json)
                ScoreReport.Print(console, score);
            foreach (var line in json ? ScoreReport.Lines(score) : [])
                output.WriteLine(line);
        }
        if (!json)
            ScoreReport.PrintAll(console, scores);
        return scores.All(score => score.Failures.Count == 0) ? 0 : 1;
    }

    /// <exception cref="InvalidOperationException">There is none of that name, or it has mistakes: the message has them all.</exception>
    private static List<Scenario> Scenarios(string name, ScenarioCity city)
    {
        if (name == All)
            return [.. ShippedScenarios.Names.Select(shipped => Read($"{shipped}.yaml", ShippedScenarios.Text(shipped), city))];
        if (ShippedScenarios.Names.Contains(name))
            return [Read($"{name}.yaml", ShippedScenarios.Text(name), city)];
        if (!File.Exists(name))
            throw new InvalidOperationException($"'{name}' is no file, and no scenario of that name is shipped; there are {string.Join(", ", ShippedScenarios.Names)}");
        return [Read(name, File.ReadAllText(name), city)];
    }

    private static Scenario Read(string file, string text, ScenarioCity city)
    {
        var (scenario, errors) = ScenarioReader.Read(file, text, city);
        return scenario ?? throw new InvalidOperationException(string.Join('\n', errors));
    }

    private static FamilySet Families(string? folder)
    {
        if (folder is null)
            return FamilySet.Shipped();
        if (!Directory.Exists(folder))
            throw new InvalidOperationException($"--rules {folder}: there is no such folder");
        var files = Directory.EnumerateFiles(folder, "*.yaml").Order(StringComparer.Ordinal).Select(file => (File: file, Text: File.ReadAllText(file))).ToList();
        if (files.Count == 0)
            throw new InvalidOperationException($"--rules {folder}: no family file there; they end in .yaml");
        // As in the service: a folder without the service's own families takes the shipped ones.
        var own = FamilySet.ShippedFiles().Where(shipped => FamilySet.IsOwn(Path.GetFileNameWithoutExtension(shipped.File)) && !files.Exists(file => Path.GetFileName(file.File) == shipped.File));
        var (families, errors) = FamilySet.Load([.. files, .. own]);
        return families ?? throw new InvalidOperationException(string.Join('\n', errors));
    }

    private static int? ParseDevices(ArgumentResult argument)
    {
        var text = argument.Tokens[0].Value;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var devices) && devices >= CityBuilder.Fewest)
            return devices;
        argument.AddError($"--devices {text}: expected {CityBuilder.Fewest} or more; with fewer a family would have no device");
        return null;
    }
}
