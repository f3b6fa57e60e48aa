using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Commands;

/// <summary><c>credential mosquitto</c>: the gateways' file as a configuration of Mosquitto. Exit code 0 written, 1 refused, 2 wrong usage.</summary>
internal static class MosquittoCommand
{
    public static Command Create()
    {
        var gateways = new Option<string>("--gateways") { Description = "The gateways' file.", Required = true };
        var folder = new Option<string>("--out") { Description = "Where telemetry.acl, passwd, gateways.conf and revoked.crl go; what is there is written anew.", Required = true };
        var there = new Option<string>("--at") { Description = "Where Mosquitto finds them.", DefaultValueFactory = _ => "/mosquitto/config/secrets" };
        var service = new Option<string>("--service") { Description = "The service's own user at Mosquitto.", DefaultValueFactory = _ => "telemetry" };
        var passwords = new Option<string?>("--passwords") { Description = "A file of lines user:password, or - for standard input: what Mosquitto needs can't be made from our hashes." };
        var authority = new Option<string?>("--authority") { Description = "The certificate of the authority that issues gateways' certificates, PEM, to sign the list of what is revoked." };
        var key = new Option<string?>("--authority-key") { Description = "Its key, PEM." };
        var command = new Command("mosquitto", """
            Writes what Mosquitto 2 needs to let the same gateways in: who may write what, passwords, a listener for certificates, the list of what is revoked.

            Examples:
              credential mosquitto --gateways gateways.yaml --out mosquitto
              credential mosquitto --gateways gateways.yaml --out mosquitto --passwords passwords.txt
              credential mosquitto --gateways gateways.yaml --out mosquitto --authority enrolment.crt --authority-key enrolment.key
            """) { gateways, folder, there, service, passwords, authority, key };
        command.SetAction(parsed =>
        {
            var error = parsed.InvocationConfiguration.Error;
            var (list, errors) = GatewayFile.Read(parsed.GetValue(gateways)!);
            foreach (var wrong in errors)
                error.WriteLine(wrong);
            if (list is null)
                return 1;
            if (list.Find(parsed.GetValue(service)!) is not null)
                return CredentialCommand.Refuse(error, $"--service '{parsed.GetValue(service)}': a gateway has this name; give the service another user");
            try
            {
                using var issuer = parsed.GetValue(authority) is { } path ? X509Certificate2.CreateFromPemFile(path, parsed.GetValue(key) ?? path) : null;
                var files = MosquittoFiles.Of(list, parsed.GetValue(service)!, Passwords(parsed.GetValue(passwords)), issuer, parsed.GetValue(there)!, TimeProvider.System.GetUtcNow());
                Write(files, parsed.GetValue(folder)!);
                foreach (var remark in files.Remarks)
                    error.WriteLine($"not in Mosquitto's files: {remark}");
                return 0;
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or CryptographicException)
            {
                error.WriteLine($"credential: {problem.Message}");
                return 1;
            }
        });
        return command;
    }

    private static void Write(MosquittoFiles files, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var (name, text) in new[] { ("telemetry.acl", files.Acl), ("passwd", files.Passwords), ("gateways.conf", files.Listener), ("revoked.crl", files.RevocationList) })
        {
            var file = Path.Combine(folder, name);
            File.Delete(file);
            if (text is not null)
                EnrolmentCommands.WriteNew(file, text.TrimEnd('\n'), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    private static Dictionary<string, string> Passwords(string? file)
    {
        var lines = file switch { null => [], "-" => Console.In.ReadToEnd().Split('\n'), _ => File.ReadAllLines(file) };
        return lines.Select(line => line.TrimEnd('\r').Split(':', 2)).Where(parts => parts.Length == 2).GroupBy(parts => parts[0]).ToDictionary(group => group.Key, group => group.Last()[1], StringComparer.Ordinal);
    }
}
