using CsCheck;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Tests.Security;

/// <summary>Each mistake of a credential file comes with its line and what would be right, and never repeats a value that may be a secret.</summary>
public sealed class CredentialFileTests : IDisposable
{
    private const string Hash = "pbkdf2-sha256$210000$MDEyMzQ1Njc4OWFiY2RlZg==$MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    private static readonly string TokenHash = ApiToken.HashOf("tlm_x");

    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Write(string text)
    {
        File.WriteAllText(_folder.File("file.yaml"), text);
        return _folder.File("file.yaml");
    }

    [Fact]
    public void Gateways_are_read_with_comments_and_quotes()
    {
        var (list, errors) = GatewayFile.Read(Write($"# district east\ngateways:\n  gw-1: {Hash} # pump house\n  'gw:2': \"{Hash}\"\n"));
        Assert.Empty(errors);
        Assert.Equal(2, list!.Count);
        Assert.Equal(Hash, list.Find("gw:2")!.Password!.Text);
        Assert.Null(list.Find("gw-3"));
    }

    [Fact]
    public void A_gateways_certificate_its_devices_and_its_limits_are_read()
    {
        var print = string.Join(':', Enumerable.Repeat("ab", 32));
        var (list, errors) = GatewayFile.Read(Write($$"""
            gateways:
              gw-1: {certificate: any, revoked: ['serial:00:0a:1B', 'sha256:{{print}}'], devices: any}
              gw-2: {password: {{Hash}}, certificate: 'sha256:{{print}}', devices: own, rate: 50, message: 65536, connections: 2}
            """));
        Assert.Empty(errors);
        var (first, second) = (list!.Find("gw-1")!, list.Find("gw-2")!);
        var normal = "sha256:" + string.Concat(Enumerable.Repeat("AB", 32));
        Assert.Equal((null, "any", true), (first.Password, first.Certificate, first.AnyDevices));
        Assert.Equal(["serial:A1B", normal], first.Revoked);
        Assert.Equal((Hash, normal, false, 50, 65536, 2), (second.Password!.Text, second.Certificate, second.AnyDevices, second.Rate, second.MaxMessage, second.MaxConnections));
    }

    [Fact]
    public void Users_are_read_with_role_token_and_end()
    {
        var (list, errors) = UserFile.Read(Write($"users:\n  李:\n    role: operator\n    token: {TokenHash}\n    expires: 2027-01-01\n"));
        Assert.Empty(errors);
        var user = list!.FindByTokenHash(TokenHash)!;
        Assert.Equal(("李", Role.Operator), (user.Name, user.Role));
        Assert.Equal(new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero), user.Expires);
    }

    [Fact]
    public void Users_are_read_with_what_they_see()
    {
        var (list, errors) = UserFile.Read(Write($"users:\n  李: {{role: operator, token: {TokenHash}, districts: [西湖区, 'Dong, hu'], families: [gas_valve]}}\n"));
        Assert.Empty(errors);
        var scope = list!.FindByTokenHash(TokenHash)!.Scope;
        Assert.Equal(["西湖区", "Dong, hu"], scope.Districts);
        Assert.Equal(["gas_valve"], scope.Families);
    }

    [Theory]
    [InlineData("", 1, "expected gateways:")]
    [InlineData("gateways:\n", 1, "gateways: {} for none")]
    [InlineData("gateway:\n  gw-1: HASH\n", 1, "expected gateways:")]
    [InlineData("gateways:\n  gw-1: geheim-geheim\n", 2, "not a password hash")]
    [InlineData("gateways:\n  gw-1: pbkdf2-sha256$1000$MDEyMzQ1Njc4OWFiY2RlZg==$geheim=\n", 2, "210000")]
    [InlineData("gateways:\n  gw-1: pbkdf2-sha256$210000$geheim$geheim\n", 2, "cut short")]
    [InlineData("gateways:\n  gw-1: HASH\n  gw-1: HASH\n", 3, "stands twice: here and in line 2")]
    [InlineData("gateways:\n  gw/1: HASH\n", 2, "no gateway's name")]
    [InlineData("gateways:\n  gw-1:\n    password: geheim\n", 3, "expected pbkdf2")]
    [InlineData("gateways:\n  gw-1:\n    password:\n      geheim: x\n", 4, "nested too deep")]
    [InlineData("gateways:\n  gw-1: {devices: any}\n", 2, "nothing lets it in")]
    [InlineData("gateways:\n  gw-1: {certificate: none}\n", 2, "any, or sha256:")]
    [InlineData("gateways:\n  gw-1: {certificate: 'sha256:00FF'}\n", 2, "64 hex digits")]
    [InlineData("gateways:\n  gw-1: {certificate: [any]}\n", 2, "any, or sha256:")]
    [InlineData("gateways:\n  gw-1:\n    certificate: any\n    revoked: 'serial:0A'\n", 4, "a list in brackets")]
    [InlineData("gateways:\n  gw-1:\n    certificate: any\n    revoked: ['serial:XY']\n", 4, "a list in brackets")]
    [InlineData("gateways:\n  gw-1:\n    certificate: any\n    revoked: [[geheim]]\n", 4, "texts alone")]
    [InlineData("gateways:\n  gw-1: {certificate: any, devices: all}\n", 2, "own (those that the register places behind it")]
    [InlineData("gateways:\n  gw-1: {certificate: any, rate: 0}\n", 2, "a whole number from 1 to 1000000")]
    [InlineData("gateways:\n  gw-1: {certificate: any, message: 2MiB}\n", 2, "a whole number from 64 to 1048576")]
    [InlineData("gateways:\n  gw-1: {certificate: any, connection: 3}\n", 2, "did you mean 'connections'?")]
    [InlineData("gateways:\n  - gw-1: geheim\n", 2, "a list")]
    [InlineData("gateways:\n  gw-1: &a HASH\n  gw-2: *a\n", 2, "anchors")]
    [InlineData("gateways:\n  gw-1: \"HASH\n", 2, "not YAML")]
    [InlineData("gateways:\n  gw-1: HASH\n---\ngateways:\n  gw-2: HASH\n", 3, "second document")]
    public void A_mistake_of_the_gateways_file_is_named_with_its_line(string text, int line, string right)
    {
        var file = Write(text.Replace("HASH", Hash, StringComparison.Ordinal));
        var (list, errors) = GatewayFile.Read(file);
        Assert.Null(list);
        Assert.StartsWith($"{file}:{line}: ", errors[0], StringComparison.Ordinal);
        Assert.Contains(right, errors[0], StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", string.Join('\n', errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("users:\n  li: {token: TOKEN}\n", 2, "role is missing")]
    [InlineData("users:\n  li: {role: boss, token: TOKEN}\n", 2, "not one of viewer, operator, engineer, administrator")]
    [InlineData("users:\n  li: {role: viewer}\n", 2, "token is missing")]
    [InlineData("users:\n  li: {role: viewer, token: tlm_geheim}\n", 2, "the token itself must not stand here")]
    [InlineData("users:\n  li:\n    role: viewer\n    token: sha256$geheim\n", 4, "44 characters")]
    [InlineData("users:\n  li: {role: viewer, token: TOKEN, expires: soon}\n", 2, "a day such as 2027-01-01")]
    [InlineData("users:\n  li: {role: viewer, token: TOKEN, expire: 2027-01-01}\n", 2, "did you mean 'expires'?")]
    [InlineData("users:\n  li: {role: viewer, token: TOKEN}\n  wang: {role: viewer, token: TOKEN}\n", 3, "the same token as li")]
    [InlineData("users:\n  ' li': {role: viewer, token: TOKEN}\n", 2, "no blanks around it")]
    [InlineData("users:\n  li: {role: viewer, token: TOKEN, districts: []}\n", 2, "at least one name")]
    [InlineData("users:\n  li: {role: viewer, token: TOKEN, districts: west}\n", 2, "districts: a list")]
    [InlineData("users:\n  li: {role: viewer, token: TOKEN, families: [_]}\n", 2, "families: a list")]
    [InlineData("users:\n  li: {role: viewer, token: TOKEN, districts: [{a: b}]}\n", 2, "texts alone")]
    [InlineData("users:\n  li: {role: [viewer], token: TOKEN}\n", 2, "wrong 'role'")]
    [InlineData("users:\n  li: viewer\n", 2, "expected {role: ROLE")]
    [InlineData("users:\n", 1, "users: {} for none")]
    public void A_mistake_of_the_users_file_is_named_with_its_line(string text, int line, string right)
    {
        var file = Write(text.Replace("TOKEN", TokenHash, StringComparison.Ordinal));
        var (list, errors) = UserFile.Read(file);
        Assert.Null(list);
        Assert.StartsWith($"{file}:{line}: ", errors[0], StringComparison.Ordinal);
        Assert.Contains(right, errors[0], StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", string.Join('\n', errors), StringComparison.Ordinal);
    }

    [Fact]
    public void All_mistakes_come_at_once()
    {
        var (_, errors) = UserFile.Read(Write("users:\n  li: {role: boss}\n  wang: {role: viewer, token: x, expires: soon}\n"));
        Assert.Equal(4, errors.Count);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        var file = _folder.File("missing.yaml");
        Assert.StartsWith($"{file}:1: can't be read", Assert.Single(GatewayFile.Read(file).Errors), StringComparison.Ordinal);
        Assert.StartsWith($"{file}:1: can't be read", Assert.Single(UserFile.Read(file).Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Any_text_gives_a_list_or_errors_with_the_file_and_never_an_exception()
    {
        string[] pieces = ["gateways", "users", ":", ": ", "\n", "  ", "-", "{", "}", "[", "]", "'", "\"", "&a", "*a", "|", ">", "#", "!", "%", "---", "role", Hash, TokenHash, "\t", "?"];
        Gen.Int[0, pieces.Length - 1].Array[0, 30].Select(chosen => string.Concat(chosen.Select(i => pieces[i]))).Repeatably().Sample(
            text =>
            {
                var file = Write("gateways:\n  a: " + text);
                var gateways = GatewayFile.Read(file);
                var users = UserFile.Read(Write(text));
                Assert.Equal(gateways.List is null, gateways.Errors.Count > 0);
                Assert.Equal(users.List is null, users.Errors.Count > 0);
                Assert.All(gateways.Errors.Concat(users.Errors), error => Assert.StartsWith(file + ":", error, StringComparison.Ordinal));
            },
            iter: 2000,
            threads: 1);
    }

    [Fact]
    public void An_explicit_nobody_is_nobody()
    {
        Assert.Equal(0, GatewayFile.Read(Write("gateways: {}\n")).List!.Count);
        Assert.Equal(0, UserFile.Read(Write("users: {}\n")).List!.Count);
    }
}
