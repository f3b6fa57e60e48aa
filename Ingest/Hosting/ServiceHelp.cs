namespace Telemetry.Ingest.Hosting;

/// <summary>What <c>--help</c> says of the service itself.</summary>
internal static class ServiceHelp
{
    public const string Text = """
        Telemetry: readings in over MQTT, alarms out. Without a command the service runs until Ctrl+C.

        Examples:
          --demo                                   the whole service with a simulated city of 2,000 devices
          --Data:Path=/var/lib/telemetry           all state under this directory (default ./data)
          --Mqtt:Port=1883 --Http:Port=8080        the ports; 0 takes a free one
          --Mqtt:External:Address=broker:1883      behind Mosquitto instead of an MQTT endpoint of its own
          --Hj212:Port=9212                        stations that speak HJ 212 over TCP
          --Rules:Path=./rules                     family files of your own instead of the shipped ones
          --Models:Path=./models                   sensor models of your own beside the shipped ones
          --json-logs                              the log on standard error as JSON, one object a line
          --Security:GatewaysFile=g.yaml --Security:UsersFile=u.yaml --Mqtt:Address=0.0.0.0 --Http:Address=0.0.0.0
                                                   beyond this machine, with credentials (see: credential --help)
          --Store:Kinds=duckdb,influxdb            both stores; --Influx:Url|Org|Bucket|TokenFile say which InfluxDB (see: store init --help)
          --Console:Districts=city.geojson         the map's outlines: your districts instead of a sketch of Nanchang's (--Console:Tiles=URL lays a tile server beneath)
          --Log:Keep=400d --Log:Budget=16GiB       how long, and how much of what nobody has read yet

        The same keys stand in appsettings.json and, as TELEMETRY__Data__Path, in the environment. Open http://127.0.0.1:8080 for the page.
        """;
}
