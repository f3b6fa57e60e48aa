using System.Diagnostics;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Decoding.Routes;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Gateways;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.Tests.Decoding;

namespace Telemetry.Ingest.Tests.Gateways;

/// <summary>The embedded broker on a free port, in front of a log under the test's hand.</summary>
internal sealed class TestBroker : IAsyncDisposable
{
    private readonly WebApplication _host;

    private TestBroker(AppendEntries? append, Func<Stats, MqttLogins>? logins, ILogger<EmbeddedBroker>? logger, RouteTable? routes, Action<ListenOptions>? tls, ConnectionGate? gate, TimeProvider time)
    {
        var known = logins?.Invoke(Stats);
        var tables = new DecodingTables(ATestFamily.Find, Devices, Stats, routes) { MayCarryAny = known is null ? null : known.MayCarryAny };
        Broker = new EmbeddedBroker(tables, append ?? Log.AppendAsync, () => StalledFor, () => Decoded.Received, time, logger ?? NullLogger<EmbeddedBroker>.Instance, known, gate);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint =>
        {
            gate?.Use(endpoint);
            tls?.Invoke(endpoint);
            Broker.Listen(endpoint);
        }));
        _host = builder.Build();
    }

    public RecordingLog Log { get; } = new();

    public Stats Stats { get; } = new();

    public DeviceDirectory Devices { get; } = new();

    public EmbeddedBroker Broker { get; }

    public TimeSpan StalledFor { get; set; }

    public int Port { get; private set; }

    /// <param name="append">A log of its own instead of <see cref="Log"/>.</param>
    /// <param name="logins">Credentials instead of open mode.</param>
    /// <param name="routes">Topics of other formats than the native one.</param>
    /// <param name="tls">What stands between the socket and MQTT.</param>
    public static async Task<TestBroker> StartAsync(
        AppendEntries? append = null, Func<Stats, MqttLogins>? logins = null, ILogger<EmbeddedBroker>? logger = null, RouteTable? routes = null, Action<ListenOptions>? tls = null,
        ConnectionGate? gate = null, TimeProvider? time = null)
    {
        var broker = new TestBroker(append, logins, logger, routes, tls, gate, time ?? TimeProvider.System);
        await broker.Broker.StartAsync();
        await broker._host.StartAsync();
        var address = broker._host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        broker.Port = new Uri(address).Port;
        return broker;
    }

    /// <summary>Runs mosquitto_pub; fails unless it says that everything went well.</summary>
    public async Task MosquittoPubAsync(string topic, string payload, params string[] arguments)
    {
        using var process = Start("mosquitto_pub", ["-p", $"{Port}", "-t", topic, "-s", .. arguments]);
        await process.StandardInput.WriteAsync(payload);
        process.StandardInput.Close();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"mosquitto_pub: {process.ExitCode} {error}");
    }

    /// <summary>Starts mosquitto_sub.</summary>
    public Process MosquittoSub(params string[] arguments) => Start("mosquitto_sub", ["-p", $"{Port}", .. arguments]);

    public RawClient Raw() => new(Port);

    public async ValueTask DisposeAsync()
    {
        await Broker.DisposeAsync();
        await _host.DisposeAsync();
    }

    private static Process Start(string program, string[] arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        StandardOutputEncoding = Encoding.UTF8,
    })!;
}
