namespace Telemetry.Ingest.Dashboards;

/// <summary>What the queries name: measurements with their retention policy, spans of time. docs/influx.md has the schema.</summary>
internal static class Influx
{
    /// <summary>Of the data source in dashboards/grafana/provisioning.</summary>
    public const string DataSource = "city-influxql";

    public const string Alarm = "\"alarms\".\"alarm\"";

    public const string DeviceState = "\"alarms\".\"device_state\"";

    public const string StreetState = "\"alarms\".\"street_state\"";

    public const string DistrictState = "\"alarms\".\"district_state\"";

    public const string OperatorLoad = "\"alarms\".\"operator_load\"";

    public const string Service = "\"telemetry_service\"";

    /// <summary>
    /// Counts of districts and positions come each minute. What is older says nothing about now: a service that has died must not look
    /// like a calm city.
    /// </summary>
    public const string LastMinutes = "time > now() - 5m";

    /// <summary>What is open or silent is said again each hour, and so is where the streets are. Twice as long: a service that stood still for an hour has not lost its alarms.</summary>
    public const string LastHours = "time > now() - 130m";

    /// <summary>Each device of the register has a state once a day.</summary>
    public const string LastDay = "time > now() - 26h";

    /// <summary>A raw reading is kept for 30 days.</summary>
    public const string LastReadings = "time > now() - 30d";

    public static string Family(string family) => $"\"{family}\"";

    /// <summary>The family's readings by minute: <c>x_min x_mean x_max x_last x_count</c>.</summary>
    public static string Minutes(string family) => $"\"1m\".\"{family}\"";
}
