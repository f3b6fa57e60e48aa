using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Telemetry.Ingest.Security.Enrolment;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Commands;

/// <summary><c>credential enrol</c> and <c>credential authority</c>: how gateways come by certificates. Exit code 0 made, 1 not written, 2 wrong usage.</summary>
internal static class EnrolmentCommands
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    public static Command Enrol(Option<bool> asJson)
    {
        var name = new Argument<string>("NAME") { Description = "The gateway's name, as in its topics telemetry/v1/NAME/…" };
        var valid = new Option<string>("--valid") { Description = "How long the code is good: 90s, 15m, 24h, 7d; at most 30d.", DefaultValueFactory = _ => "24h" };
        var command = new Command("enrol", """
            Makes a one-time code and prints it with the line for Security:GatewaysFile. The gateway gets its certificate for it, once:
            POST /enrol/v1 {"code": "…", "csr": "-----BEGIN CERTIFICATE REQUEST-----…"}.

            Examples:
              credential enrol gw-river-01
              credential enrol gw-river-01 --valid 7d --json
            """) { name, valid, asJson };
        command.SetAction(parsed =>
        {
            var (gateway, output, error) = (parsed.GetValue(name)!, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            if (!DeviceId.IsValid(gateway))
                return CredentialCommand.Refuse(error, $"'{gateway}' is no gateway's name; 1-64 characters A-Z a-z 0-9 _ . : -, as in its topics");
            if (Quantity.Duration(parsed.GetValue(valid)!) is not { } milliseconds || milliseconds <= 0 || milliseconds > Longest.TotalMilliseconds)
                return CredentialCommand.Refuse(error, $"--valid '{parsed.GetValue(valid)}': a duration such as 15m, 24h or 7d, at most 30d");
            var code = EnrolmentCode.New();
            var until = TimeProvider.System.GetUtcNow().AddMilliseconds(milliseconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            var line = $"{CredentialCommand.Key(gateway)}: {{certificate: any, enrol: {EnrolmentCode.HashOf(code)}, enrol_until: '{until}'}}";
            return CredentialCommand.Print(output, parsed.GetValue(asJson), "enrol", gateway, code, line, $"one-time code, good until {until}", "Security:GatewaysFile, beneath gateways");
        });
        return command;
    }

    public static Command Authority(Option<bool> asJson)
    {
        var folder = new Argument<string>("DIR") { Description = "Where enrolment.crt and enrolment.key go; neither may be there." };
        var name = new Option<string>("--name") { Description = "Its common name.", DefaultValueFactory = _ => "Telemetry gateways" };
        var command = new Command("authority", """
            Makes the authority that issues gateways' certificates: ECDSA over P-256, good for ten years. Whoever has its key can make any gateway's certificate.

            Examples:
              credential authority /etc/telemetry
              credential authority ./authority --name 'Nanchang gateways'
            """) { folder, name, asJson };
        command.SetAction(parsed =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            var (certificate, key) = (Path.Combine(parsed.GetValue(folder)!, "enrolment.crt"), Path.Combine(parsed.GetValue(folder)!, "enrolment.key"));
            using var authority = EnrolmentAuthority.New(parsed.GetValue(name)!, TimeProvider.System.GetUtcNow());
            try
            {
                Directory.CreateDirectory(parsed.GetValue(folder)!);
                WriteNew(key, authority.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem(), UnixFileMode.UserRead | UnixFileMode.UserWrite);
                WriteNew(certificate, authority.ExportCertificatePem(), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                error.WriteLine($"credential: {problem.Message}");
                return 1;
            }
            output.WriteLine(parsed.GetValue(asJson)
                ? JsonSerializer.Serialize(new { kind = "authority", certificate, key, notAfter = authority.NotAfter.ToUniversalTime() }, JsonSerializerOptions.Web)
                : $"--Security:EnrolmentAuthority={certificate} --Security:EnrolmentAuthorityKey={key}");
            return 0;
        });
        return command;
    }

    internal static void WriteNew(string file, string text, UnixFileMode mode)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = mode;
        using var stream = new FileStream(file, options);
        stream.Write(System.Text.Encoding.UTF8.GetBytes(text + "\n"));
    }
}
