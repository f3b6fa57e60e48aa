using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Telemetry.EndToEnd.Tests;

/// <summary>The service with credentials and TLS as a city runs it, and Debian's mosquitto_pub at its door.</summary>
public sealed class CredentialTests(CityCredentials made) : IAsyncLifetime, IClassFixture<CityCredentials>
{
    private const string Own = "telemetry/v1/gw-1/public_toilet/wc-1", Foreign = "telemetry/v1/gw-2/public_toilet/wc-2";
    private const string Payload = """{"values":{"sos_active.2":true}}""";

    private readonly TempDirectory _data = new();
    private readonly TempDirectory _files = new();
    private readonly IReadOnlyDictionary<string, string> _tokens = made.Tokens;
    private readonly string _password = made.Password;
    private ServiceProcess _service = null!;

    public async ValueTask InitializeAsync()
    {
        made.CopyTo(_files);
        _service = await ServiceProcess.StartAsync(
            _data.Path, 0, $"--Security:GatewaysFile={FileOf("gateways")}", $"--Security:UsersFile={FileOf("users")}",
            $"--Mqtt:Certificate={FileOf("certificate.pem")}", $"--Mqtt:CertificateKey={FileOf("key.pem")}", "--Mqtt:TlsPort=0", "--Mqtt:Address=0.0.0.0", "--Http:Address=0.0.0.0");
        As("viewer");
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        _files.Dispose();
        _data.Dispose();
    }

    private string FileOf(string name) => _files.File(name);

    private void As(string role) => _service.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _tokens[role]);

    private int TlsPort => int.Parse(_service.Output.Split("listening mqtts=")[1].Split('\n')[0], CultureInfo.InvariantCulture);

    private Task PublishAsync(string topic, params string[] more) => Clients.MosquittoPubAsync(_service.MqttPort, topic, Payload, ["-u", "gw-1", "-P", _password, .. more]);

    /// <summary>What mosquitto_pub says when it does not succeed.</summary>
    private static async Task<string> RefusedAsync(int port, string topic, params string[] more)
    {
        using var process = Clients.Start("mosquitto_pub", ["-h", "localhost", "-p", port.ToString(CultureInfo.InvariantCulture), "-t", topic, "-m", Payload, .. more]);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Wait.Longest);
        Assert.NotEqual(0, process.ExitCode);
        return await output + await error;
    }

    private async Task<long> MetricAsync(string name)
    {
        var text = await _service.Http.GetStringAsync(new Uri("metrics", UriKind.Relative));
        return text.Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } line ? long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture) : 0;
    }

    /// <summary>The log comes by a thread of its own, and through a pipe.</summary>
    private async Task LoggedOnceAsync(string text)
    {
        await Wait.ForAsync(text, () => Lines(text) > 0);
        Assert.Equal(1, Lines(text));
    }

    private int Lines(string text) => _service.Output.Split('\n').Count(line => line.Contains(text, StringComparison.Ordinal));

    private async Task NothingWasStoredAsync()
    {
        await _service.CaughtUpAsync();
        Assert.Equal(0, (await _service.GetAsync("api/v1/stats")).GetProperty("received").GetInt64());
        Assert.Empty((await _service.GetAsync("api/v1/devices")).EnumerateArray());
        Assert.Empty((await _service.GetAsync("api/v1/deadletters")).EnumerateArray());
    }

    private void NoSecretIsInTheOutput() => Assert.All(_tokens.Values.Append(_password), secret => Assert.DoesNotContain(secret, _service.Output, StringComparison.Ordinal));

    [Fact]
    public async Task Right_credentials_are_let_in_plain_and_by_TLS_and_a_device_first_seen_is_evaluated_once_it_is_adopted()
    {
        await PublishAsync(Own, "-q", "1");
        await Tool.FeedAsync("mosquitto_pub", Payload, ["-h", "localhost", "-p", TlsPort.ToString(CultureInfo.InvariantCulture), "--cafile", FileOf("ca.pem"), "-V", "mqttv5", "-u", "gw-1", "-P", _password, "-t", Own, "-q", "2", "-s"]);
        await _service.CaughtUpAsync();
        Assert.Equal(2, (await _service.GetAsync("api/v1/stats")).GetProperty("received").GetInt64());
        Assert.Equal("provisional", (await _service.GetAsync("api/v1/devices/wc-1")).GetProperty("state").GetString());
        // Of the device: the test's certificate ends soon, and that is an alarm too.
        Assert.Empty((await _service.GetAsync("api/v1/alarms?state=all&device=wc-1")).EnumerateArray());

        As("engineer");
        using var adopted = await _service.Http.PutAsync(new Uri("api/v1/devices/wc-1", UriKind.Relative), new StringContent("""{"family": "public_toilet", "gateway": "gw-1"}""", null, "application/json"));
        Assert.Equal(HttpStatusCode.OK, adopted.StatusCode);
        await PublishAsync(Own, "-q", "1");
        var alarm = await _service.AlarmAsync("wc-1", "sos");
        As("operator");
        using var acknowledged = await _service.Http.PostAsync(new Uri($"api/v1/alarms/{alarm.GetProperty("id").GetString()}/acknowledge", UriKind.Relative), new StringContent("{}", null, "application/json"));
        Assert.Equal("operator", JsonDocument.Parse(await acknowledged.Content.ReadAsStringAsync()).RootElement.GetProperty("acknowledgedBy").GetString());
        NoSecretIsInTheOutput();
    }

    [Fact]
    public async Task A_wrong_password_is_refused_logged_once_counted_and_nothing_is_stored()
    {
        foreach (var version in (string[])["mqttv311", "mqttv5", "mqttv311"])
            Assert.Contains("bad user name or password", await RefusedAsync(_service.MqttPort, Own, "-V", version, "-u", "gw-1", "-P", "not the password"), StringComparison.OrdinalIgnoreCase);
        await LoggedOnceAsync("name gw-1: wrong_password");
        Assert.Equal(0, Lines("not the password"));
        Assert.Equal(3, await MetricAsync("telemetry_login_failures_total{otel_scope_name=\"Telemetry\",reason=\"wrong_password\",via=\"mqtt\"}"));
        await NothingWasStoredAsync();
    }

    [Fact]
    public async Task Another_gateways_topic_is_refused_logged_once_counted_and_nothing_is_stored()
    {
        using (var five = Clients.Start("mosquitto_pub", "-h", "localhost", "-p", _service.MqttPort.ToString(CultureInfo.InvariantCulture), "-V", "mqttv5", "-u", "gw-1", "-P", _password, "-t", Foreign, "-q", "1", "-m", Payload))
        {
            var error = await five.StandardError.ReadToEndAsync();
            await five.WaitForExitAsync();
            Assert.Contains("Not authorized", error, StringComparison.Ordinal);
        }
        Assert.Contains("lost", await RefusedAsync(_service.MqttPort, Foreign, "-V", "mqttv311", "-u", "gw-1", "-P", _password, "-q", "1"), StringComparison.Ordinal);
        await PublishAsync(Foreign, "-q", "0");
        await Wait.ForAsync("three refusals", () => MetricAsync("telemetry_rejected_total{otel_scope_name=\"Telemetry\",reason=\"not_authorized\"}"), count => count == 3);
        await LoggedOnceAsync("gateway gw-1 published under a topic that is not its own (gw-2)");
        await NothingWasStoredAsync();
    }

    [Fact]
    public async Task Plain_bytes_to_the_TLS_port_are_refused_logged_once_counted_and_nothing_is_stored()
    {
        for (var i = 0; i < 3; i++)
            await RefusedAsync(TlsPort, Own, "-u", "gw-1", "-P", _password);
        await Wait.ForAsync("three failures", () => MetricAsync("telemetry_tls_failures_total"), count => count == 3);
        await LoggedOnceAsync("TLS handshake on the mqtt port failed");
        await NothingWasStoredAsync();
        NoSecretIsInTheOutput();
    }

    [Fact]
    public async Task A_revoked_token_is_refused_logged_once_counted_and_its_event_stream_ends()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("api/v1/events", UriKind.Relative)) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", _tokens["operator"]) } };
        using var stream = await _service.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var events = new StreamReader(await stream.Content.ReadAsStreamAsync());
        Assert.Equal("retry: 1000", await events.ReadLineAsync());

        await File.WriteAllTextAsync(FileOf("users"), (await File.ReadAllTextAsync(FileOf("users"))).Replace("  operator:", "# left: operator:", StringComparison.Ordinal));
        await Assert.ThrowsAnyAsync<IOException>(async () => await events.ReadToEndAsync().WaitAsync(Wait.Longest));
        As("operator");
        for (var i = 0; i < 3; i++)
        {
            using var refused = await _service.Http.GetAsync(new Uri("api/v1/stats", UriKind.Relative));
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }
        As("viewer");
        await LoggedOnceAsync("login refused over http");
        Assert.Equal(3, await MetricAsync("telemetry_login_failures_total{otel_scope_name=\"Telemetry\",reason=\"unknown_token\",via=\"http\"}"));
        await NothingWasStoredAsync();
        NoSecretIsInTheOutput();
    }

    [Fact]
    public async Task A_revoked_gateway_is_disconnected_and_its_password_is_worth_nothing()
    {
        using var gateway = Clients.Start("mosquitto_pub", "-h", "localhost", "-p", _service.MqttPort.ToString(CultureInfo.InvariantCulture), "-V", "mqttv5", "-u", "gw-1", "-P", _password, "-t", Own, "-q", "1", "-l");
        try
        {
            await gateway.StandardInput.WriteLineAsync(Payload);
            await gateway.StandardInput.FlushAsync();
            await Wait.ForAsync("the first message", () => _service.GetAsync("api/v1/stats"), stats => stats.GetProperty("received").GetInt64() == 1);
            await File.WriteAllTextAsync(FileOf("gateways"), "gateways: {}\n");
            await Wait.ForAsync("the end of its connection", () => Task.FromResult(Lines("a connection of gateway gw-1 is closed")), count => count == 1);
        }
        finally
        {
            gateway.Kill();
        }
        Assert.Contains("efused", await RefusedAsync(_service.MqttPort, Own, "-u", "gw-1", "-P", _password), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plain_MQTT_can_be_closed()
    {
        using var data = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(
            data.Path, 0, $"--Security:GatewaysFile={FileOf("gateways")}", $"--Mqtt:Certificate={FileOf("certificate.pem")}", $"--Mqtt:CertificateKey={FileOf("key.pem")}", "--Mqtt:TlsPort=0", "--Mqtt:Plain=false");
        Assert.Equal(0, service.MqttPort);
        var port = service.Output.Split("listening mqtts=")[1].Split('\n')[0];
        await Tool.FeedAsync("mosquitto_pub", Payload, ["-h", "localhost", "-p", port, "--cafile", FileOf("ca.pem"), "-u", "gw-1", "-P", _password, "-t", Own, "-q", "1", "-s"]);
        Assert.Equal(1, (await service.GetAsync("api/v1/stats")).GetProperty("received").GetInt64());
    }

    [Fact]
    public async Task With_a_certificate_the_HTTP_port_speaks_TLS_alone_and_the_cookie_is_secure()
    {
        using var data = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(
            data.Path, 0, $"--Security:UsersFile={FileOf("users")}", $"--Http:Certificate={FileOf("certificate.pem")}", $"--Http:CertificateKey={FileOf("key.pem")}");
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => service.Http.GetAsync(new Uri("health/live", UriKind.Relative)));

        using var authority = X509CertificateLoader.LoadCertificateFromFile(FileOf("ca.pem"));
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { authority }, RevocationMode = X509RevocationMode.NoCheck };
        using var client = new HttpClient(handler) { BaseAddress = new Uri($"https://localhost:{service.Http.BaseAddress!.Port}/") };
        using var login = await client.PostAsync(new Uri("api/v1/session", UriKind.Relative), new StringContent($$"""{"token": "{{_tokens["viewer"]}}"}""", null, "application/json"));
        Assert.Contains("; secure;", login.Headers.GetValues("Set-Cookie").Single(), StringComparison.Ordinal);
        Assert.Equal("max-age=31536000", login.Headers.GetValues("Strict-Transport-Security").Single());
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _tokens["viewer"]);
        // The client tries more than once.
        Assert.Matches("telemetry_tls_failures_total\\{otel_scope_name=\"Telemetry\",listener=\"http\"\\} [1-9]", await client.GetStringAsync(new Uri("metrics", UriKind.Relative)));
    }

    [Fact]
    public async Task Start_errors_of_credentials_come_all_at_once_with_their_lines()
    {
        using var data = new TempDirectory();
        await File.WriteAllTextAsync(FileOf("bad-gateways"), "gateways:\n  gw-1: plain-password\n");
        await File.WriteAllTextAsync(FileOf("bad-users"), "users:\n  li: {role: boss, token: x}\n");
        var (exitCode, _, error) = await ServiceProcess.RunAsync(
            $"--Data:Path={data.Path}", "--Mqtt:Port=abc", $"--Security:GatewaysFile={FileOf("bad-gateways")}", $"--Security:UsersFile={FileOf("bad-users")}",
            $"--Mqtt:Certificate={FileOf("certificate.pem")}", $"--Mqtt:CertificateKey={FileOf("ca.key")}", $"--Http:CertificateKey={FileOf("key.pem")}", "--Http:Address=0.0.0.0");
        Assert.Equal(1, exitCode);
        string[] expected = ["Mqtt:Port = abc", "bad-gateways:2: gw-1: not a password hash", "bad-users:2: li: role 'boss'", "bad-users:2: li: token", "Mqtt:Certificate = ", "Http:CertificateKey = "];
        Assert.All(expected, text => Assert.Contains(text, error, StringComparison.Ordinal));
        Assert.DoesNotContain("plain-password", error, StringComparison.Ordinal);
        Assert.DoesNotContain("loopback", error, StringComparison.Ordinal);
    }
}
