using System.Text;
using Microsoft.Extensions.Configuration;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Tests.Decoding.Routes;

/// <summary>Which topic is written in which format, as the configuration says it, and who may publish there.</summary>
public class RouteTableTests
{
    private static (ServiceOptions Options, IReadOnlyList<string> Errors) Read(params (string Key, string Value)[] settings) =>
        OptionsReader.Read(new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, string? (setting) => setting.Value)).Build());

    [Fact]
    public void A_topic_finds_its_format_its_gateway_and_its_device()
    {
        var (options, errors) = Read(
            ("Formats:covers:Topic", "covers/{device}/up"), ("Formats:covers:Format", "raw"),
            ("Formats:dtu:Topic", "dtu/{gateway}/{device}"), ("Formats:dtu:Format", "raw"), ("Formats:dtu:Gateway", "never-taken"));
        Assert.Empty(errors);

        Assert.Equal("raw", options.Formats.Find("covers/mc-1/up"u8, out var gateway, out var device)!.Format.Name);
        Assert.Equal(("covers", "mc-1"), (gateway, device));
        Assert.NotNull(options.Formats.Find("dtu/gw-9/mc-2"u8, out gateway, out device));
        Assert.Equal(("gw-9", "mc-2"), (gateway, device));
        Assert.Null(options.Formats.Find("telemetry/v1/gw/tunnel/t-1"u8, out _, out _));
    }

    [Fact]
    public void What_comes_in_at_the_port_of_HJ_212_has_a_topic_for_its_dead_letters()
    {
        var (options, errors) = Read(("Hj212:Port", "9212"));
        Assert.Empty(errors);

        Assert.Equal(9212, options.Hj212Port);
        Assert.Equal("hj212", options.Formats.Find("hj212/MN1"u8, out var gateway, out _)!.Format.Name);
        Assert.Equal("MN1", gateway);
        Assert.Null(Read().Options.Formats.Find("hj212/MN1"u8, out _, out _));
    }

    [Theory]
    [InlineData("Formats:x:Topic", "hj212/+", "a filter that shares no topic with Formats:Hj212:Topic = hj212/{gateway}")]
    [InlineData("Hj212:Address", "0.0.0.0", "loopback")]
    [InlineData("Hj212:Port", "70000", "65535")]
    [InlineData("Hj212:Prot", "1", "did you mean Hj212:Port?")]
    public void A_mistake_about_HJ_212_says_what_would_be_right(string key, string value, string right)
    {
        var settings = new Dictionary<string, string> { ["Hj212:Port"] = "0", ["Formats:x:Topic"] = "x/+", ["Formats:x:Format"] = "hj212", [key] = value };
        var error = Assert.Single(Read([.. settings.Select(setting => (setting.Key, setting.Value))]).Errors);
        Assert.StartsWith($"{key} = {value}: ", error, StringComparison.Ordinal);
        Assert.Contains(right, error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_external_broker_is_asked_for_them_too()
    {
        var (options, errors) = Read(("Mqtt:External:Address", "broker:1883"), ("Formats:covers:Topic", "covers/{device}/up"), ("Formats:covers:Format", "raw"));
        Assert.Empty(errors);
        Assert.Equal(["telemetry/v1/#", "covers/+/up"], options.External!.Topics);
    }

    [Theory]
    [InlineData("Topic", "telemetry/v1/#", "Formats:x:Topic = telemetry/v1/#: a filter whose first level is a word other than telemetry")]
    [InlineData("Topic", "x/#/y", "Formats:x:Topic = x/#/y: an MQTT filter such as")]
    [InlineData("Topic", null, "Formats:x:Topic = : an MQTT filter such as")]
    [InlineData("Format", "row", "did you mean 'raw'?")]
    [InlineData("Format", null, "Formats:x:Format = : one of ")]
    [InlineData("Gateway", "a b", "Formats:x:Gateway = a b: 1 to 64 of")]
    [InlineData("Toppic", "x/y", "Formats:x:Toppic = x/y: unknown key")]
    public void A_mistake_says_what_would_be_right(string key, string? value, string right)
    {
        var settings = new Dictionary<string, string> { ["Topic"] = "x/{device}", ["Format"] = "raw" };
        if (value is null)
            settings.Remove(key);
        else
            settings[key] = value;
        var error = Assert.Single(Read([.. settings.Select(setting => ($"Formats:x:{setting.Key}", setting.Value))]).Errors);
        Assert.Contains(right, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_formats_for_one_topic_are_refused()
    {
        var error = Assert.Single(Read(
            ("Formats:a:Topic", "x/{device}"), ("Formats:a:Format", "raw"), ("Formats:b:Topic", "x/+"), ("Formats:b:Format", "raw")).Errors);
        Assert.Equal("Formats:b:Topic = x/+: a filter that shares no topic with Formats:a:Topic = x/{device}", error);
    }

    [Theory]
    [InlineData("dtu/gw-1/mc-1", true)]
    [InlineData("dtu/gw-2/mc-1", false)]
    [InlineData("covers/mc-1", true)]
    [InlineData("others/mc-1", false)]
    [InlineData("telemetry/v1/gw-1/tunnel/t-1", true)]
    [InlineData("telemetry/v1/gw-2/tunnel/t-1", false)]
    public void A_gateway_publishes_what_the_route_says_is_its_own(string topic, bool may)
    {
        var routes = Read(
            ("Formats:dtu:Topic", "dtu/{gateway}/{device}"), ("Formats:dtu:Format", "raw"),
            ("Formats:covers:Topic", "covers/{device}"), ("Formats:covers:Format", "raw"), ("Formats:covers:Gateway", "gw-1"),
            ("Formats:others:Topic", "others/{device}"), ("Formats:others:Format", "raw")).Options.Formats;
        Assert.Equal(may, new MqttLogin("gw-1", isGateway: true, () => true).MayPublish(Encoding.UTF8.GetBytes(topic), routes));
        Assert.False(new MqttLogin("gw-1", isGateway: false, () => true).MayPublish(Encoding.UTF8.GetBytes(topic), routes));
    }
}
