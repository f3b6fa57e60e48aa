using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Telemetry.Ingest.Gateways;
using Telemetry.Ingest.Gateways.Hj212;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Hosting;

/// <summary>The service's ports: which are opened, by which certificate, and how they are announced.</summary>
internal sealed partial class Listeners(ServiceOptions options)
{
    private ListenOptions? _mqtt;
    private ListenOptions? _mqtts;
    private ListenOptions? _http;
    private ListenOptions? _hj212;

    /// <summary>Once the host has started; 0 where there is no plain MQTT.</summary>
    public int MqttPort => _mqtt?.IPEndPoint!.Port ?? 0;

    public int HttpPort => _http!.IPEndPoint!.Port;

    public void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        HttpLimits.Apply(kestrel, HttpLimits.Headers);
        var services = kestrel.ApplicationServices;
        var security = services.GetRequiredService<SecurityParts>();
        var tls = services.GetRequiredService<TlsEndpoint>();
        var broker = services.GetRequiredService<EmbeddedBroker>();
        var mqttAddress = IPAddress.Parse(options.MqttAddress);
        if (options.HasEndpoint && options.Security.MqttPlain)
        {
            kestrel.Listen(mqttAddress, options.MqttPort, endpoint =>
            {
                _mqtt = endpoint;
                security.Gate.Use(endpoint);
                broker.Listen(endpoint);
            });
        }
        if (options.HasEndpoint && security.MqttCertificate is { } mqttCertificate)
        {
            kestrel.Listen(mqttAddress, options.Security.MqttTlsPort, endpoint =>
            {
                _mqtts = endpoint;
                security.Gate.Use(endpoint);
                tls.Use(endpoint, "mqtt", mqttCertificate, null, security.ClientAuthorities);
                broker.Listen(endpoint);
            });
        }
        if (options.Hj212Port is { } hj212Port)
        {
            kestrel.Listen(IPAddress.Parse(options.Hj212Address), hj212Port, endpoint =>
            {
                _hj212 = endpoint;
                services.GetRequiredService<Hj212Listener>().Listen(endpoint);
            });
        }
        kestrel.Listen(IPAddress.Parse(options.HttpAddress), options.HttpPort, endpoint =>
        {
            _http = endpoint;
            security.HttpGate.Use(endpoint);
            if (security.HttpCertificate is { } httpCertificate)
                tls.Use(endpoint, "http", httpCertificate, [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11], security.Enrolment is null ? null : security.ClientAuthorities);
        });
    }

    /// <summary>The lines that programs wait for, on standard output, and what an administrator should know.</summary>
    public void Announce(ILogger logger)
    {
        if (options.HasEndpoint && options.Security.GatewaysFile is null)
            LogOpenMqtt(logger);
        else if (_mqtt is not null && !IPAddress.IsLoopback(IPAddress.Parse(options.MqttAddress)))
            LogPlainMqtt(logger, options.MqttAddress);
        if (!options.Security.HasUsers)
            LogOpenHttp(logger);
        else if (options.Security.HttpCertificate is null && !IPAddress.IsLoopback(IPAddress.Parse(options.HttpAddress)))
            LogPlainHttp(logger, options.HttpAddress);
        if (_hj212 is not null && !IPAddress.IsLoopback(IPAddress.Parse(options.Hj212Address)))
            LogPlainHj212(logger, options.Hj212Address);
        if (_hj212 is not null)
            Console.WriteLine($"listening hj212={_hj212.IPEndPoint!.Port}");
        if (_mqtts is not null)
            Console.WriteLine($"listening mqtts={_mqtts.IPEndPoint!.Port}");
        Console.WriteLine($"listening mqtt={MqttPort} http={HttpPort}");
    }

    [LoggerMessage(LogLevel.Information, "MQTT is open to every program on this machine: no Security:GatewaysFile is configured")]
    private static partial void LogOpenMqtt(ILogger logger);

    [LoggerMessage(LogLevel.Information, "HTTP is open to every program on this machine, as administrator: neither Security:UsersFile nor Security:Accounts is configured")]
    private static partial void LogOpenHttp(ILogger logger);

    [LoggerMessage(LogLevel.Warning, "plain MQTT listens on {Address}: passwords and readings cross the network readable. Mqtt:Plain=false closes it once the gateways use TLS (Mqtt:Certificate)")]
    private static partial void LogPlainMqtt(ILogger logger, string address);

    [LoggerMessage(LogLevel.Warning, "HJ 212 listens on {Address}: its passwords and readings cross the network readable, since the standard knows no encryption. Let only the stations' own network reach this port")]
    private static partial void LogPlainHj212(ILogger logger, string address);

    [LoggerMessage(LogLevel.Warning, "plain HTTP listens on {Address}: tokens cross the network readable. Give Http:Certificate, or let only a proxy that ends TLS reach this port")]
    private static partial void LogPlainHttp(ILogger logger, string address);
}
