using MQTTnet.Adapter;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Server;

namespace Telemetry.Ingest.Gateways;

/// <summary>Where MQTTnet expects its connections from; Kestrel brings them.</summary>
internal sealed class BrokerListener : IMqttServerAdapter
{
    /// <summary>Set while the server runs.</summary>
    public Func<IMqttChannelAdapter, Task>? ClientHandler { get; set; }

    public Task StartAsync(MqttServerOptions options, IMqttNetLogger logger) => Task.CompletedTask;

    public Task StopAsync() => Task.CompletedTask;

    public void Dispose()
    {
    }
}
