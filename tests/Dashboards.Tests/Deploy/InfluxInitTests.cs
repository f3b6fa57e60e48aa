namespace Telemetry.Dashboards.Tests.Deploy;

/// <summary>
/// docs/deploy/influxdb-init.sh with the environment of compose.yaml, and in the place of InfluxDB's client a script that writes down what
/// it is asked and answers in its form. That a 2.x server takes it is not shown: none can be had here.
/// </summary>
public sealed class InfluxInitTests : IDisposable
{
    private const string Client = """
        #!/bin/sh
        echo "$*" >> "$ASKED"
        case "$*" in
          "bucket list"*) shift 5; printf 'id-of-%s\t%s\t720h0m0s\n' "$1" "$1" ;;
          "auth create"*) [ -z "${BROKEN:-}" ] && printf '{\n\t"id": "0a",\n\t"description": "telemetry",\n\t"token": "Zm9v-_x==",\n\t"permissions": ["read:orgs/1/buckets/2"]\n}\n' ;;
        esac
        exit 0
        """;

    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Grafana_may_read_the_service_may_write_and_InfluxQL_finds_each_bucket()
    {
        await RunAsync();

        var asked = await File.ReadAllLinesAsync(_folder.File("asked"));
        Assert.Equal(["bucket create --org city --name city_1m --retention 365d", "bucket create --org city --name city_1h --retention 3650d", "bucket create --org city --name city_alarms --retention 3650d"], asked.Where(line => line.StartsWith("bucket create", StringComparison.Ordinal)));
        Assert.Equal(
            [
                "v1 dbrp create --org city --bucket-id id-of-city --db city --rp autogen --default", "v1 dbrp create --org city --bucket-id id-of-city_1m --db city --rp 1m",
                "v1 dbrp create --org city --bucket-id id-of-city_1h --db city --rp 1h", "v1 dbrp create --org city --bucket-id id-of-city_alarms --db city --rp alarms",
            ],
            asked.Where(line => line.StartsWith("v1 dbrp", StringComparison.Ordinal)));
        var reads = "--read-bucket id-of-city --read-bucket id-of-city_1m --read-bucket id-of-city_1h --read-bucket id-of-city_alarms";
        Assert.Contains($"v1 auth create --org city --username grafana --password a-password {reads}", asked);
        Assert.Contains($"auth create --org city --user admin --description telemetry --json {reads} {reads.Replace("read", "write", StringComparison.Ordinal)}", asked);
    }

    [Fact]
    public async Task The_services_token_is_left_where_the_service_looks_for_it_for_the_group_to_read()
    {
        await RunAsync();

        Assert.Equal("Zm9v-_x==\n", await File.ReadAllTextAsync(_folder.File("token")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(_folder.File("token")));
    }

    [Fact]
    public async Task Without_a_token_the_set_up_fails_so_that_the_image_begins_anew()
    {
        var problem = await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync("BROKEN=1"));

        Assert.Contains("no token", problem.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File("token")));
    }

    private async Task RunAsync(params string[] more)
    {
        await File.WriteAllTextAsync(_folder.File("influx"), Client);
        File.SetUnixFileMode(_folder.File("influx"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await File.WriteAllTextAsync(_folder.File("password"), "a-password\n");
        var environment = new Compose.ComposeFile(Compose.ComposeFile.Shipped, Compose.ComposeFile.ShippedExample).Environment("influxdb").Select(entry => $"{entry.Key}={entry.Value switch
        {
            "/run/secrets/influxdb_grafana_password" => _folder.File("password"),
            "/etc/influxdb2/telemetry-token" => _folder.File("token"),
            var value => value,
        }}");
        await Tool.RunAsync("env", [.. environment, .. more, $"ASKED={_folder.File("asked")}", $"PATH={_folder.Path}:/usr/bin:/bin", Path.Combine(Repository.Root, "docs/deploy/influxdb-init.sh")]);
    }
}
