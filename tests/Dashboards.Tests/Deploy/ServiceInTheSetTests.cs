using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Telemetry.Dashboards.Tests.Compose;
using Telemetry.Dashboards.Tests.Grafana;

namespace Telemetry.Dashboards.Tests.Deploy;

/// <summary>
/// The service with the environment, the user, the secrets and the read-only root that compose.yaml gives it, beside a real Mosquitto with
/// its configuration and influxd 1.6.7 in InfluxDB's place. Only names of hosts, ports and folders are this machine's. Needs root.
/// </summary>
public sealed partial class ServiceInTheSetTests(SecretsFixture secrets, InfluxdFixture influxd)
{
    /// <summary>Application, secrets and state are bound to where any user reaches them, as in the container; then nothing but the state can be written.</summary>
    private const string Confine = """
        set -e
        folder=$1 application=$2 secrets=$3 user=$4; shift 4
        mkdir -p "$folder/application" "$folder/secrets" "$folder/state"
        mount --bind "$application" "$folder/application"
        mount --bind "$secrets" "$folder/secrets"
        mount --bind "$folder/state" "$folder/state"
        chown "$user" "$folder/state"
        findmnt -rno TARGET | sort -r | while read -r mount; do
          case $mount in "$folder/state" | /proc* | /sys* | /dev*) ;; *) mount -o remount,bind,ro "$mount" ;; esac
        done
        cd /
        exec setpriv --reuid="${user%:*}" --regid="${user#*:}" --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all env -i "$@"
        """;

    [Fact]
    public async Task It_takes_readings_on_its_own_port_and_through_Mosquitto_and_stops_well()
    {
        using var folder = new TempDirectory();
        File.SetUnixFileMode(folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherExecute);
        using var broker = await MosquittoTests.StartAsync(secrets);
        await influxd.Server.CreateDatabaseAsync("city");
        await using var influx = await InfluxGate.StartAsync(influxd.Server.Url);
        await File.WriteAllTextAsync(folder.File("token"), "any\n");
        // Published as the image has it: what is built reads the page's files from a home that another user can't enter.
        await Tool.RunAsync("dotnet", ["publish", Path.Combine(Repository.Root, "Ingest"), "-c", "Release", "--no-build", "-o", folder.File("published")]);
        var compose = new ComposeFile(ComposeFile.Shipped, ComposeFile.ShippedExample);
        var environment = compose.Environment("telemetry").Select(entry => $"{entry.Key}={(entry.Key, entry.Value) switch
        {
            ("TELEMETRY__Mqtt__TlsPort" or "TELEMETRY__Http__Port", _) => "0",
            (_, "mqtts://mosquitto:8883") => $"mqtts://localhost:{broker.Port}",
            (_, "http://influxdb:8086") => influx.Url.ToString(),
            (_, "/run/influxdb/telemetry-token") => folder.File("token"),
            (_, var value) => value.Replace("/run/telemetry/", folder.File("secrets/"), StringComparison.Ordinal),
        }}");

        await using var service = await ServiceProcess.StartByAsync(
            "unshare",
            [
                "--mount", "--propagation", "private", "sh", "-c", Confine, "sh", folder.Path, folder.File("published"), secrets.PathOf("telemetry"), ComposeFile.Text(compose.Service("telemetry"), "user")!,
                .. environment, $"TELEMETRY__Data__Path={folder.File("state")}", $"PATH={Environment.GetEnvironmentVariable("PATH")}", "HOME=/nonexistent", "dotnet", folder.File("application/Ingest.dll"),
            ]);
        service.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secrets.Text("handout/admin-token"));
        var (authority, login) = (secrets.PathOf("handout/ca.crt"), new[] { "-u", "gw-1", "-P", secrets.Text("handout/gateway-gw-1") });

        await MosquittoTests.PublishAsync(int.Parse(TlsPort().Match(service.Output).Groups["port"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture), authority, login);
        await Wait.ForAsync("everything in order", () => ReadyAsync(service), ready => ready.StartsWith("{\"ready\":true", StringComparison.Ordinal));
        await MosquittoTests.PublishAsync(broker, authority, login);
        await Wait.ForAsync("both readings", () => service.GetAsync("api/v1/devices/mc-1/readings?channel=tilt_angle"), readings => readings.GetArrayLength() == 2);
        await Wait.ForAsync("both in InfluxDB", () => influxd.Server.RowsAsync("SELECT tilt_angle FROM manhole_cover", "city"), rows => rows.Length == 2);

        Assert.Equal(0, (await ServiceProcess.RunAsync("health", "--url", $"{service.Http.BaseAddress}health/live")).ExitCode);
        Assert.Equal(0, (await ServiceProcess.RunAsync("health", "--url", $"{service.Http.BaseAddress}health/ready")).ExitCode);
        // Not even root could write there: what the service ran on was read-only.
        Assert.Throws<IOException>(() => File.WriteAllText(service.Inside(folder.File("written")), ""));
        Assert.Equal(0, await service.StopAsync());
        Assert.Equal(1, (await ServiceProcess.RunAsync("health", "--url", $"{service.Http.BaseAddress}health/live")).ExitCode);
    }

    private static async Task<string> ReadyAsync(ServiceProcess service)
    {
        using var response = await service.Http.GetAsync("health/ready");
        return await response.Content.ReadAsStringAsync();
    }

    [GeneratedRegex(@"^listening mqtts=(?<port>\d+)", RegexOptions.Multiline)]
    private static partial Regex TlsPort();
}
