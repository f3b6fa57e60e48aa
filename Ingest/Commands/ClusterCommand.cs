using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Spectre.Console;
using Telemetry.Ingest.Cluster;
using Telemetry.Ingest.Hosting;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Commands;

/// <summary>
/// <c>cluster move</c>: the log of one machine becomes the log of a cluster. Exit code 0 moved (or it was before), 1 refused or failed, 2 wrong configuration.
/// <c>cluster check</c>: compares what the nats-servers hold. Exit code 0 the same, 1 not the same, or they do not answer, 2 wrong configuration.
/// </summary>
public static class ClusterCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static Command Create() => new("cluster", "The log that several nodes share.") { Move(), Check() };

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
            MoveAsync([.. parsed.UnmatchedTokens], parsed.GetValue(json), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellationToken));
        return command;
    }

    private static Command Check()
    {
        var json = new Option<bool>("--json") { Description = "One JSON line for each server on standard output, nothing else." };
        var from = new Option<ulong>("--from") { Description = "The first message that is compared, as this command or the log names it; everything that the stream holds without it.", DefaultValueFactory = _ => 1 };
        from.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<ulong>() == 0)
                result.AddError("--from 0: messages are numbered from 1");
        });
        var command = new Command("check", """
            Compares, message by message, what each nats-server of the stream holds, by the messages' names. Servers vouch for one another by how much they
            have agreed on, not by what: one that was killed or cut off while it led may hold something else from then on. The nodes leave it out; it is
            to be filled again from the others (docs/operating.md, "Servers that hold something else"). May run beside the nodes, at any time.

            Examples:
              cluster check --Cluster:Servers=nats://127.0.0.1:4222
              cluster check --from 1200000 --Cluster:Servers=tls://a:4222,tls://b:4222,tls://c:4222 --Cluster:User=telemetry --Cluster:PasswordFile=/etc/telemetry/nats
            """) { json, from };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parsed, cancellationToken) =>
            CheckAsync([.. parsed.UnmatchedTokens], parsed.GetValue(from), parsed.GetValue(json), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellationToken));
        return command;
    }

    private static async Task<int> CheckAsync(string[] settings, ulong from, bool json, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        if (Read("check", settings, error) is not { } options)
            return 2;
        try
        {
            await using var stream = new NatsStream(options.Cluster!, options.Log.Keep, TimeProvider.System);
            var last = (await stream.FindAsync(cancellationToken)).Last;
            if (from > last)
                throw new IOException($"--from {from}: the last message is {last}");
            var servers = json || Console.IsOutputRedirected ? await StreamCheck.RunAsync(stream, from, _ => { }, cancellationToken) : await AnsiConsole.Progress().AutoClear(true).StartAsync(progress =>
            {
                var task = progress.AddTask("comparing", maxValue: last - from + 1);
                return StreamCheck.RunAsync(stream, from, sequence => task.Value = sequence - from + 1, cancellationToken);
            });
            foreach (var server in servers)
                output.WriteLine(json ? JsonSerializer.Serialize(server, Json) : Line(server, servers.Max(each => each.Last)));
            return servers.Any(server => server.Differs > 0) ? 1 : 0;
        }
        catch (Exception problem) when (problem is IOException || NatsStream.IsPassing(problem))
        {
            error.WriteLine($"cluster check: {problem.Message}");
            return 1;
        }
    }

    private static string Line(ServerCheck server, ulong last) => string.Create(CultureInfo.InvariantCulture, $"""
        {server.Server}: up to message {server.Last}{(server.Last < last ? $", {last - server.Last} behind" : "")}, {(server.Differs == 0
            ? "as most servers hold it"
            : $"{server.Differs} others than most servers hold, the first as message {server.First}: {server.Holds} instead of {server.OthersHold}")}
        """);

    private static ServiceOptions? Read(string verb, string[] settings, TextWriter error)
    {
        var configuration = new ConfigurationManager();
        var problems = ConfigurationSources.Use(configuration, settings).ToList();
        configuration["Cluster:Enabled"] ??= "true";
        var (options, errors) = OptionsReader.Read(configuration);
        problems.AddRange(errors);
        if (options.Cluster is null && problems.Count == 0)
            problems.Add("Cluster:Enabled = false: true would be right, or nothing");
        foreach (var problem in problems)
            error.WriteLine($"cluster {verb}: {problem}");
        return problems.Count == 0 ? options : null;
    }

    private static async Task<int> MoveAsync(string[] settings, bool json, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        if (Read("move", settings, error) is not { } options)
            return 2;
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
