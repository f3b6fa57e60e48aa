using System.CommandLine;
using System.Text.RegularExpressions;

namespace Telemetry.Ingest.Commands;

/// <summary>Runs what the arguments name. Exit code 2 where they are wrong; standard output is the result's alone, so help after a fault goes to standard error.</summary>
public static partial class CommandLine
{
    public static async Task<int> RunAsync(RootCommand root, IEnumerable<string> args, InvocationConfiguration streams)
    {
        string[] given = [.. args];
        var parsed = root.Parse([.. Split(given, root.Parse(given).CommandResult.Command)]);
        if (parsed.Errors.Count > 0)
            streams.Output = streams.Error;
        var exitCode = await parsed.InvokeAsync(streams);
        return parsed.Errors.Count > 0 ? 2 : exitCode;
    }

    /// <summary><c>--Data:Path=DIR</c>, as the service takes it, in two: the parser would end the name at its colon. What is no option of the command, it may hand on as the service's own setting.</summary>
    private static IEnumerable<string> Split(string[] args, Command command) =>
        args.SelectMany(arg => Key().Match(arg) is { Success: true } key && command.Options.Any(option => option.Name == key.Value[..^1]) ? [key.Value[..^1], arg[key.Length..]] : (string[])[arg]);

    [GeneratedRegex("^--[A-Za-z]+(:[A-Za-z0-9]+)+=")]
    private static partial Regex Key();
}
