using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Decoding.Routes;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Gateways.Hj212;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.Tests.Decoding;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Gateways.Hj212;

/// <summary>The listener on a free port, in front of a log under the test's hand. Of its register's stations the channel is the field <c>w00000-Rtd</c>.</summary>
internal sealed class TestStations : IAsyncDisposable
{
    private readonly WebApplication _host;

    private TestStations(Func<Stats, MqttLogins>? logins, GatewayLimits limits)
    {
        var devices = new DeviceDirectory();
        foreach (var station in new[] { "MN1", "MN2" })
            devices.Set(new Device { Id = station, Family = "manhole_cover" });
        var routes = RouteTable.Read(new ConfigurationBuilder().AddInMemoryCollection([new("Hj212:Port", "0")]).Build(), (key, value, right) => Assert.Fail($"{key} = {value}: {right}"));
        var family = (ATestFamily.Cover with { Channels = [new Channel { Name = "w00000-Rtd", Index = 0, Type = ChannelType.Number, Unit = "m", Title = new("", "") }] }).Indexed();
        Gate = new ConnectionGate(limits, Time, NullLogger.Instance);
        Listener = new Hj212Listener(
            new DecodingTables(_ => family, devices, Stats, routes), Log.AppendAsync, () => Decoded.Received, Time, NullLogger<Hj212Listener>.Instance, Gate, logins?.Invoke(Stats));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, Listener.Listen));
        _host = builder.Build();
    }

    public RecordingLog Log { get; } = new();

    public Stats Stats { get; } = new();

    public FakeTimeProvider Time { get; } = new();

    public ConnectionGate Gate { get; }

    public Hj212Listener Listener { get; }

    /// <param name="logins">Credentials instead of open mode.</param>
    public static async Task<TestStations> StartAsync(Func<Stats, MqttLogins>? logins = null, GatewayLimits? limits = null)
    {
        var stations = new TestStations(logins, limits ?? new GatewayLimits());
        await stations._host.StartAsync();
        return stations;
    }

    public Station Connect() => new(new Uri(_host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port);

    public async ValueTask DisposeAsync()
    {
        Listener.Stop();
        await _host.DisposeAsync();
        Listener.Dispose();
    }
}
