using System.Net;
using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.Security.Enrolment;

namespace Telemetry.Ingest.Tests.Security.Enrolment;

/// <summary>A gateway gets its certificate over HTTPS: once for a code, and then for the certificate before.</summary>
public sealed class EnrolmentTests : IAsyncLifetime
{
    private readonly TempDirectory _folder = new();
    private readonly Certificates _files = new();
    private readonly Credentials _credentials = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly string _code = EnrolmentCode.New();
    private WebApplication _host = null!;
    private SecurityParts _parts = null!;

    public async ValueTask InitializeAsync()
    {
        using var authority = EnrolmentAuthority.New("Test enrolment", TimeProvider.System.GetUtcNow());
        File.WriteAllText(_folder.File("ca.crt"), authority.ExportCertificatePem());
        File.WriteAllText(_folder.File("ca.key"), Certificates.KeyPem(authority));
        WriteGateways();
        await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _credentials.Dispose();
        _files.Dispose();
        _folder.Dispose();
    }

    private void WriteGateways(string more = "") => _credentials.WriteGatewayLines(
        $"gw-7: {{certificate: any, enrol: {EnrolmentCode.HashOf(_code)}, enrol_until: '{_time.GetUtcNow().AddHours(24):yyyy-MM-dd'T'HH:mm:ssZ}'{more}}}");

    private async Task StartAsync()
    {
        _credentials.Authority = new ClientAuthorityFiles(null, null, _folder.File("ca.crt"));
        _credentials.Issuer = (EnrolmentAuthority.Read(_folder.File("ca.crt"), _folder.File("ca.key"), _time).Authority!, _folder.File("enrolled.jsonl"));
        _parts = _credentials.Start(new Stats(), _time);
        using var own = _files.Issue();
        var server = CertificateReader.Read(new CertificateFiles("Http:", _files.Write("server.pem", own.ExportCertificatePem() + "\n" + Certificates.KeyPem(own)), null, null), TimeProvider.System).Certificate!;
        var tls = new TlsEndpoint(_time, _credentials.Log.CreateLogger<TlsEndpoint>());
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(_parts);
        builder.Services.ConfigureHttpJsonOptions(json => ApiJson.Apply(json.SerializerOptions));
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint =>
            tls.Use(endpoint, "http", () => server, [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11], _parts.ClientAuthorities)));
        _host = builder.Build();
        ErrorResponses.Use(_host);
        EnrolRoutes.Map(_host);
        await _host.StartAsync();
    }

    private static string Request(AsymmetricAlgorithm key, string subject = "CN=gw-1, O=Whatever the gateway claims")
    {
        var request = key is RSA rsa ? new CertificateRequest(subject, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) : new CertificateRequest(subject, (ECDsa)key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSigningRequestPem();
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(string path, object body, X509Certificate2? shown = null)
    {
        using var authority = X509CertificateLoader.LoadCertificateFromFile(_files.AuthorityFile);
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { authority }, RevocationMode = X509RevocationMode.NoCheck };
        if (shown is not null)
            handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(shown, null, offline: true);
        using var client = new HttpClient(handler) { BaseAddress = new Uri($"https://localhost:{new Uri(_host.Urls.Single()).Port}/") };
        using var response = await client.PostAsJsonAsync(new Uri(path, UriKind.Relative), body, TestContext.Current.CancellationToken);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement);
    }

    private Task<(HttpStatusCode Status, JsonElement Body)> EnrolAsync(string? code, string? csr) => SendAsync("enrol/v1", new { code, csr });

    private static X509Certificate2 Certificate(JsonElement body) => X509Certificate2.CreateFromPem(body.GetProperty("certificate").GetString());

    private long Refused(string reason) => _credentials.Failures.Counts.GetValueOrDefault(("enrol", reason));

    [Fact]
    public async Task A_code_gives_a_certificate_of_the_gateways_name_whatever_the_request_says_and_it_renews_itself()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (status, body) = await EnrolAsync(_code.ToLowerInvariant().Replace('-', ' '), Request(key));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("gw-7", body.GetProperty("gateway").GetString());
        using var first = Certificate(body).CopyWithPrivateKey(key);
        Assert.Equal("CN=gw-7", first.Subject);
        Assert.False(first.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority);
        Assert.Equal(397, Math.Round((first.NotAfter - TimeProvider.System.GetUtcNow()).TotalDays));

        // It is one that lets the gateway in, and is worth the next.
        using var next = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        (status, body) = await SendAsync("enrol/v1/renew", new { csr = Request(next) }, first);
        Assert.Equal(HttpStatusCode.OK, status);
        using var second = Certificate(body);
        Assert.Equal(("CN=gw-7", true), (second.Subject, second.SerialNumber != first.SerialNumber));
        Assert.Equal(2, _parts.Enrolment!.Issued.Count);
    }

    [Fact]
    public async Task A_code_is_spent_once_even_by_two_requests_at_the_same_time_and_stays_spent_over_a_restart()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request(key);
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => EnrolAsync(_code, request)));
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
        Assert.Equal(5, answers.Count(answer => answer.Status == HttpStatusCode.Forbidden && answer.Body.GetProperty("reason").GetString() == "code"));
        await _host.DisposeAsync();
        await StartAsync();
        var spent = await EnrolAsync(_code, request);
        // Neither does an unknown one sound any different.
        var unknown = await EnrolAsync(EnrolmentCode.New(), request);
        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (spent.Status, unknown.Status));
        Assert.Equal(spent.Body.GetRawText(), unknown.Body.GetRawText());
        Assert.Single(_parts.Enrolment!.Issued);
    }

    [Fact]
    public async Task An_expired_code_is_refused_like_an_unknown_one()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _time.Advance(TimeSpan.FromHours(25));
        var (status, body) = await EnrolAsync(_code, Request(key));
        Assert.Equal((HttpStatusCode.Forbidden, "code"), (status, body.GetProperty("reason").GetString()));
        Assert.Equal(1, Refused("code"));
        Assert.DoesNotContain(_credentials.Log.All, line => line.Contains(_code, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_request_that_does_not_prove_its_key_or_has_a_weak_one_is_refused_and_the_code_stays_good()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var weak = RSA.Create(1024);
        using var odd = ECDsa.Create(ECCurve.CreateFromValue("1.3.132.0.10"));
        var stolen = PemEncoding.Find(Request(key));
        var bytes = Convert.FromBase64String(Request(key)[stolen.Base64Data]);
        bytes[^1] ^= 1;
        foreach (var request in new[] { null, "", "not PEM", PemEncoding.WriteString("CERTIFICATE REQUEST", bytes), Request(weak), Request(odd), new string('x', 20_000) })
        {
            var (status, body) = await EnrolAsync(_code, request);
            Assert.Equal((HttpStatusCode.BadRequest, "csr"), (status, body.GetProperty("reason").GetString()));
        }
        Assert.Equal(HttpStatusCode.OK, (await EnrolAsync(_code, Request(key))).Status);
    }

    [Fact]
    public async Task Guessing_codes_is_cut_off_after_ten_attempts_a_minute()
    {
        for (var i = 0; i < 10; i++)
            Assert.Equal(HttpStatusCode.BadRequest, (await EnrolAsync(_code, "no request")).Status);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (status, body) = await EnrolAsync(_code, Request(key));
        Assert.Equal((HttpStatusCode.TooManyRequests, "too_many"), (status, body.GetProperty("reason").GetString()));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.OK, (await EnrolAsync(_code, Request(key))).Status);
    }

    [Fact]
    public async Task A_certificate_that_is_revoked_foreign_or_missing_renews_nothing()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var own = Certificate((await EnrolAsync(_code, Request(key))).Body).CopyWithPrivateKey(key);
        using var foreign = _files.IssueClient("CN=gw-7");
        foreach (var shown in new[] { null, foreign })
            Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync("enrol/v1/renew", new { csr = Request(key) }, shown)).Status);
        await _host.DisposeAsync();
        WriteGateways($", revoked: ['serial:{own.SerialNumber}']");
        await StartAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync("enrol/v1/renew", new { csr = Request(key) }, own)).Status);
        Assert.Single(_parts.Enrolment!.Issued);
    }

    [Fact]
    public void A_book_that_a_crash_cut_off_is_mended_and_a_damaged_one_is_named()
    {
        var file = _folder.File("book.jsonl");
        var one = new IssuedCertificate("sha256$a", "gw-1", "serial:1", "sha256:AB", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch);
        Assert.True(new EnrolmentBook(file).TryAdd(one));
        File.AppendAllText(file, "{\"code\":\"sha25");
        var again = new EnrolmentBook(file);
        Assert.True(again.IsSpent("sha256$a"));
        Assert.False(again.TryAdd(one with { Gateway = "gw-2" }));
        Assert.True(again.TryAdd(one with { Code = null }));
        Assert.Equal(2, new EnrolmentBook(file).Issued.Count);
        File.WriteAllText(file, "rubbish\n" + File.ReadAllText(file));
        Assert.Contains("book.jsonl:1: ", Assert.Throws<InvalidDataException>(() => new EnrolmentBook(file)).Message, StringComparison.Ordinal);
    }
}
