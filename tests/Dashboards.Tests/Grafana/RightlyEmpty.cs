namespace Telemetry.Dashboards.Tests.Grafana;

/// <summary>Queries that find nothing in the recorded city, and rightly.</summary>
/// <param name="Part">Of the query as it was asked, or a dashboard's uid.</param>
/// <param name="InOneStreet">Only where a street is chosen.</param>
internal sealed record RightlyEmpty(string Part, string Why, bool InOneStreet = false)
{
    private const string NotSent = "the simulated devices do not send it";
    private const string Ordinary = "nothing of the kind happens in the simulated city, and only what is out of the ordinary is listed";

    public static readonly IReadOnlyList<RightlyEmpty> All =
    [
        new("\"battery_flag", NotSent),
        new("\"oxygen", "sent while a well is entered, which nobody does here"),
        new("\"luminance", NotSent),
        new("last(\"fan_command\") AS \"state\"", Ordinary),
        new("last(\"fan_state\") AS \"state\"", Ordinary),
        new("last(\"fire_alarm\") AS \"state\"", Ordinary),
        new("last(\"stopped_vehicle\") AS \"state\"", Ordinary),
        new("last(\"barrier_state\") AS \"state\"", Ordinary),
        new("last(\"lane_signal\") AS \"state\"", Ordinary),
        new("last(\"control_mode\") AS \"state\"", Ordinary),
        new("WHERE \"state\" = ", "only what is out of the ordinary is listed, and one street may have nothing of it", InOneStreet: true),
        new("city-family-area", "no whole area falls silent: a gateway that does is an alarm of its own"),
        new("city-device-area", "as above"),
    ];

    public static RightlyEmpty? Of(string dashboard, string query, bool inOneStreet) =>
        All.FirstOrDefault(each => (inOneStreet || !each.InOneStreet) && (each.Part == dashboard || query.Contains(each.Part, StringComparison.Ordinal)));
}
