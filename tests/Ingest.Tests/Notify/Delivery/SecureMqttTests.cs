using Telemetry.Ingest.Gateways.External;
using Telemetry.Ingest.Notify.Channels;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Ingest.Tests.Security;

namespace Telemetry.Ingest.Tests.Notify.Delivery;

/// <summary>The MQTT channel with a login to a real Mosquitto with TLS.</summary>
public sealed class SecureMqttTests : IDisposable
{
    private readonly Certificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    private Task<Mosquitto> StartAsync(bool tls)
    {
        using var certificate = _certificates.Issue();
        var (chain, key) = (_certificates.Write("server.pem", certificate.ExportCertificatePem()), _certificates.Write("server.key", Certificates.KeyPem(certificate)));
        return Mosquitto.StartAsync(folder =>
        {
            // The file's format of Mosquitto is its own tool's.
            using var passwd = System.Diagnostics.Process.Start("mosquitto_passwd", ["-b", "-c", Path.Combine(folder, "passwords"), "telemetry", "right"]);
            passwd.WaitForExit();
            return $"allow_anonymous false\npassword_file {folder}/passwords\n" + (tls ? $"certfile {chain}\nkeyfile {key}\n" : "");
        });
    }

    private async Task<Outcome> SendAsync(Mosquitto broker, string host, bool knowsAuthority, string password = "right")
    {
        var options = new ExternalOptions
        {
            Host = host, Port = broker.Port, Tls = true, User = "telemetry", PasswordFile = _certificates.Write("password", password + "\n"), ClientId = "telemetry-notify", CaFile = knowsAuthority ? _certificates.AuthorityFile : null,
        };
        using var channel = new MqttChannel(options, TimeProvider.System);
        return await channel.SendAsync(Letters.Of(Letters.Message(1)), CancellationToken.None);
    }

    [Fact]
    public async Task A_trusted_broker_takes_the_message_and_a_wrong_password_is_denied()
    {
        using var broker = await StartAsync(tls: true);
        // Tried again, as the service does: a busy machine is slow to answer.
        await Wait.ForAsync("sent", () => SendAsync(broker, "localhost", knowsAuthority: true), outcome => outcome == Outcome.Sent, 60);
        await Wait.ForAsync("denied", () => SendAsync(broker, "localhost", knowsAuthority: true, "wrong"), outcome => outcome.Result == "denied", 60);
    }

    [Fact]
    public async Task A_broker_of_a_strange_authority_under_another_name_or_without_TLS_gets_nothing()
    {
        using var broker = await StartAsync(tls: true);
        await IsRefusedAsync(() => SendAsync(broker, "localhost", knowsAuthority: false));
        await IsRefusedAsync(() => SendAsync(broker, "0.0.0.0", knowsAuthority: true));
        using var plain = await StartAsync(tls: false);
        await IsRefusedAsync(() => SendAsync(plain, "localhost", knowsAuthority: true));
    }

    /// <summary>Tried again, as the service does: a busy machine is slow to answer.</summary>
    private static async Task IsRefusedAsync(Func<Task<Outcome>> send)
    {
        var outcome = await Wait.ForAsync("an answer", send, outcome => outcome.Result != "unreachable" || outcome.Detail == "tls", 60);
        Assert.Equal(Outcome.Unreachable("tls"), outcome);
    }
}
