using System.Globalization;
using Telemetry.Ingest.Gateways.External;

namespace Telemetry.Ingest.Tests.Gateways.External;

/// <summary>docs/deploy/mosquitto.conf as it stands, without its TLS (tests/Dashboards.Tests has that), its ports and paths replaced.</summary>
public sealed class DeployedMosquittoTests : IDisposable
{
    private const string Value = """{"values":{"tilt_angle":7}}""";

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_gateway_delivers_under_its_own_name_alone_and_the_service_reads_it()
    {
        using var broker = await StartAsync();
        await using var link = Link(broker, "service");
        await link.ConnectedAsync();

        await PublishAsync(broker, "gw-1", "telemetry/v1/gw-2/manhole_cover/mc-1");
        await PublishAsync(broker, "gw-1", "alarms/v1/_/manhole_cover/mc-1/cover_open");
        await PublishAsync(broker, "gw-1", "telemetry/v1/gw-1/manhole_cover/mc-1");

        await link.ValuesAsync(1);
        Assert.Equal(["gw-1"], link.Log.Readings.Select(reading => reading.Gateway));
        Assert.Empty(link.Log.DeadLetters);
        // The service's own alarms pass.
        Assert.True(await link.Broker.PublishAsync("alarms/v1/_/manhole_cover/mc-1/cover_open", "{}"u8.ToArray(), true, TestContext.Current.CancellationToken));
        Assert.Null(link.Broker.WhyNot);
    }

    [Fact]
    public async Task Nobody_comes_in_without_the_right_password()
    {
        using var broker = await StartAsync();
        await using var link = Link(broker, "wrong");
        await link.FailedAsync(BrokerFailure.NotAuthorized);

        await Assert.ThrowsAnyAsync<Exception>(() => Tool.RunAsync("mosquitto_pub", "-p", $"{broker.Port}", "-q", "1", "-t", "telemetry/v1/gw-1/status", "-m", "online"));
        await Assert.ThrowsAnyAsync<Exception>(() => Tool.RunAsync("mosquitto_pub", "-p", $"{broker.Port}", "-u", "gw-1", "-P", "wrong", "-q", "1", "-t", "telemetry/v1/gw-1/status", "-m", "online"));
    }

    [Fact]
    public async Task What_a_gateway_sent_while_the_service_was_away_and_the_broker_restarted_is_there()
    {
        using var broker = await StartAsync();
        await using (var link = Link(broker, "service"))
            await link.ConnectedAsync();
        for (var i = 0; i < 3; i++)
            await PublishAsync(broker, "gw-1", "telemetry/v1/gw-1/manhole_cover/mc-1");
        await broker.StopAsync();
        await broker.RestartAsync();

        await using var again = Link(broker, "service");
        await again.ValuesAsync(3);
        Assert.Empty(again.SystemEntries);
    }

    private TestLink Link(Mosquitto broker, string password)
    {
        File.WriteAllText(_directory.File("secret"), password);
        return new TestLink(broker.Port, _directory, with: options => options with { User = "telemetry", PasswordFile = _directory.File("secret") });
    }

    private static Task<string> PublishAsync(Mosquitto broker, string gateway, string topic) =>
        Tool.RunAsync("mosquitto_pub", "-p", $"{broker.Port}", "-u", gateway, "-P", gateway, "-q", "1", "-t", topic, "-m", Value);

    private async Task<Mosquitto> StartAsync()
    {
        var passwords = _directory.File("passwords");
        await File.WriteAllTextAsync(passwords, "");
        foreach (var (user, password) in new[] { ("telemetry", "service"), ("gw-1", "gw-1"), ("gw-2", "gw-2") })
            await Tool.RunAsync("mosquitto_passwd", "-b", passwords, user, password);
        var deploy = Path.Combine(Repository.Root, "docs/deploy");
        var shipped = await File.ReadAllTextAsync(Path.Combine(deploy, "mosquitto.conf"));
        return await Mosquitto.StartAsync(folder => Replaced(
            shipped,
            // The helper's own listener stands before it, on a free port.
            ("listener 8883\ncertfile /mosquitto/config/secrets/server.crt\nkeyfile /mosquitto/config/secrets/server.key\n", ""),
            ("/mosquitto/config/secrets/passwd", passwords),
            ("/mosquitto/config/telemetry.acl", Path.Combine(deploy, "mosquitto.acl")),
            ("persistence_location /mosquitto/data/", string.Create(CultureInfo.InvariantCulture, $"persistence_location {folder}/"))));
    }

    private static string Replaced(string text, params (string Old, string New)[] replacements)
    {
        foreach (var (old, @new) in replacements)
        {
            Assert.Contains(old, text, StringComparison.Ordinal);
            text = text.Replace(old, @new, StringComparison.Ordinal);
        }
        return text;
    }
}
