using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Decoding.Routes;
using Telemetry.Ingest.Decoding.Sparkplug;
using Telemetry.Ingest.Gateways;
using Telemetry.Ingest.Tests.Decoding;

namespace Telemetry.Ingest.Tests.Gateways;

/// <summary>A route of Sparkplug and the host that asks its nodes, as the service has them.</summary>
internal sealed class SparkplugPlant
{
    public const string StateTopic = "spBv1.0/STATE/telemetry";

    /// <summary>A payload with nothing but <c>seq</c> = 1, which is text as well.</summary>
    public const string AnyData = "\u0018\u0001";

    public SparkplugPlant()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Formats:sites:Topic", "spBv1.0/#"), new("Formats:sites:Format", "sparkplug")]).Build();
        Routes = RouteTable.Read(configuration, (key, value, right) => Assert.Fail($"{key} = {value}: {right}"));
        var nodes = ((SparkplugFormat)Routes.All[0].Format).Nodes;
        Host = new SparkplugHost([nodes], new SparkplugOptions(), () => Decoded.Received, TimeProvider.System, NullLogger<SparkplugHost>.Instance);
    }

    public RouteTable Routes { get; }

    public SparkplugHost Host { get; }

    public static string State(bool online) => $$"""{"online":{{(online ? "true" : "false")}},"timestamp":{{Decoded.Received}}}""";

    /// <summary>As mosquitto_sub's <c>%x</c> shows it.</summary>
    public static string StateHex(bool online) => Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(State(online)));

    /// <summary>As mosquitto_sub's <c>%t %q %r %x</c> shows a request to <c>plant/edge</c>.</summary>
    public static string Request { get; } = $"spBv1.0/plant/NCMD/edge 0 0 {Convert.ToHexStringLower(new RebirthRequest("plant", "edge", Decoded.Received).Payload.Span)}";
}
