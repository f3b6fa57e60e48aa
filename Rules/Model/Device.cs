namespace Telemetry.Rules.Model;

/// <summary>What the register knows of a device: where it is, whose, with which overrides. The API's device object.</summary>
public sealed record Device
{
    // One for all: most of a city's devices override nothing.
    internal static readonly IReadOnlyDictionary<string, string> None = new SortedDictionary<string, string>();

    /// <summary>Unique in the city, 1-64 of <c>[A-Za-z0-9_.:-]</c>.</summary>
    public required string Id { get; init; }

    public required string Family { get; init; }

    public string? Model { get; init; }

    public string? Gateway { get; init; }

    public string? District { get; init; }

    public string? Street { get; init; }

    /// <summary>WGS 84, degrees.</summary>
    public double? Latitude { get; init; }

    /// <summary>WGS 84, degrees.</summary>
    public double? Longitude { get; init; }

    public string? Address { get; init; }

    /// <summary>The id of the station, tunnel or pump house that it belongs to.</summary>
    public string? Parent { get; init; }

    /// <summary>As written, e.g. <c>12h</c>; null takes the family's.</summary>
    public string? Heartbeat { get; init; }

    /// <summary><c>provisional</c>, <c>commissioning</c>, <c>test</c>, <c>drill</c>, <c>live</c>.</summary>
    public string State { get; init; } = "live";

    /// <summary>When test, drill or an exercise ends by itself: RFC 3339, 8 h from its begin at most. Null in other states.</summary>
    public string? StateUntil { get; init; }

    /// <summary>Why it is in test, drill or an exercise; null in other states.</summary>
    public string? StateReason { get; init; }

    /// <summary>Name of the exercise that has put it into its state together with others; null for none.</summary>
    public string? Exercise { get; init; }

    /// <summary>Its alarms are for the technician, or for the drill's roster: nobody is paged.</summary>
    internal bool IsInTestOrDrill => State is "test" or "drill";

    /// <summary>Its state ends by itself, and it is live again.</summary>
    internal bool IsForAWhile => IsInTestOrDrill || (State == "commissioning" && Exercise is not null);

    /// <summary>Overrides of the family's settings, as written: <c>2.4</c>, <c>2.4 m</c>, <c>240 cm</c>, <c>verge</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = None;

    /// <summary>Linked devices by role: <c>gauge</c> -> id.</summary>
    public IReadOnlyDictionary<string, string> Links { get; init; } = None;

    /// <summary>
    /// The hardware that reports for it, by the names that it has on the wire (devEui, IMEI, MN, …): wire id -> empty for the device's own model,
    /// <c>milesight-gs301</c>, or with the instance that it reports, <c>milesight-vs330 5</c>.
    /// </summary>
    // Set to null where a device is read that was stored before there were sensors.
    public IReadOnlyDictionary<string, string> Sensors { get; init => field = value ?? None; } = None;

    /// <summary>The place of a kind that it is in: <c>street</c>, <c>district</c>, <c>gateway</c>, <c>parent</c>, <c>city</c>, or what it links by that role (<c>catchment</c>, <c>cell</c>); null where the register does not say.</summary>
    public string? PlaceOf(string kind) => kind switch
    {
        "street" => Street,
        "district" => District,
        "gateway" => Gateway,
        "parent" => Parent,
        "city" => "city",
        _ => Links.GetValueOrDefault(kind),
    };
}
