using System.CommandLine;
using System.Text.Json;
using Telemetry.Simulators.Commands;
using Telemetry.Simulators.Scenarios;

namespace Telemetry.Simulators.Tests.Commands;

public sealed class SimulatorsCommandTests
{
    [Theory]
    [InlineData("--help", "load --seconds 20")]
    [InlineData("city --help", "city --no-story --json")]
    [InlineData("city --help", "city --faults faults.yaml --fault-ledger injected.jsonl")]
    [InlineData("load --help", "load --qos 1 --inflight 200 --reconnect")]
    [InlineData("replay --help", "replay rain.csv level.csv --map columns.yaml")]
    [InlineData("scenario --help", "scenario all --offline")]
    public async Task Help_ends_with_examples(string line, string example)
    {
        var (code, output, _) = await RunAsync(line);

        Assert.Equal(0, code);
        Assert.Contains(example, output[output.IndexOf("Examples:", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("load --rate fast", "--rate fast: expected messages a second above 0, or max")]
    [InlineData("load --mqtt localhost", "--mqtt localhost: expected host:port")]
    [InlineData("load --mqtt localhost:99999", "--mqtt localhost:99999: expected host:port")]
    [InlineData("load --qos 3", "qos must be 0, 1 or 2, not 3")]
    [InlineData("city --devices 7", "--devices 7: expected 40 or more")]
    [InlineData("city --devices many", "--devices many: expected 40 or more")]
    [InlineData("city --url localhost", "--url localhost: expected an absolute http or https address")]
    [InlineData("scenario", "which scenario? A name of --list, a YAML file, or all")]
    [InlineData("scenario all", "all scenarios are played with --offline")]
    [InlineData("scenario tunnel-fire --rules ./rules", "--rules is played with --offline")]
    [InlineData("scenario all --offline --picture all.svg", "--picture all.svg: all scenarios are drawn into a folder")]
    [InlineData("scenario tunnel-fire --offline --picture fire.png", "--picture fire.png: a name that ends in .svg, or a folder, would be right")]
    [InlineData("scenario tunnel-fire --offline --devices 7", "--devices 7: expected 40 or more")]
    public async Task Wrong_usage_is_code_2_and_says_what_would_be_right(string line, string expected)
    {
        var (code, _, error) = await RunAsync(line);

        Assert.Equal(2, code);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Load_prints_its_result_as_one_JSON_line_and_nothing_else()
    {
        using var broker = await Mosquitto.StartAsync();
        var (code, output, error) = await RunAsync($"load --mqtt 127.0.0.1:{broker.Port} --connections 2 --devices 4 --rate 100 --seconds 0.2 --json");

        Assert.Equal((0, ""), (code, error));
        using var json = JsonDocument.Parse(output);
        Assert.True(json.RootElement.GetProperty("acknowledged").GetInt64() > 0);
        Assert.Single(output.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task A_failed_run_is_code_1()
    {
        var (code, _, error) = await RunAsync("load --mqtt 127.0.0.1:1 --connections 1 --seconds 1 --json");

        Assert.Equal(1, code);
        Assert.Contains("connection 0: ", error, StringComparison.Ordinal);
        (code, var output, error) = await RunAsync("load --mqtt 127.0.0.1:1 --connections 3 --seconds 1");
        Assert.Equal((1, ""), (code, output));
        Assert.StartsWith("load: nothing was sent to 127.0.0.1:1: connection 0: ", error, StringComparison.Ordinal);
        Assert.EndsWith(", and 2 more. --mqtt names another broker", error.TrimEnd(), StringComparison.Ordinal);
        (code, _, error) = await RunAsync("city --url http://127.0.0.1:1");
        Assert.Equal(1, code);
        Assert.Contains("Is a service running at http://127.0.0.1:1/? --url names another", error, StringComparison.Ordinal);
        (code, _, error) = await RunAsync("city --url http://127.0.0.1:1 --fault-ledger injected.jsonl");
        Assert.Equal((1, "--fault-ledger injected.jsonl: without --faults there is nothing to write there"), (code, error.TrimEnd()));
    }

    [Fact]
    public async Task A_scenario_is_a_JSON_line_an_event_and_a_last_one_with_totals()
    {
        var (code, output, error) = await RunAsync("scenario gas-leak-valve-jammed --offline --json");

        Assert.Equal((0, ""), (code, error));
        var lines = output.TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(["hose_bursts", "hose_bursts", "cooking_fumes"], lines[..^1].Select(line => line.GetProperty("event").GetString()));
        Assert.All(lines[..^1], line => Assert.Equal("detected", line.GetProperty("verdict").GetString()));
        Assert.Equal(("gas-leak-valve-jammed", 3, 0), (lines[^1].GetProperty("scenario").GetString(), lines[^1].GetProperty("detected").GetInt32(), lines[^1].GetProperty("missed").GetInt32()));
    }

    [Fact]
    public async Task A_scenario_that_nobody_knows_or_that_has_mistakes_is_code_1()
    {
        var (code, _, error) = await RunAsync("scenario tunnel-fir --offline");
        Assert.Equal(1, code);
        Assert.Contains($"'tunnel-fir' is no file, and no scenario of that name is shipped; there are {ShippedScenarios.Names[0]}, ", error, StringComparison.Ordinal);
        (code, _, error) = await RunAsync("scenario tunnel-fire --offline --devices 40");
        Assert.Equal(1, code);
        Assert.Contains("tunnel-fire.yaml:16:13: story[1].device: the city has no device 'tunnel-01-5'", error.Split('\n')[0], StringComparison.Ordinal);
        (code, _, error) = await RunAsync("scenario tunnel-fire --offline --rules no-such-folder");
        Assert.Equal((1, "--rules no-such-folder: there is no such folder"), (code, error.TrimEnd()));
    }

    [Fact]
    public async Task The_list_has_names_lengths_and_titles()
    {
        var (code, output, _) = await RunAsync("scenario --list");
        Assert.Equal(0, code);
        Assert.Contains("tunnel-fire                    30 min   Fire in a tunnel · 隧道火灾", output.Split(Environment.NewLine));
        var (_, json, _) = await RunAsync("scenario --list --json");
        Assert.Equal(ShippedScenarios.Names, json.TrimEnd().Split('\n').Select(line => JsonElement.Parse(line).GetProperty("scenario").GetString()!));
        Assert.Equal(ShippedScenarios.Names, output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0]));
    }

    [Fact]
    public async Task Without_a_service_a_scenario_says_how_to_play_without_one()
    {
        var (code, output, error) = await RunAsync("scenario tunnel-fire --url http://127.0.0.1:1");
        Assert.Equal((1, ""), (code, output));
        Assert.Contains("Is a service running at http://127.0.0.1:1/? --offline plays without one", error, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string line)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var code = await SimulatorsCommand.RunAsync(line.Split(' '), new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }
}
