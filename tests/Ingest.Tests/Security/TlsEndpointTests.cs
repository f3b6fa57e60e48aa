using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Tests.Security;

/// <summary>A TLS endpoint that says hello: who gets as far as that.</summary>
public sealed class TlsEndpointTests : IAsyncLifetime
{
    private readonly Certificates _files = new();
    private readonly LogLines _log = new();
    private readonly TlsEndpoint _tls;
    private WebApplication _host = null!;
    private ServerCertificate _certificate = null!;
    private int _port;
    private int _reached;

    public TlsEndpointTests() => _tls = new TlsEndpoint(TimeProvider.System, _log.CreateLogger<TlsEndpoint>());

    public async ValueTask InitializeAsync()
    {
        _certificate = Load(_files.Issue());
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint =>
        {
            _tls.Use(endpoint, "mqtt", () => _certificate, null);
            endpoint.Run(async connection =>
            {
                Interlocked.Increment(ref _reached);
                await connection.Transport.Output.WriteAsync("hello"u8.ToArray());
            });
        }));
        _host = builder.Build();
        await _host.StartAsync();
        _port = new Uri(_host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _log.Dispose();
        _files.Dispose();
    }

    private ServerCertificate Load(X509Certificate2 own)
    {
        using (own)
        {
            var file = _files.Write("own.pem", own.ExportCertificatePem() + "\n" + Certificates.KeyPem(own));
            return CertificateReader.Read(new CertificateFiles("Mqtt:", file, null, null), TimeProvider.System).Certificate!;
        }
    }

    /// <summary>What the server says, and the serial number of its certificate.</summary>
    private async Task<(string Said, string Serial)> CallAsync(SslProtocols protocols = SslProtocols.None, string? applicationProtocol = null)
    {
        using var authority = X509CertificateLoader.LoadCertificateFromFile(_files.AuthorityFile);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _port, TestContext.Current.CancellationToken);
        await using var stream = new SslStream(client.GetStream());
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                EnabledSslProtocols = protocols,
                ApplicationProtocols = applicationProtocol is null ? null : [new SslApplicationProtocol(applicationProtocol)],
                CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { authority }, RevocationMode = X509RevocationMode.NoCheck },
            },
            TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        return (await reader.ReadToEndAsync(TestContext.Current.CancellationToken), stream.RemoteCertificate!.GetSerialNumberString());
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task TLS_1_2_and_1_3_come_in(SslProtocols protocols)
    {
        Assert.Equal("hello", (await CallAsync(protocols)).Said);
        Assert.Empty(_tls.Failures);
    }

    [Fact]
    public async Task A_client_that_names_an_application_protocol_comes_in_too() => Assert.Equal("hello", (await CallAsync(applicationProtocol: "mqtt")).Said);

    [Fact]
    public async Task Plain_bytes_are_closed_upon_counted_each_and_logged_once()
    {
        for (var i = 1; i <= 3; i++)
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, _port, TestContext.Current.CancellationToken);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes("\x10\x0f\0\x04MQTT\x04\x02\0\x3c\0\x03cut"), TestContext.Current.CancellationToken);
            using var deadline = new CancellationTokenSource(Wait.Longest);
            try
            {
                while (await client.GetStream().ReadAsync(new byte[100], deadline.Token) > 0)
                {
                    // A TLS alert.
                }
            }
            catch (IOException)
            {
                // Reset.
            }
        }
        await Wait.ForAsync("three failures", () => Task.FromResult(_tls.Failures.GetValueOrDefault("mqtt")), count => count == 3);
        Assert.Single(_log.All);
        Assert.Equal(0, _reached);
    }

    [Fact]
    public async Task A_new_certificate_serves_from_the_next_handshake_on()
    {
        var before = (await CallAsync()).Serial;
        _certificate = Load(_files.Issue());
        Assert.NotEqual(before, (await CallAsync()).Serial);
    }
}
