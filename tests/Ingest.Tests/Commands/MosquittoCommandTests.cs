using System.CommandLine;
using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using Telemetry.Ingest.Commands;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.Security.Enrolment;
using Telemetry.Ingest.Tests.Security;
using Telemetry.Tests.Shared;

namespace Telemetry.Ingest.Tests.Commands;

/// <summary>What the command writes, in the real Mosquitto: the same gateways come in, and may the same.</summary>
public sealed class MosquittoCommandTests : IAsyncLifetime
{
    private readonly TempDirectory _folder = new();
    private readonly Certificates _files = new();
    private readonly int _certificatePort = FreePort.Next();
    private X509Certificate2 _authority = null!;
    private Mosquitto _broker = null!;
    private string _remarks = "";

    public async ValueTask InitializeAsync()
    {
        Assert.Equal(0, Run("authority", _folder.Path).ExitCode);
        _authority = EnrolmentAuthority.Read(_folder.File("enrolment.crt"), _folder.File("enrolment.key"), TimeProvider.System).Authority!.Certificate;
        var revoked = Issue("gw-3", "revoked");
        File.WriteAllText(_folder.File("gateways.yaml"), $"""
            gateways:
              gw-1: {Credentials.Hash}
              gw-2: {Credentials.Hash}
              gw-3: {"{"}certificate: any, revoked: ['serial:{revoked.SerialNumber}']{"}"}
            """);
        File.WriteAllText(_folder.File("passwords"), $"gw-1:{Credentials.Password}\ngw-2:{Credentials.Password} mistyped\ntelemetry:of the service\n");
        var (exitCode, _, error) = Run("mosquitto", "--gateways", _folder.File("gateways.yaml"), "--out", _folder.File("out"), "--passwords", _folder.File("passwords"), "--authority", _folder.File("enrolment.crt"), "--authority-key", _folder.File("enrolment.key"), "--at", _folder.Path);
        Assert.Equal(0, exitCode);
        _remarks = error;
        using var server = _files.Issue();
        File.WriteAllText(_folder.File("server.crt"), server.ExportCertificatePem() + "\n");
        File.WriteAllText(_folder.File("server.key"), Certificates.KeyPem(server) + "\n");
        File.Copy(_folder.File("enrolment.crt"), _folder.File("gateway-authorities.crt"));
        File.Copy(_folder.File("out/revoked.crl"), _folder.File("revoked.crl"));
        var fragment = File.ReadAllText(_folder.File("out/gateways.conf")).Replace("listener 8886", $"listener {_certificatePort} 127.0.0.1", StringComparison.Ordinal);
        _broker = await Mosquitto.StartAsync(_ => $"allow_anonymous false\npassword_file {_folder.File("out/passwd")}\nacl_file {_folder.File("out/telemetry.acl")}\npersistence false\n{fragment}");
    }

    public ValueTask DisposeAsync()
    {
        _broker?.Dispose();
        _authority?.Dispose();
        _files.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private static (int ExitCode, string Output, string Error) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = new RootCommand { CredentialCommand.Create() }.Parse(["credential", .. arguments]).Invoke(new InvocationConfiguration { Output = output, Error = error });
        return (exitCode, output.ToString(), error.ToString());
    }

    private X509Certificate2 Issue(string gateway, string file)
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var issued = new EnrolmentAuthority(_authority).Issue(gateway, new PublicKey(key), TimeProvider.System.GetUtcNow());
        File.WriteAllText(_folder.File(file + ".crt"), issued.ExportCertificatePem() + "\n");
        File.WriteAllText(_folder.File(file + ".key"), key.ExportPkcs8PrivateKeyPem() + "\n");
        return issued;
    }

    /// <summary>What mosquitto_pub says of a retained message, and its exit code; in MQTT 5 it hears of a refusal.</summary>
    private static async Task<(int ExitCode, string Said)> PublishAsync(int port, string topic, params string[] login)
    {
        using var process = Process.Start(new ProcessStartInfo("mosquitto_pub", ["-h", "localhost", "-p", $"{port}", "-V", "mqttv5", "-q", "1", "-r", "-t", topic, "-m", "x", .. login]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var said = await process.StandardError.ReadToEndAsync() + await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, said);
    }

    private string[] By(string file) => ["--cafile", _files.AuthorityFile, "--cert", _folder.File(file + ".crt"), "--key", _folder.File(file + ".key")];

    private static string[] By(string user, string password) => ["-u", user, "-P", password];

    [Fact]
    public async Task The_same_gateways_come_in_each_under_its_own_name_and_the_service_reads_them()
    {
        Assert.Equal(0, (await PublishAsync(_broker.Port, "telemetry/v1/gw-1/status", By("gw-1", Credentials.Password))).ExitCode);
        Issue("gw-3", "good").Dispose();
        Assert.Equal(0, (await PublishAsync(_certificatePort, "telemetry/v1/gw-3/status", By("good"))).ExitCode);
        using var service = Process.Start(new ProcessStartInfo("mosquitto_sub", ["-h", "localhost", "-p", $"{_broker.Port}", "-u", "telemetry", "-P", "of the service", "-t", "telemetry/v1/#", "-q", "1", "-C", "2", "-W", "20", "-F", "%t"]) { RedirectStandardOutput = true })!;
        var heard = await service.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Contains("telemetry/v1/gw-1/status", heard, StringComparison.Ordinal);
        Assert.Contains("telemetry/v1/gw-3/status", heard, StringComparison.Ordinal);

        // Another's topic, by password and by certificate.
        Assert.Contains("Not authorized", (await PublishAsync(_broker.Port, "telemetry/v1/gw-3/status", By("gw-1", Credentials.Password))).Said, StringComparison.Ordinal);
        Assert.Contains("Not authorized", (await PublishAsync(_certificatePort, "telemetry/v1/gw-1/status", By("good"))).Said, StringComparison.Ordinal);
        // A name that the gateways' file does not have, though its certificate is one of the authority's.
        Issue("gw-9", "stranger").Dispose();
        Assert.Contains("Not authorized", (await PublishAsync(_certificatePort, "telemetry/v1/gw-9/status", By("stranger"))).Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revoked_certificate_another_authoritys_none_and_a_wrong_password_stay_out_and_a_gateway_subscribes_to_nothing()
    {
        Assert.NotEqual(0, (await PublishAsync(_certificatePort, "telemetry/v1/gw-3/status", By("revoked"))).ExitCode);
        using var foreign = _files.IssueClient("CN=gw-3");
        File.WriteAllText(_folder.File("foreign.crt"), foreign.ExportCertificatePem() + "\n");
        File.WriteAllText(_folder.File("foreign.key"), Certificates.KeyPem(foreign) + "\n");
        Assert.NotEqual(0, (await PublishAsync(_certificatePort, "telemetry/v1/gw-3/status", By("foreign"))).ExitCode);
        Assert.NotEqual(0, (await PublishAsync(_certificatePort, "telemetry/v1/gw-3/status", "--cafile", _files.AuthorityFile)).ExitCode);
        Assert.NotEqual(0, (await PublishAsync(_broker.Port, "telemetry/v1/gw-1/status", By("gw-1", "wrong"))).ExitCode);
        Assert.Equal(0, (await PublishAsync(_broker.Port, "telemetry/v1/gw-1/status", By("gw-1", Credentials.Password))).ExitCode);
        using var nosy = Process.Start(new ProcessStartInfo("mosquitto_sub", ["-h", "localhost", "-p", $"{_broker.Port}", "-V", "mqttv5", "-u", "gw-1", "-P", Credentials.Password, "-t", "telemetry/v1/#", "-W", "1", "-d"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var heard = await nosy.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain("received PUBLISH", heard, StringComparison.Ordinal);
    }

    [Fact]
    public void What_could_not_be_written_is_said()
    {
        Assert.Contains("gw-2: the password handed in is not the one of the gateways' file", _remarks, StringComparison.Ordinal);
        Assert.DoesNotContain("gw-1", _remarks, StringComparison.Ordinal);
        Assert.DoesNotContain("mistyped", _remarks, StringComparison.Ordinal);
        var (exitCode, _, error) = Run("mosquitto", "--gateways", _folder.File("gateways.yaml"), "--out", _folder.File("second"));
        Assert.Equal(0, exitCode);
        Assert.Contains("gw-1: its password is not known here", error, StringComparison.Ordinal);
        Assert.Contains("still comes in at Mosquitto", error, StringComparison.Ordinal);
        Assert.Equal(1, Run("authority", _folder.Path).ExitCode);
    }
}
