using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Telemetry.Ingest.Backup;

namespace Telemetry.Ingest.Commands;

/// <summary><c>restore</c>: a new data directory out of a backup.</summary>
public static class RestoreCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static Command Create()
    {
        var from = new Option<string>("--from") { Description = "The directory that backup --out named.", HelpName = "DIR", Required = true };
        var data = new Option<string>("--Data:Path") { Description = "The data directory to make; empty or not there.", HelpName = "DIR", Required = true };
        var set = new Option<string?>("--set") { Description = "A set's name, set-…; default the newest.", HelpName = "SET" };
        var json = new Option<bool>("--json") { Description = "One JSON line on standard output, nothing else." };
        var command = new Command("restore", """
            Checks every file of the backup, then puts all of it where a service can start on it. A damaged backup, a directory that is not empty and
            a running service are refused, and nothing is changed. The log gets a new name: databases outside are filled again from it.

            Examples:
              restore --from /backup/telemetry --Data:Path /var/lib/telemetry
              restore --from /backup/telemetry --set set-00000000000000482113 --Data:Path ./then --json
            """) { from, data, set, json };
        command.SetAction((parsed, cancellationToken) => Task.FromResult(Run(parsed.GetRequiredValue(from), parsed.GetRequiredValue(data), parsed.GetValue(set), parsed.GetValue(json), parsed.InvocationConfiguration, cancellationToken)));
        return command;
    }

    private static int Run(string from, string data, string? set, bool json, InvocationConfiguration to, CancellationToken cancellationToken)
    {
        try
        {
            var manifest = ByteProgress.Run("restoring", json, (total, done) => new BackupRestore(from, data, total, done).Run(set, cancellationToken));
            var bytes = manifest.Files.Sum(file => file.Bytes);
            to.Output.WriteLine(json
                ? JsonSerializer.Serialize(new { position = manifest.Position, head = manifest.Head, madeAt = manifest.MadeAt, engineVersion = manifest.EngineVersion, files = manifest.Files.Count, bytes, path = data }, Json)
                : string.Create(CultureInfo.InvariantCulture, $"{data}: up to position {manifest.Position}, as of {manifest.MadeAt}, {manifest.Files.Count} files, {bytes / 1e6:N1} MB\nhead {manifest.Head}"));
            return 0;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return Refuse(to.Error, problem.Message);
        }
        catch (OperationCanceledException)
        {
            return Refuse(to.Error, "ended by request; nothing was restored");
        }
    }

    private static int Refuse(TextWriter error, string why)
    {
        error.WriteLine($"restore: {why}");
        return 1;
    }
}
