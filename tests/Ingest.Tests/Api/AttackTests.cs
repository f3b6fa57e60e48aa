using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.Tests.Security;

namespace Telemetry.Ingest.Tests.Api;

/// <summary>What somebody who is let in, or nobody, sends to break the service. Each ends in a clear refusal, and the service goes on.</summary>
public sealed class AttackTests : IAsyncLifetime
{
    private static readonly string Engineer = ApiToken.New();

    private readonly Credentials _credentials = new();
    private ApiHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _credentials.WriteUsers(Credentials.Line("engineer", "engineer", Engineer));
        _host = await ApiHost.StartAsync(security: _credentials.Options());
    }

    public async ValueTask DisposeAsync()
    {
        using (var alive = await _host.Http.GetAsync(new Uri("/health/live", UriKind.Relative), TestContext.Current.CancellationToken))
            Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        await _host.DisposeAsync();
        _credentials.Dispose();
    }

    private async Task<(HttpStatusCode Status, string Text, HttpResponseMessage Response)> SendAsync(HttpMethod method, string path, byte[]? body = null, string type = "application/json", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Headers.Add("Authorization", $"Bearer {Engineer}");
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
                request.Content!.Headers.TryAddWithoutValidation(name, value);
        }
        var response = await _host.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), response);
    }

    private static string Reason(string problem) => JsonDocument.Parse(problem).RootElement.Text("reason");

    [Fact]
    public async Task A_compressed_body_is_not_unpacked()
    {
        // 100 MiB of blanks around a device, in some 100 KB.
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            var blanks = Encoding.UTF8.GetBytes(new string(' ', 1 << 20));
            for (var i = 0; i < 100; i++)
                await gzip.WriteAsync(blanks, TestContext.Current.CancellationToken);
            await gzip.WriteAsync("""{"family": "drainage_pump"}"""u8.ToArray(), TestContext.Current.CancellationToken);
        }
        foreach (var (path, type) in new[] { ("/api/v1/devices/bomb", "application/json"), ("/api/v1/devices/import", "text/csv") })
        {
            var (status, text, _) = await SendAsync(path.EndsWith("bomb", StringComparison.Ordinal) ? HttpMethod.Put : HttpMethod.Post, path, packed.ToArray(), type, ("Content-Encoding", "gzip"));
            Assert.True(status is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge, $"{status} {text}");
        }
        Assert.Null(_host.Devices.Find("bomb"));
    }

    [Theory]
    [InlineData("[", 100_000)]
    [InlineData("{\"a\":", 30_000)]
    public async Task Nesting_without_end_is_malformed(string piece, int times)
    {
        var (status, text, _) = await SendAsync(HttpMethod.Put, "/api/v1/devices/deep", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(piece, times))));
        Assert.Equal((HttpStatusCode.BadRequest, "malformed"), (status, Reason(text)));
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused_by_its_length_alone()
    {
        var (status, text, _) = await SendAsync(HttpMethod.Put, "/api/v1/devices/large", new byte[300 * 1024]);
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "too_large"), (status, Reason(text)));
    }

    [Fact]
    public async Task A_header_without_end_is_refused()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _host.Http.BaseAddress!.Port, TestContext.Current.CancellationToken);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes("GET /api/v1/stats HTTP/1.1\r\nHost: localhost\r\nX-Long: "), TestContext.Current.CancellationToken);
        var answer = new byte[12];
        try
        {
            for (var i = 0; i < 64; i++)
                await stream.WriteAsync(Encoding.ASCII.GetBytes(new string('a', 1024)), TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            // Refused before all of it was sent.
        }
        await stream.ReadExactlyAsync(answer, TestContext.Current.CancellationToken);
        Assert.Equal("HTTP/1.1 431", Encoding.ASCII.GetString(answer));
    }

    [Fact]
    public async Task A_family_file_that_multiplies_itself_by_anchors_is_refused()
    {
        var bomb = new StringBuilder("family: drainage_pump\na: &a [x,x,x,x,x,x,x,x,x]\n");
        for (var letter = 'b'; letter <= 'k'; letter++)
            bomb.Append(letter).Append(": &").Append(letter).Append(" [").AppendJoin(',', Enumerable.Repeat($"*{(char)(letter - 1)}", 9)).Append("]\n");
        var (status, text, _) = await SendAsync(HttpMethod.Put, "/api/v1/families/drainage_pump", Encoding.UTF8.GetBytes(bomb.ToString()), "text/yaml", ("If-Match", "*"));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_rules"), (status, Reason(text)));
        Assert.True(text.Length < 20_000);
    }

    [Theory]
    [InlineData("PUT", "/api/v1/devices/..%2f..%2fetc%2fpasswd", """{"family": "drainage_pump"}""", "application/json")]
    [InlineData("POST", "/api/v1/devices/import", "id,family\n../../../../tmp/x,drainage_pump\n", "text/csv")]
    [InlineData("GET", "/api/v1/families/..%2f..%2f..%2fetc%2fpasswd/text", null, "")]
    [InlineData("PUT", "/api/v1/families/..%2f..%2fdata", "family: x", "text/yaml")]
    [InlineData("GET", "/api/v1/handover/..%2f..%2fstate.db", null, "")]
    [InlineData("GET", "/..%2f..%2f..%2fetc%2fpasswd", null, "")]
    [InlineData("GET", "/console/..%2f..%2fappsettings.json", null, "")]
    public async Task A_path_in_a_name_leads_nowhere(string method, string path, string? body, string type)
    {
        var (status, text, _) = await SendAsync(new HttpMethod(method), path, body is null ? null : Encoding.UTF8.GetBytes(body), type);
        Assert.True(status is HttpStatusCode.NotFound or HttpStatusCode.BadRequest, $"{status} {text}");
        Assert.DoesNotContain("root:", text, StringComparison.Ordinal);
        Assert.Empty(_host.Devices.All);
    }

    [Theory]
    [InlineData("/api/v1/stats")]
    [InlineData("/api/v1/alarms/none")]
    [InlineData("/api/v1/nothing")]
    [InlineData("/metrics")]
    [InlineData("/go/none")]
    public async Task Every_answer_and_every_error_says_what_a_browser_may_do_with_it(string path)
    {
        var (_, _, response) = await SendAsync(HttpMethod.Get, path);
        string Header(string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : "";
        Assert.Equal(("nosniff", "DENY", "no-referrer", "same-origin"), (Header("X-Content-Type-Options"), Header("X-Frame-Options"), Header("Referrer-Policy"), Header("Cross-Origin-Opener-Policy")));
        Assert.Contains("default-src 'none'", Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Contains("camera=()", Header("Permissions-Policy"), StringComparison.Ordinal);
        // Over plain HTTP it would lock a machine's other services out, and browsers ignore it.
        Assert.Equal("", Header("Strict-Transport-Security"));
    }

    [Theory]
    [InlineData("http://evil.example")]
    [InlineData("null")]
    public async Task A_page_of_another_origin_opens_no_live_connection(string origin)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _host.Http.BaseAddress!.Port, TestContext.Current.CancellationToken);
        var stream = client.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"GET /api/v1/stats HTTP/1.1\r\nHost: localhost:{_host.Http.BaseAddress.Port}\r\nOrigin: {origin}\r\nAuthorization: Bearer {Engineer}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"),
            TestContext.Current.CancellationToken);
        var answer = new byte[12];
        await stream.ReadExactlyAsync(answer, TestContext.Current.CancellationToken);
        Assert.Equal("HTTP/1.1 403", Encoding.ASCII.GetString(answer));
    }
}
