using System.CommandLine;

namespace Telemetry.Simulators.Commands;

/// <summary>All commands of this program. Exit codes: 0 done, 1 refused or failed, 2 wrong usage.</summary>
public static class SimulatorsCommand
{
    /// <summary>After Ctrl+C: gateways say goodbye, and a drill is ended at the service.</summary>
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(40);

    public static RootCommand Create()
    {
        var city = CityCommand.Create();
        var load = LoadCommand.Create();
        var replay = ReplayCommand.Create();
        var scenario = ScenarioCommand.Create();
        var root = new RootCommand("Engineers' tools around a running service: a simulated city, load, recordings played again, and stories that score the rules. Recordings are made by the service's program (Ingest -- export --log --out storm.jsonl.gz), which also compares rules over a log (Ingest -- backtest).") { city, load, replay, scenario };
        HelpWithExamples.AddTo(root, new Dictionary<Command, string>
        {
            [root] = $"{CityCommand.Examples}\n{LoadCommand.Examples}\n{ReplayCommand.Examples}\n{ScenarioCommand.Examples}",
            [city] = CityCommand.Examples,
            [load] = LoadCommand.Examples,
            [replay] = ReplayCommand.Examples,
            [scenario] = ScenarioCommand.Examples,
        });
        return root;
    }

    public static async Task<int> RunAsync(string[] args, InvocationConfiguration? configuration = null, CancellationToken cancellationToken = default)
    {
        var parsed = Create().Parse(args);
        var code = await parsed.InvokeAsync(configuration ?? new InvocationConfiguration { ProcessTerminationTimeout = Goodbye }, cancellationToken);
        // Help needs no arguments.
        return parsed.Errors.Count > 0 && parsed.Action is not HelpWithExamples ? 2 : code;
    }
}
