using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Telemetry.Ingest.Gateways;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.Tests.Security;

namespace Telemetry.Ingest.Tests.Gateways;

/// <summary>Gateways that log in by a certificate, over TLS as the service has it: which one lets whom in.</summary>
public sealed class GatewayCertificateTests : IAsyncLifetime
{
    private const string Own = "telemetry/v1/gw-1/manhole_cover/mc-1";
    private const byte BadLogin = 0x86, NotAuthorized = 0x87;

    private readonly Certificates _files = new();
    private readonly Credentials _credentials = new();
    private TestBroker _broker = null!;

    public async ValueTask InitializeAsync()
    {
        _credentials.WriteGatewayLines("gw-1: {certificate: any}", $"gw-2: {Credentials.Hash}", $"gw-3: {{password: {Credentials.Hash}, certificate: any}}");
        _credentials.WriteUsers(Credentials.Line("li", "viewer", Credentials.Token));
        _files.Write("crl.pem", Pem(_files.RevocationList()));
        _credentials.Authority = new ClientAuthorityFiles(_files.AuthorityFile, Path.Combine(Path.GetDirectoryName(_files.AuthorityFile)!, "crl.pem"));
        using var own = _files.Issue();
        var server = CertificateReader.Read(new CertificateFiles("Mqtt:", _files.Write("server.pem", own.ExportCertificatePem() + "\n" + Certificates.KeyPem(own)), null, null), TimeProvider.System).Certificate!;
        SecurityParts parts = null!;
        var tls = new TlsEndpoint(TimeProvider.System, _credentials.Log.CreateLogger<TlsEndpoint>());
        _broker = await TestBroker.StartAsync(
            logins: stats => (parts = _credentials.Start(stats)).Mqtt!,
            logger: _credentials.Log.CreateLogger<EmbeddedBroker>(),
            tls: endpoint => tls.Use(endpoint, "mqtt", () => server, null, parts.ClientAuthorities));
    }

    public async ValueTask DisposeAsync()
    {
        await _broker.DisposeAsync();
        _credentials.Dispose();
        _files.Dispose();
    }

    private static string Pem(byte[] list) => PemEncoding.WriteString("X509 CRL", list);

    private long Refused(string reason) => _credentials.Failures.Counts.GetValueOrDefault(("mqtt", reason));

    private int Lines(string text) => _credentials.Log.All.Count(line => line.Contains(text, StringComparison.Ordinal));

    private async Task<RawClient> SecureAsync(X509Certificate2? shown, SslProtocols protocols = SslProtocols.None)
    {
        var authority = X509CertificateLoader.LoadCertificateFromFile(_files.AuthorityFile);
        return await _broker.Raw().SecureAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            EnabledSslProtocols = protocols,
            CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { authority }, RevocationMode = X509RevocationMode.NoCheck },
            ClientCertificateContext = shown is null ? null : SslStreamCertificateContext.Create(shown, null, offline: true),
        });
    }

    /// <summary>What CONNECT is answered.</summary>
    private async Task<byte> ConnectAsync(X509Certificate2? shown, string? user = null, string? password = null)
    {
        using var client = await SecureAsync(shown);
        return (await client.ConnectAsync("c-" + (user ?? shown!.Subject), version5: true, user: user, password: password))[1];
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_gateway_with_its_certificate_publishes_under_its_own_name(SslProtocols protocols)
    {
        using var shown = _files.IssueClient("CN=gw-1");
        using var gateway = await SecureAsync(shown, protocols);
        Assert.Equal(0, (await gateway.ConnectAsync("c", version5: true))[1]);
        await gateway.SendAsync(gateway.Publish(1, 1, RawClient.Value(1), Own), gateway.Publish(1, 2, RawClient.Value(2), "telemetry/v1/gw-2/manhole_cover/mc-2"));
        Assert.Equal([0, 1], await gateway.ReceiveAsync(RawClient.PubAck));
        Assert.Equal([0, 2, NotAuthorized], await gateway.ReceiveAsync(RawClient.PubAck));
        Assert.Equal([1], _broker.Log.Values);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(1)]
    public async Task TLS_1_1_and_1_0_are_refused(byte minor)
    {
        // By hand: today's clients no longer say that they know nothing newer. ECDHE_ECDSA with AES and SHA-1 over P-256, which those versions have.
        byte[] extensions = [0, 10, 0, 4, 0, 2, 0, 23, 0, 11, 0, 2, 1, 0];
        byte[] hello = [3, minor, .. new byte[32], 0, 0, 4, 0xC0, 0x09, 0xC0, 0x0A, 1, 0, 0, (byte)extensions.Length, .. extensions];
        byte[] handshake = [1, 0, 0, (byte)hello.Length, .. hello];
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _broker.Port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync((byte[])[22, 3, 1, 0, (byte)handshake.Length, .. handshake], TestContext.Current.CancellationToken);
        var alert = new byte[7];
        await client.GetStream().ReadExactlyAsync(alert, TestContext.Current.CancellationToken);
        // A fatal alert: protocol_version.
        Assert.Equal([21, 0, 2, 2, 70], (byte[])[alert[0], .. alert[3..]]);
        await Wait.ForAsync("the line", () => Lines("TLS handshake on the mqtt port failed") == 1);
    }

    [Fact]
    public async Task An_expired_certificate_is_refused() => await IsRefusedAsync(_files.IssueClient("CN=gw-1", -10, -1), "certificate_expired");

    [Fact]
    public async Task A_certificate_that_is_not_valid_yet_is_refused() => await IsRefusedAsync(_files.IssueClient("CN=gw-1", 1), "certificate_not_yet_valid");

    [Fact]
    public async Task A_self_signed_certificate_is_refused() => await IsRefusedAsync(_files.IssueClient("CN=gw-1", selfSigned: true), "certificate_untrusted");

    [Fact]
    public async Task A_certificate_of_a_foreign_authority_of_the_same_name_is_refused()
    {
        using var foreign = new Certificates();
        await IsRefusedAsync(foreign.IssueClient("CN=gw-1"), "certificate_untrusted");
    }

    [Fact]
    public async Task A_certificate_that_another_gateways_certificate_has_signed_is_refused()
    {
        using var between = _files.IssueClient("CN=gw-2", toDays: 40);
        // The framework itself would not sign by it.
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=gw-1", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(Certificates.ClientAuthentication)], false));
        var signer = X509SignatureGenerator.CreateForECDsa(between.GetECDsaPrivateKey()!);
        var forged = request.Create(between.SubjectName, signer, between.NotBefore, between.NotAfter, [1]).CopyWithPrivateKey(key);
        await IsRefusedAsync(forged, "certificate_untrusted");
    }

    [Fact]
    public async Task A_servers_certificate_lets_no_gateway_in() => await IsRefusedAsync(_files.IssueClient("CN=gw-1", purpose: Certificates.ServerAuthentication), "certificate_purpose");

    [Fact]
    public async Task A_certificate_without_a_purpose_lets_no_gateway_in() => await IsRefusedAsync(_files.IssueClient("CN=gw-1", purpose: null), "certificate_purpose");

    [Theory]
    [InlineData("CN=gw-1, CN=gw-3", "certificate_unnamed")]
    [InlineData("O=gw-1", "certificate_unnamed")]
    [InlineData("CN=gw-9", "unknown_name")]
    [InlineData("CN=gw-1/#", "unknown_name")]
    [InlineData("CN=+", "unknown_name")]
    [InlineData("CN=\"gw-1,CN=gw-3\"", "unknown_name")]
    [InlineData("CN=gw-2", "certificate_not_listed")]
    public async Task A_certificate_of_another_name_lets_nobody_in(string subject, string reason) => await IsRefusedAsync(_files.IssueClient(subject), reason);

    private async Task IsRefusedAsync(X509Certificate2 shown, string reason)
    {
        using (shown)
        {
            Assert.Equal(BadLogin, await ConnectAsync(shown));
            // A right password beside it helps nobody who shows a wrong one.
            if (reason.StartsWith("certificate_", StringComparison.Ordinal) && reason != "certificate_not_listed")
                Assert.Equal(BadLogin, await ConnectAsync(shown, "gw-2", Credentials.Password));
        }
        Assert.InRange(Refused(reason), 1, 2);
        Assert.InRange(Lines(reason), 1, 2);
        Assert.Empty(_broker.Log.Entries);
    }

    [Fact]
    public async Task A_gateway_of_certificates_does_not_get_in_by_password()
    {
        Assert.Equal(BadLogin, await ConnectAsync(null, "gw-1", Credentials.Password));
        Assert.Equal(1, Refused("certificate_needed"));
    }

    [Fact]
    public async Task A_certificate_is_good_for_its_own_user_name_alone()
    {
        using var shown = _files.IssueClient("CN=gw-1");
        Assert.Equal(0, await ConnectAsync(shown, "gw-1", "whatever the box insists on"));
        Assert.Equal(BadLogin, await ConnectAsync(shown, "gw-2", Credentials.Password));
        Assert.Equal(1, Refused("wrong_name"));
    }

    [Fact]
    public async Task A_gateway_that_has_both_comes_in_by_either()
    {
        using var shown = _files.IssueClient("CN=gw-3");
        Assert.Equal(0, await ConnectAsync(shown));
        Assert.Equal(0, await ConnectAsync(null, "gw-3", Credentials.Password));
        // And one whose line knows no certificate keeps to its password, though it shows one.
        using var unlisted = _files.IssueClient("CN=gw-2");
        Assert.Equal(0, await ConnectAsync(unlisted, "gw-2", Credentials.Password));
    }

    [Fact]
    public async Task A_person_comes_in_by_TLS_with_a_token() => Assert.Equal(0, await ConnectAsync(null, "li", Credentials.Token));

    [Fact]
    public async Task One_fingerprint_alone_can_be_let_in()
    {
        using var shown = _files.IssueClient("CN=gw-1");
        using var other = _files.IssueClient("CN=gw-1");
        _credentials.WriteGatewayLines($"gw-1: {{certificate: '{ClientAuthorities.FingerprintOf(shown).ToLowerInvariant()}'}}");
        await TakenAsync();
        Assert.Equal(0, await ConnectAsync(shown));
        Assert.Equal(BadLogin, await ConnectAsync(other));
        Assert.Equal(1, Refused("certificate_not_listed"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_certificate_revoked_in_the_gateways_file_is_out_at_once_and_stays_out(bool bySerial)
    {
        using var shown = _files.IssueClient("CN=gw-1");
        using var another = _files.IssueClient("CN=gw-1");
        using var goes = await SecureAsync(shown);
        Assert.Equal(0, (await goes.ConnectAsync("c", version5: true))[1]);
        using var stays = await SecureAsync(another);
        Assert.Equal(0, (await stays.ConnectAsync("d", version5: true))[1]);
        _credentials.WriteGatewayLines($"gw-1: {{certificate: any, revoked: ['{(bySerial ? "serial:" + shown.SerialNumber : ClientAuthorities.FingerprintOf(shown))}']}}");
        Assert.Equal(NotAuthorized, (await goes.ReceiveAsync(RawClient.Disconnect))[0]);
        await stays.NothingIsSaidAsync();
        Assert.Equal(BadLogin, await ConnectAsync(shown));
        Assert.Equal(1, Refused("certificate_revoked"));
    }

    [Fact]
    public async Task A_certificate_on_its_authoritys_list_is_out_at_once_and_stays_out()
    {
        using var shown = _files.IssueClient("CN=gw-1");
        using var gateway = await SecureAsync(shown);
        Assert.Equal(0, (await gateway.ConnectAsync("c", version5: true))[1]);
        _files.Write("crl.pem", Pem(_files.RevocationList(shown)));
        Assert.Equal(NotAuthorized, (await gateway.ReceiveAsync(RawClient.Disconnect))[0]);
        Assert.Equal(BadLogin, await ConnectAsync(shown));
        Assert.Equal(1, Refused("certificate_revoked"));
        using var another = _files.IssueClient("CN=gw-1");
        Assert.Equal(0, await ConnectAsync(another));
    }

    [Fact]
    public async Task A_list_that_a_stranger_has_signed_is_refused_and_the_old_one_stays_in_force()
    {
        using var shown = _files.IssueClient("CN=gw-1");
        using var foreign = new Certificates();
        _files.Write("crl.pem", Pem(foreign.RevocationList(shown)));
        await Wait.ForAsync("the refusal", () => Lines("signed by none of the authorities") == 1);
        Assert.Equal(0, await ConnectAsync(shown));
    }

    private Task TakenAsync() => Wait.ForAsync("the changed file", () => Lines("has changed and is in force") == 1);
}
