using Microsoft.Extensions.Configuration;
using Telemetry.Ingest.Gateways.External;
using Telemetry.Ingest.Hosting;

namespace Telemetry.Ingest.Tests.Gateways.External;

public class ExternalOptionsTests
{
    [Theory]
    [InlineData("broker", "mqtt://broker:1883")]
    [InlineData("broker:1884", "mqtt://broker:1884")]
    [InlineData("10.1.2.3:1884", "mqtt://10.1.2.3:1884")]
    [InlineData("mqtt://broker", "mqtt://broker:1883")]
    [InlineData("mqtts://broker", "mqtts://broker:8883")]
    [InlineData("mqtts://broker.city.example:1234/", "mqtts://broker.city.example:1234")]
    [InlineData("mqtt://[::1]:1884", "mqtt://[::1]:1884")]
    public void An_address_is_a_host_with_a_port_or_a_URL(string text, string address)
    {
        var (options, errors) = Read(("Address", text));

        Assert.Empty(errors);
        Assert.Equal(address, options.External!.Address);
    }

    [Theory]
    [InlineData("http://broker")]
    [InlineData("mqtt://user:secret@broker")]
    [InlineData("mqtt://broker/topic")]
    [InlineData("broker:abc")]
    [InlineData("broker:0")]
    [InlineData("")]
    public void What_is_no_address_is_named(string text) => Assert.Contains(Read(("Address", text)).Errors, error => error.StartsWith("Mqtt:External:Address = ", StringComparison.Ordinal));

    [Theory]
    [InlineData("Topic", "telemetry/v1/#", true)]
    [InlineData("Topic", "telemetry/v1/gw-1/#, $share/group/telemetry/v1/+/tunnel/+", true)]
    [InlineData("Topic", "#", false)]
    [InlineData("Topic", "alarms/v1/#", false)]
    [InlineData("Topic", "telemetry/v1/", false)]
    [InlineData("Topic", "telemetry/v1/#/x", false)]
    [InlineData("Topic", "telemetry/v1/a+", false)]
    [InlineData("Topic", "$share/telemetry/v1/#", false)]
    [InlineData("Topic", ",", false)]
    [InlineData("Window", "1", true)]
    [InlineData("Window", "65535", true)]
    [InlineData("Window", "0", false)]
    [InlineData("Window", "65536", false)]
    [InlineData("ClientId", "", false)]
    [InlineData("PasswordFile", "/etc/hostname", false)]
    [InlineData("CaFile", "/etc/hostname", false)]
    [InlineData("Adress", "x", false)]
    public void A_value_is_taken_or_named(string key, string value, bool taken)
    {
        var (_, errors) = Read(("Address", "broker"), (key, value));

        if (taken)
            Assert.Empty(errors);
        else
            Assert.Contains(errors, error => error.StartsWith($"Mqtt:External:{key} = ", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_an_address_nothing_else_has_a_meaning() =>
        Assert.Contains("Mqtt:External:Address", Assert.Single(Read(("User", "telemetry")).Errors), StringComparison.Ordinal);

    [Fact]
    public void The_endpoint_of_our_own_is_open_beside_a_broker_only_where_its_port_is_given()
    {
        Assert.False(Read(("Address", "broker")).Options.HasEndpoint);
        Assert.True(OptionsReader.Read(Configuration(("Mqtt:External:Address", "broker"), ("Mqtt:Port", "0"))).Options.HasEndpoint);
        Assert.True(OptionsReader.Read(Configuration()).Options.HasEndpoint);
        Assert.Contains(OptionsReader.Read(Configuration(("Mqtt:External:Address", "broker"), ("Demo", "true"))).Errors, error => error.StartsWith("Demo = ", StringComparison.Ordinal));
    }

    private static (ServiceOptions Options, IReadOnlyList<string> Errors) Read(params (string Key, string Value)[] values) =>
        OptionsReader.Read(Configuration([.. values.Select(value => ($"Mqtt:External:{value.Key}", value.Value))]));

    private static IConfiguration Configuration(params (string Key, string Value)[] values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values.Select(value => new KeyValuePair<string, string?>(value.Key, value.Value))).Build();
}
