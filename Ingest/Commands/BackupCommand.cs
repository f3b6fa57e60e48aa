using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Telemetry.Ingest.Backup;

namespace Telemetry.Ingest.Commands;

/// <summary><c>backup</c>: a consistent copy of a data directory, beside a running service or without one.</summary>
public static class BackupCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static Command Create()
    {
        var data = new Option<string>("--Data:Path") { Description = "The service's data directory.", HelpName = "DIR", DefaultValueFactory = _ => "data" };
        var path = new Option<string>("--out") { Description = "Where backups are kept: one directory for all of them.", HelpName = "DIR", Required = true };
        var keep = new Option<int>("--keep") { Description = "Sets that stay, this one included.", HelpName = "N", DefaultValueFactory = _ => 7 };
        var json = new Option<bool>("--json") { Description = "One JSON line on standard output, nothing else." };
        var command = new Command("backup", """
            Copies log, checkpoint, register, journal, notifications and keys into a set of their own, while the service runs. Reads only.
            Parts of the log that an earlier set holds are not copied again. Readings of the embedded store are left out: the restored service
            fills it again from the log. Secrets outside of the data directory are yours to copy.

            Examples:
              backup --Data:Path /var/lib/telemetry --out /backup/telemetry
              backup --out /backup/telemetry --keep 30 --json
            """) { data, path, keep, json };
        command.SetAction((parsed, cancellationToken) => Task.FromResult(Run(parsed.GetRequiredValue(data), parsed.GetRequiredValue(path), parsed.GetValue(keep), parsed.GetValue(json), parsed.InvocationConfiguration, cancellationToken)));
        return command;
    }

    private static int Run(string data, string path, int keep, bool json, InvocationConfiguration to, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(Path.Combine(data, "log")))
            return Refuse(to.Error, $"{Path.Combine(data, "log")} is not there; --Data:Path must name the service's data directory, the one that holds log/", 2);
        if (keep < 1)
            return Refuse(to.Error, $"--keep {keep}: 1 or more would be right", 2);
        if (Path.GetFullPath(path + "/").StartsWith(Path.GetFullPath(data + "/"), StringComparison.Ordinal))
            return Refuse(to.Error, $"--out {path} lies in {data}: each backup would hold those before it; name a directory outside, best on another disk", 2);
        try
        {
            var result = ByteProgress.Run("backing up", json, (total, done) => new BackupWriter(data, path, keep, TimeProvider.System, total, done).Run(cancellationToken));
            to.Output.WriteLine(json
                ? JsonSerializer.Serialize(new { set = result.Set, position = result.Position, head = result.Head, files = result.Files, bytes = result.Bytes, copied = result.Copied, path }, Json)
                : string.Create(CultureInfo.InvariantCulture, $"{path}/{result.Set}: up to position {result.Position}, {result.Files} files, {result.Bytes / 1e6:N1} MB, {result.Copied / 1e6:N1} MB of them copied\nhead {result.Head}"));
            return 0;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return Refuse(to.Error, problem.Message, 1);
        }
        catch (OperationCanceledException)
        {
            return Refuse(to.Error, "ended by request; the sets before are whole, this one is not there", 1);
        }
    }

    private static int Refuse(TextWriter error, string why, int exitCode)
    {
        error.WriteLine($"backup: {why}");
        return exitCode;
    }
}
