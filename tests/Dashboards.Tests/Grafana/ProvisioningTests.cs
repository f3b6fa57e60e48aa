using Telemetry.Dashboards.Tests.Compose;

namespace Telemetry.Dashboards.Tests.Grafana;

/// <summary>The files of Grafana against each other and against compose.yaml. Grafana itself cannot be had here.</summary>
public sealed class ProvisioningTests
{
    private static readonly ComposeFile Compose = new(ComposeFile.Shipped, ComposeFile.ShippedExample);

    [Fact]
    public void The_shipped_files_have_nothing_wrong() => Assert.Empty(new Provisioning().Problems(Compose));

    [Theory]
    [InlineData("INFLUX_URI is not set in compose.yaml", "datasources/influxdb.yaml", "$INFLUX_URL", "$INFLUX_URI")]
    [InlineData("/run/secrets/influxdb_password is not given to grafana", "datasources/influxdb.yaml", "/run/secrets/grafana_influxdb_password", "/run/secrets/influxdb_password")]
    [InlineData("its password is not read from a file", "datasources/influxdb.yaml", "$__file{/run/secrets/grafana_influxdb_password}", "$INFLUX_DB")]
    [InlineData("InfluxDB is told of no user admin", "datasources/influxdb.yaml", "user: grafana", "user: admin")]
    [InlineData("there is no data source city-influxql", "datasources/influxdb.yaml", "uid: city-influxql", "uid: city")]
    [InlineData("nothing is mounted at /var/lib/grafana/dashboards", "dashboards/provider.yaml", "/etc/grafana/dashboards", "/var/lib/grafana/dashboards")]
    [InlineData("rule telemetry-no-data: there is no data source influx", "alerting/rules.yaml", "datasourceUid: city-influxql", "datasourceUid: influx")]
    [InlineData("there is no panel 99", "alerting/rules.yaml", "panelId: 1", "panelId: 99")]
    [InlineData("there is no panel 1 of dashboard health", "alerting/rules.yaml", "dashboardUid: service-health", "dashboardUid: health")]
    [InlineData("its condition D is none", "alerting/rules.yaml", "condition: C", "condition: D")]
    [InlineData("noDataState is OK", "alerting/rules.yaml", "noDataState: Alerting", "noDataState: OK")]
    [InlineData("stands there twice", "alerting/rules.yaml", "uid: telemetry-store-behind", "uid: telemetry-rules-behind")]
    [InlineData("there is no contact point operations", "alerting/contact-points.yaml", "name: operations", "name: ops")]
    [InlineData("ALERT_URL is not set", "alerting/contact-points.yaml", "$ALERT_WEBHOOK_URL", "${ALERT_URL}")]
    [InlineData("there is no contact point night", "alerting/policies.yaml", "- receiver: operations", "- receiver: night")]
    public void A_mistake_in_them_is_found(string problem, string file, string right, string wrong)
    {
        var text = Provisioning.Shipped(file);
        Assert.Contains(right, text, StringComparison.Ordinal);

        var problems = new Provisioning(file, text.Replace(right, wrong, StringComparison.Ordinal)).Problems(Compose).ToList();

        Assert.Contains(problems, found => found.Contains(problem, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("home dashboard /etc/grafana/dashboards/home.json is not there", "/etc/grafana/dashboards/city/city-wall.json", "/etc/grafana/dashboards/home.json")]
    [InlineData("alerting/contact-points.yaml: ALERT_WEBHOOK_URL is not set", "      ALERT_WEBHOOK_URL: ", "      ALERT_WEBHOOK: ")]
    [InlineData("/run/secrets/grafana_influxdb_password is not given", ", grafana_influxdb_password]", "]")]
    public void A_mistake_in_the_set_that_mounts_them_is_found(string problem, string right, string wrong)
    {
        Assert.Contains(right, ComposeFile.Shipped, StringComparison.Ordinal);

        var problems = new Provisioning().Problems(new ComposeFile(ComposeFile.Shipped.Replace(right, wrong, StringComparison.Ordinal), ComposeFile.ShippedExample)).ToList();

        Assert.Contains(problems, found => found.Contains(problem, StringComparison.Ordinal));
    }
}
