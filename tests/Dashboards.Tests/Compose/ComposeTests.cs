namespace Telemetry.Dashboards.Tests.Compose;

/// <summary>compose.yaml cannot be run here; what can be said of it without an engine is said here.</summary>
public sealed class ComposeTests(SecretsFixture secrets)
{
    [Fact]
    public void The_shipped_set_has_nothing_wrong() =>
        Assert.Empty(ComposeChecks.All(new ComposeFile(ComposeFile.Shipped, ComposeFile.ShippedExample), secrets.Made));

    [Theory]
    [InlineData("specification: /services/mosquitto", "    ports:\n      - \"${GATEWAYS_ADDRESS:-127.0.0.1}:8884:8883\"", "    porst:\n      - \"${GATEWAYS_ADDRESS:-127.0.0.1}:8884:8883\"")]
    [InlineData("specification: ", "interval: 10s\n", "interval: [10]\n")]
    [InlineData("variable LOG_KEPT is not in .env.example", "${LOG_KEEP:-400d}", "${LOG_KEPT:-400d}")]
    [InlineData("variable LOG_KEEP has neither", "${LOG_KEEP:-400d}", "${LOG_KEEP}")]
    [InlineData("variable LOG_KEEP has the default 40d", "${LOG_KEEP:-400d}", "${LOG_KEEP:-40d}")]
    [InlineData("variable GRAFANA_URL of .env.example is asked for by nothing", "${GRAFANA_URL:-http://127.0.0.1:3000/}", "http://127.0.0.1:3000/")]
    [InlineData("telemetry: port 0.0.0.0:8883:8883 is open", "\"${GATEWAYS_ADDRESS:-127.0.0.1}:8883:8883\"", "\"0.0.0.0:8883:8883\"")]
    [InlineData("grafana: port 3000:3000 is open", "\"127.0.0.1:3000:3000\"", "\"3000:3000\"")]
    [InlineData("image grafana/grafana:latest is not pinned", "grafana/grafana:12.4.10", "grafana/grafana:latest")]
    [InlineData("image influxdb:2.7 is not pinned", "influxdb:2.7.12", "influxdb:2.7")]
    [InlineData("influxdb: root is not read-only", "    image: influxdb", "    read_only: false\n    image: influxdb")]
    [InlineData("telemetry: keeps capabilities", "cap_drop: [ALL]", "cap_drop: [NET_RAW]")]
    [InlineData("grafana: may gain privileges", "[\"no-new-privileges:true\"]", "[\"no-new-privileges:false\"]")]
    [InlineData("influxdb: runs as '0:0'", "user: \"1000:1000\"", "user: \"0:0\"")]
    [InlineData("mosquitto: is not restarted", "restart: unless-stopped", "restart: \"no\"")]
    [InlineData("mosquitto: has no limit", "memory: 1536M, ", "")]
    [InlineData("telemetry: its log has no limit", "max-size: 20m, ", "")]
    [InlineData("telemetry: is killed after 10 s", "    stop_grace_period: 90s\n", "")]
    [InlineData("mosquitto: ./docs/deploy/mosquito.conf is not there", "./docs/deploy/mosquitto.conf", "./docs/deploy/mosquito.conf")]
    [InlineData("mosquitto: make-secrets makes nothing in ./secrets/mosqitto", "./secrets/mosquitto,", "./secrets/mosqitto,")]
    [InlineData("telemetry: volume data is not declared", "source: telemetry-data", "source: data")]
    [InlineData("grafana: ./dashboards/grafana/provisioning can be written", "target: /etc/grafana/provisioning, read_only: true", "target: /etc/grafana/provisioning")]
    [InlineData("would be made as an empty folder", "target: /etc/grafana/provisioning, read_only: true, bind: {create_host_path: false}", "target: /etc/grafana/provisioning, read_only: true")]
    [InlineData("secret grafana_admin_password: make-secrets makes no ./secrets/grafana/password", "./secrets/grafana/admin-password", "./secrets/grafana/password")]
    [InlineData("grafana: secret grafana_influxdb_password belongs to 1000", "./secrets/grafana/influxdb-password", "./secrets/influxdb/grafana-password")]
    [InlineData("mosquitto: mosquitto/passwd belongs to 1883, the container runs as 1000", "user: \"1883:1883\"", "user: \"1000:1000\"")]
    [InlineData("grafana: GF_SECURITY_ADMIN_PASSWORD__FILE names /run/secrets/grafana_admin_password, which", "secrets: [grafana_admin_password, ", "secrets: [")]
    [InlineData("grafana: GF_SECURITY_ADMIN_PASSWORD is a secret in the environment", "GF_SECURITY_ADMIN_PASSWORD__FILE: /run/secrets/grafana_admin_password", "GF_SECURITY_ADMIN_PASSWORD: admin")]
    [InlineData("influxdb: has no health check", "test: [\"CMD\", \"influx\", \"ping\"]", "disable: true")]
    [InlineData("grafana: waits for the health of influxdb", "test: [\"CMD\", \"influx\", \"ping\"]", "disable: true")]
    [InlineData("telemetry: depends on mosqitto", "mosquitto: {condition: service_started}", "mosqitto: {condition: service_started}")]
    [InlineData("grafana reaches mosquitto", "networks: [series-out, outside]", "networks: [series-out, outside, gateways]")]
    [InlineData("node-2: TELEMETRY__Cluster__Node is 172.30.81.11:11111, its address 172.30.81.12", "TELEMETRY__Cluster__Node: 172.30.81.12:11111", "TELEMETRY__Cluster__Node: 172.30.81.11:11111")]
    [InlineData("nats-3: its name is nats-2", "\"nats-3\", \"--routes\"", "\"nats-2\", \"--routes\"")]
    [InlineData("node-1: postgres is not in its networks", "tmpfs: [\"/tmp:size=64m,mode=1777\", \"/var/run/postgresql:size=1m,uid=999,gid=999,mode=0775\"]\n    networks: [cluster]", "networks: [series-out]")]
    [InlineData("postgres:15 is not pinned", "postgres:15.18", "postgres:15")]
    [InlineData("influxdb has a way out", "networks: [series-in, series-out]", "networks: [series-in, series-out, outside]")]
    public void A_mistake_in_it_is_found(string problem, string right, string wrong)
    {
        Assert.Contains(right, ComposeFile.Shipped, StringComparison.Ordinal);

        var problems = ComposeChecks.All(new ComposeFile(ComposeFile.Shipped.Replace(right, wrong, StringComparison.Ordinal), ComposeFile.ShippedExample), secrets.Made).ToList();

        Assert.Contains(problems, found => found.Contains(problem, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("variable ALERT_WEBHOOK_URL must be set", "\nALERT_WEBHOOK_URL=", "\n#ALERT_WEBHOOK_URL=")]
    [InlineData("telemetry: port 0.0.0.0:8883:8883 is open", "#GATEWAYS_ADDRESS=127.0.0.1", "GATEWAYS_ADDRESS=0.0.0.0")]
    public void A_mistake_in_the_example_of_variables_is_found(string problem, string right, string wrong)
    {
        Assert.Contains(right, ComposeFile.ShippedExample, StringComparison.Ordinal);

        var problems = ComposeChecks.All(new ComposeFile(ComposeFile.Shipped, ComposeFile.ShippedExample.Replace(right, wrong, StringComparison.Ordinal)), secrets.Made).ToList();

        Assert.Contains(problems, found => found.Contains(problem, StringComparison.Ordinal));
    }
}
