using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Ingest.Cluster;
using Telemetry.Ingest.Hosting;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Commands;

/// <summary><c>cluster move</c>: the log of one machine becomes the log of a cluster. Exit code 0 moved (or it was before), 1 refused or failed, 2 wrong configuration.</summary>
public static class ClusterCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static Command Create() => new("cluster", "The log that several nodes share.") { Move() };

    private static Command Move()
    {
        var json = new Option<bool>("--json") { Description = "One JSON line on standard output, nothing else." };
        var command = new Command("move", """
            Lets an empty stream go on where the log of a stopped service ends: numbers, times and everything else stay as they are. The entries
            stay in the data directory, of which each node needs a copy (backup and restore, or a copy of the files). Takes the service's own
            settings, as the nodes will have them, and refuses what they would refuse. Done again, it changes nothing.

            Examples:
              cluster move --Data:Path=/var/lib/telemetry --Cluster:Servers=nats://127.0.0.1:4222
              cluster move --Data:Path=/var/lib/telemetry --Cluster:Servers=tls://a:4222,tls://b:4222,tls://c:4222 --Cluster:User=telemetry --Cluster:PasswordFile=/etc/telemetry/nats
            """) { json };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parsed, cancellationToken) =>
            RunAsync([.. parsed.UnmatchedTokens], parsed.GetValue(json), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string[] settings, bool json, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        var configuration = new ConfigurationManager();
        var problems = ConfigurationSources.Use(configuration, settings).ToList();
        configuration["Cluster:Enabled"] ??= "true";
        var (options, errors) = OptionsReader.Read(configuration);
        problems.AddRange(errors);
        if (options.Cluster is null && problems.Count == 0)
            problems.Add("Cluster:Enabled = false: true would be right, or nothing");
        if (problems.Count > 0)
        {
            foreach (var problem in problems)
                error.WriteLine($"cluster move: {problem}");
            return 2;
        }
        try
        {
            var (beginning, wasThere) = await LogMove.RunAsync(options.Cluster!, options.Log, options.DataPath, NullLogger.Instance, cancellationToken);
            var (stream, head) = (options.Cluster!.Stream, $"{beginning.Position}:{beginning.Hash}");
            output.WriteLine(json
                ? JsonSerializer.Serialize(new { stream, position = beginning.Position, time = Iso.Time(beginning.Time), log = beginning.Log, head, wasThere }, Json)
                : string.Create(CultureInfo.InvariantCulture, $"""
                    the stream {stream} {(wasThere ? "went on" : "goes on")} behind position {beginning.Position} ({Iso.Time(beginning.Time)}) of the log {beginning.Log}{(wasThere ? " already: nothing was changed" : "")}
                    head {head}
                    {options.DataPath} now starts with Cluster:Enabled=true alone; each other node needs a copy of it
                    """));
            return 0;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return Refuse(problem.Message);
        }
        catch (Exception problem) when (NatsStream.IsPassing(problem))
        {
            return Refuse($"the stream did not take it: {problem.Message}. Run the command again: it finds what is done");
        }

        int Refuse(string why)
        {
            error.WriteLine($"cluster move: {why}");
            return 1;
        }
    }
}
