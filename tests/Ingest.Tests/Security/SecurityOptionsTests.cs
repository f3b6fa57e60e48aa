using Microsoft.Extensions.Configuration;
using Telemetry.Ingest.Hosting;

namespace Telemetry.Ingest.Tests.Security;

/// <summary>Which keys of credentials and certificates go together.</summary>
public sealed class SecurityOptionsTests : IDisposable
{
    private readonly Credentials _credentials = new();

    public SecurityOptionsTests()
    {
        _credentials.WriteGateways("gw-1");
        _credentials.WriteUsers(Credentials.Line("li", "viewer", Credentials.Token));
    }

    public void Dispose() => _credentials.Dispose();

    private (ServiceOptions Options, IReadOnlyList<string> Errors) Read(params string[] pairs) =>
        OptionsReader.Read(new ConfigurationBuilder().AddInMemoryCollection(pairs.Select(pair => pair.Replace("GATEWAYS", _credentials.GatewaysFile, StringComparison.Ordinal).Replace("USERS", _credentials.UsersFile, StringComparison.Ordinal).Split('=', 2))
            .Select(pair => new KeyValuePair<string, string?>(pair[0], pair[1]))).Build());

    [Fact]
    public void With_both_files_both_doors_may_be_open_to_the_network()
    {
        var (options, errors) = Read("Security:GatewaysFile=GATEWAYS", "Security:UsersFile=USERS", "Mqtt:Address=0.0.0.0", "Http:Address=0.0.0.0");
        Assert.Empty(errors);
        Assert.Equal((1, 1), (options.Security.Gateways.Count, options.Security.Users.Count));
    }

    [Theory]
    [InlineData("loopback", "Mqtt:Address=0.0.0.0", "Security:UsersFile=USERS")]
    [InlineData("loopback", "Http:Address=0.0.0.0", "Security:GatewaysFile=GATEWAYS")]
    [InlineData("name Mqtt:Certificate", "Mqtt:Plain=false")]
    [InlineData("true or false", "Mqtt:Plain=no")]
    [InlineData("without Mqtt:Certificate there is no TLS", "Mqtt:TlsPort=8883")]
    [InlineData("Mqtt:Certificate is missing", "Mqtt:CertificateKey=key.pem")]
    [InlineData("Mqtt:ClientAuthority is missing", "Mqtt:ClientRevocationList=list.pem")]
    [InlineData("can't be read", "Http:Certificate=/nowhere.pem")]
    [InlineData("can't be read", "Security:UsersFile=/nowhere.yaml")]
    [InlineData("can't be read", "Security:GatewaysFile=")]
    [InlineData("leave this or Demo out", "Demo=true", "Security:UsersFile=USERS")]
    [InlineData("did you mean Security:UsersFile?", "Security:UserFile=USERS")]
    [InlineData("known here: Data:Path", "Data:Whereabouts=/var")]
    [InlineData("the sections are Data, ", "Storage:Directory=/var")]
    public void What_does_not_go_together_is_named_once(string right, params string[] pairs)
    {
        var error = Assert.Single(Read(pairs).Errors);
        Assert.Contains(right, error, StringComparison.Ordinal);
        Assert.Contains(pairs.Select(pair => pair.Split('=')[0]), key => error.StartsWith(key, StringComparison.Ordinal));
    }
}
