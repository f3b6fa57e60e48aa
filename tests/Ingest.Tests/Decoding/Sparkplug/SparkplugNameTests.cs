using System.Text;
using CsCheck;
using Google.Protobuf;
using Microsoft.Extensions.Configuration;
using Org.Eclipse.Tahu.Protobuf;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Decoding.Routes;
using Telemetry.Ingest.Decoding.Sparkplug;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Tests.Decoding.Sparkplug;

/// <summary>Topics, names, credentials, and what may be asked of a node.</summary>
public class SparkplugNameTests
{
    private static readonly Gen<string> AnyName = Gen.String[Gen.Char["ab02:%_ 井é"], 1, 5];

    [Theory]
    [InlineData("plant", "edge-1", "plant::edge-1", "plant/edge-1/pump")]
    [InlineData("My Group", "Edge Node", "My:20Group::Edge:20Node", "My%20Group/Edge%20Node/pump")]
    [InlineData("a:b", "c%", "a:3Ab::c:25", "a:b/c%25/pump")]
    [InlineData("泵", "1", ":E6:B3:B5::1", "%E6%B3%B5/1/pump")]
    public void A_node_has_one_name_as_a_gateway_and_its_devices_one_on_the_wire(string group, string node, string gateway, string wireId)
    {
        var topic = SparkplugTopic.Parse($"spBv1.0/{group}/DDATA/{node}/pump");
        Assert.Equal(gateway, topic.Gateway);
        Assert.Equal(wireId, SparkplugTopic.WireId(topic.Group, topic.Node, topic.Device));
    }

    [Theory]
    [InlineData("spBv1.0/+/NDATA/x")]
    [InlineData("spBv1.0/plant/NBIRTH/#")]
    [InlineData("spBv1.0/plant/DDATA/edge/a+b")]
    [InlineData("spBv1.0/plant/NDATA/a\0b")]
    public void A_name_that_no_request_could_be_sent_to_is_refused(string topic)
    {
        var error = Assert.Throws<MalformedMessageException>(() => SparkplugTopic.Parse(topic));
        Assert.Equal(RejectReason.BadTopic, error.Reason);
        Assert.Contains("no level may have +, # or NUL", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_nodes_never_have_one_name() =>
        Gen.Select(AnyName, AnyName, AnyName, AnyName).Repeatably().Sample((a, b, c, d) =>
            (a, b) == (c, d) || (SparkplugTopic.GatewayOf(a, b) != SparkplugTopic.GatewayOf(c, d) && SparkplugTopic.WireId(a, b, "x") != SparkplugTopic.WireId(c, d, "x")));

    [Theory]
    [InlineData("spBv1.0/plant/NBIRTH/edge", true)]
    [InlineData("spBv1.0/plant/DDATA/edge/pump", true)]
    [InlineData("spBv1.0/plant/NBIRTH/edge-2", false)]
    [InlineData("spBv1.0/plant::edge/NBIRTH/x", false)]
    [InlineData("spBv1.0/STATE/telemetry", false)]
    [InlineData("spBv1.0/plant", false)]
    public void A_node_with_credentials_publishes_as_itself_alone(string topic, bool may)
    {
        var routes = Read(("Formats:sites:Topic", "spBv1.0/#"), ("Formats:sites:Format", "sparkplug")).Options.Formats;
        Assert.Equal(may, new MqttLogin("plant::edge", isGateway: true, () => true).MayPublish(Encoding.UTF8.GetBytes(topic), routes));
    }

    [Theory]
    [InlineData("spBv1.0/STATE/telemetry", true)]
    [InlineData("spBv1.0/STATE/#", true)]
    [InlineData("spBv1.0/plant/NCMD/edge", true)]
    [InlineData("spBv1.0/plant/NCMD/edge/#", true)]
    [InlineData("spBv1.0/plant/DCMD/edge/+", true)]
    [InlineData("spBv1.0/plant/NCMD/other", false)]
    [InlineData("spBv1.0/plant/NCMD/+", false)]
    [InlineData("spBv1.0/+/NCMD/edge", false)]
    [InlineData("spBv1.0/plant/DDATA/edge/#", false)]
    [InlineData("spBv1.0/plant/NCMD/edge/a/b", false)]
    [InlineData("spBv1.0/#", false)]
    [InlineData("#", false)]
    public void A_node_hears_of_hosts_and_what_is_asked_of_itself(string filter, bool may) => Assert.Equal(may, SparkplugSubscription.IsAllowed(filter, "plant::edge"));

    [Fact]
    public void A_request_is_an_NCMD_with_nothing_but_the_rebirth_metric()
    {
        var request = new RebirthRequest("My Group", "edge", Decoded.Received);
        var payload = Payload.Parser.ParseFrom(request.Payload.Span);
        Assert.Equal("spBv1.0/My Group/NCMD/edge", request.Topic);
        Assert.Equal("""{ "timestamp": "1772323200000", "metrics": [ { "name": "Node Control/Rebirth", "timestamp": "1772323200000", "datatype": 11, "booleanValue": true } ] }""", JsonFormatter.Default.Format(payload));
        Assert.False(payload.HasSeq);
    }

    [Theory]
    [InlineData("Sparkplug:HostId", "a/b", "without / + #")]
    [InlineData("Sparkplug:HostId", "", "1 to 64")]
    [InlineData("Sparkplug:ReorderTimeout", "soon", "0s to 5m")]
    [InlineData("Sparkplug:ReorderTimeout", "10m", "0s to 5m")]
    public void A_mistake_says_what_would_be_right(string key, string value, string right) =>
        Assert.Contains(right, Assert.Single(Read(("Formats:p:Topic", "spBv1.0/#"), ("Formats:p:Format", "sparkplug"), (key, value)).Errors), StringComparison.Ordinal);

    [Fact]
    public void The_hosts_keys_need_a_route_of_Sparkplug() =>
        Assert.Contains("needs an entry Formats:NAME", Assert.Single(Read(("Sparkplug:HostId", "scada")).Errors), StringComparison.Ordinal);

    [Fact]
    public void The_host_is_configured()
    {
        var options = Read(("Formats:p:Topic", "spBv1.0/plant/#"), ("Formats:p:Format", "sparkplug"), ("Sparkplug:HostId", "scada"), ("Sparkplug:ReorderTimeout", "0s")).Options.Sparkplug;
        Assert.Equal(new SparkplugOptions { HostId = "scada", ReorderTimeout = TimeSpan.Zero }, options);
    }

    private static (ServiceOptions Options, IReadOnlyList<string> Errors) Read(params (string Key, string Value)[] settings) =>
        OptionsReader.Read(new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, string? (setting) => setting.Value)).Build());
}
