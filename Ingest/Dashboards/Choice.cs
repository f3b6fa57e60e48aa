namespace Telemetry.Ingest.Dashboards;

/// <summary>
/// Which devices a panel is about, as InfluxQL conditions; empty for all. A device's place may change while its alarm stands; then the
/// series of the old place ends with an open alarm that nobody will ever close. So the newest transition is looked for by what never
/// changes, and its place is asked afterwards.
/// </summary>
/// <param name="Device">On device and family.</param>
/// <param name="Place">On district and street.</param>
internal sealed record Choice(string Device = "", string Place = "")
{
    public static readonly Choice All = new();

    /// <summary>Both, each after <c>AND</c>: for what is asked of a span of time.</summary>
    public string Anywhere => And(Device) + And(Place);

    public static string And(string condition) => condition.Length == 0 ? "" : $" AND {condition}";
}
