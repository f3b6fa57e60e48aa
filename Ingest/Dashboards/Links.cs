namespace Telemetry.Ingest.Dashboards;

/// <summary>
/// Ways on from a row of a table or a point of a map. They carry the time range and the row's own place; the other variables would
/// contradict it.
/// </summary>
internal static class Links
{
    public static readonly string Device = DeviceOf("${__data.fields.family}");

    /// <summary>From rows that don't name the family.</summary>
    public static string DeviceOf(string family) => $"/d/{DeviceUid}{family}?{Place}&var-device=${{__data.fields.device}}";

    public const string District = "/d/city-district?${__url_time_range}&var-district=${__data.fields.district}";

    public const string Street = "/d/city-street?" + Place;

    private const string Place = "${__url_time_range}&var-district=${__data.fields.district}&var-street=${__data.fields.street}";

    public const string Family = "/d/" + FamilyUid + "${__data.fields.family}?${__url_time_range}&${__all_variables}";

    /// <summary>And the family's name.</summary>
    public const string DeviceUid = "city-device-";

    /// <summary>And the family's name.</summary>
    public const string FamilyUid = "city-family-";
}
