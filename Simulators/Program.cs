using System.CommandLine;
using Telemetry.Simulators.Commands;

var city = CityCommand.Create();
var load = LoadCommand.Create();
var root = new RootCommand("Engineers' tools around a running service: a simulated city, and load.") { city, load };
HelpWithExamples.AddTo(root, new Dictionary<Command, string>
{
    [root] = $"{CityCommand.Examples}\n{LoadCommand.Examples}",
    [city] = CityCommand.Examples,
    [load] = LoadCommand.Examples,
});

var parsed = root.Parse(args);
var code = await parsed.InvokeAsync();
return parsed.Errors.Count > 0 ? 2 : code;
