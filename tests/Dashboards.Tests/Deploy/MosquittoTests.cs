namespace Telemetry.Dashboards.Tests.Deploy;

/// <summary>docs/deploy/mosquitto.conf with TLS and the secrets that compose.yaml mounts, in the real broker.</summary>
public sealed class MosquittoTests(SecretsFixture secrets)
{
    [Fact]
    public async Task A_gateway_with_its_password_comes_in_over_TLS()
    {
        using var broker = await StartAsync(secrets);

        await PublishAsync(broker, secrets.PathOf("handout/ca.crt"), "-u", "gw-1", "-P", secrets.Text("handout/gateway-gw-1"));
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("anonymous")]
    [InlineData("wrong password")]
    [InlineData("another's password")]
    [InlineData("plain")]
    [InlineData("another authority")]
    public async Task Whoever_lacks_something_is_refused(string what)
    {
        using var broker = await StartAsync(secrets);
        using var other = new TempDirectory();
        var (authority, login) = (secrets.PathOf("handout/ca.crt"), new[] { "-u", "gw-1", "-P", secrets.Text("handout/gateway-gw-1") });
        switch (what)
        {
            case "nobody": login = ["-u", "gw-9", "-P", secrets.Text("handout/gateway-gw-1")]; break;
            case "anonymous": login = []; break;
            case "wrong password": login = ["-u", "gw-1", "-P", "wrong"]; break;
            case "another's password": login = ["-u", "gw-1", "-P", secrets.Text("handout/gateway-gw.2")]; break;
            case "plain": authority = null; break;
            default:
                await Tool.RunAsync("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1", "-subj", "/CN=other", "-keyout", other.File("key"), "-out", other.File("crt"));
                authority = other.File("crt");
                break;
        }

        await Assert.ThrowsAsync<InvalidOperationException>(() => PublishAsync(broker, authority, login));
    }

    /// <summary>The helper's listener stands before the file's lines, on a free port; the paths are those of this machine.</summary>
    internal static async Task<Mosquitto> StartAsync(SecretsFixture secrets)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs/deploy/mosquitto.conf"));
        return await Mosquitto.StartAsync(folder =>
        {
            foreach (var (old, replacement) in new[]
            {
                ("listener 8883\n", ""), ("/mosquitto/config/secrets", secrets.PathOf("mosquitto")), ("/mosquitto/config/telemetry.acl", Path.Combine(Repository.Root, "docs/deploy/mosquitto.acl")),
                ("persistence_location /mosquitto/data/", $"persistence_location {folder}/"),
            })
            {
                Assert.Contains(old, text, StringComparison.Ordinal);
                text = text.Replace(old, replacement, StringComparison.Ordinal);
            }
            return text;
        });
    }

    internal static Task<string> PublishAsync(Mosquitto broker, string? authority, params string[] login) => PublishAsync(broker.Port, authority, login);

    internal static Task<string> PublishAsync(int port, string? authority, params string[] login) => Tool.RunAsync(
        "mosquitto_pub",
        [
            "-h", "localhost", "-p", $"{port}", .. authority is null ? Array.Empty<string>() : ["--cafile", authority], .. login,
            "-q", "1", "-V", "mqttv5", "-t", "telemetry/v1/gw-1/manhole_cover/mc-1", "-m", """{"values":{"tilt_angle":7}}""",
        ]);
}
