using System.CommandLine;
using System.Text;
using System.Text.Json;
using Telemetry.Ingest.Commands;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Tests.Commands;

/// <summary>What the command prints is what the service reads.</summary>
public sealed class CredentialCommandTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    private static (int ExitCode, string Output, string Error) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = new RootCommand { CredentialCommand.Create() }.Parse(["credential", .. arguments]).Invoke(new InvocationConfiguration { Output = output, Error = error });
        return (exitCode, output.ToString(), error.ToString());
    }

    private string Write(string root, string line)
    {
        File.WriteAllText(_folder.File("file.yaml"), $"{root}:\n  {line}\n");
        return _folder.File("file.yaml");
    }

    [Fact]
    public void An_enrolment_code_stands_as_a_hash_in_the_line_that_the_service_reads()
    {
        var (exitCode, output, _) = Run("enrol", "gw-7", "--valid", "15m", "--json");
        Assert.Equal(0, exitCode);
        var made = JsonDocument.Parse(output).RootElement;
        var (list, errors) = GatewayFile.Read(Write("gateways", made.GetProperty("line").GetString()!));
        Assert.Empty(errors);
        var code = made.GetProperty("secret").GetString()!;
        Assert.Equal("gw-7", list!.FindByCode(Telemetry.Ingest.Security.Enrolment.EnrolmentCode.HashOf(code)!)!.Value.Name);
        Assert.Null(list.FindByCode(Telemetry.Ingest.Security.Enrolment.EnrolmentCode.HashOf(Telemetry.Ingest.Security.Enrolment.EnrolmentCode.New())!));
        Assert.DoesNotContain(code, made.GetProperty("line").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, Run("enrol", "gw-7", "--valid", "60d").ExitCode);
        Assert.Equal(2, Run("enrol", "gw/7").ExitCode);
    }

    [Theory]
    [InlineData("gw-1")]
    [InlineData("gw:1:")]
    [InlineData("007")]
    public void A_gateways_line_verifies_the_password_that_was_printed(string name)
    {
        var (exitCode, output, _) = Run("gateway", name, "--json");
        var made = JsonDocument.Parse(output).RootElement;
        Assert.Equal(0, exitCode);
        var (list, errors) = GatewayFile.Read(Write("gateways", made.GetProperty("line").GetString()!));
        Assert.Empty(errors);
        Assert.True(list!.Find(name)!.Password!.Verify(Encoding.UTF8.GetBytes(made.GetProperty("secret").GetString()!)));
    }

    [Theory]
    [InlineData("li", null)]
    [InlineData("李 伟: 'x'", "2027-01-01T08:00:00+08:00")]
    public void A_persons_line_finds_the_token_that_was_printed(string name, string? expires)
    {
        var (exitCode, output, _) = Run(["token", name, "--role", "engineer", "--json", .. expires is null ? Array.Empty<string>() : ["--expires", expires]]);
        var made = JsonDocument.Parse(output).RootElement;
        Assert.Equal(0, exitCode);
        var (list, errors) = UserFile.Read(Write("users", made.GetProperty("line").GetString()!));
        Assert.Empty(errors);
        var user = list!.FindByTokenHash(ApiToken.HashOf(made.GetProperty("secret").GetString()!))!;
        Assert.Equal((name, Role.Engineer, expires is not null), (user.Name, user.Role, user.Expires is not null));
    }

    [Fact]
    public void As_text_the_secret_stands_there_once_and_the_line_below_it()
    {
        var (_, output, _) = Run("token", "li", "--role", "viewer");
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("  tlm_", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("  li: {role: viewer, token: sha256$", lines[3], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no gateway's name", "gateway", "gw/1")]
    [InlineData("not one of viewer, operator, engineer, administrator", "token", "li", "--role", "boss")]
    [InlineData("2027-01-01", "token", "li", "--role", "viewer", "--expires", "soon")]
    [InlineData("no blanks", "token", " li", "--role", "viewer")]
    public void Wrong_usage_is_named(string right, params string[] arguments)
    {
        var (exitCode, output, error) = Run(arguments);
        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains(right, error, StringComparison.Ordinal);
    }
}
