namespace Telemetry.Simulators.Physics;

/// <summary>Where a family's devices stand, and what the register says of it. Texts with names in braces: <c>{street} {house} ({street.zh}{house}号)</c>.</summary>
/// <param name="Share">Of the city's devices, 0 to 1; null for the one family that takes the rest.</param>
/// <param name="Heartbeat">As the register writes it; null for the family's.</param>
/// <param name="InRows">Null where they stand anywhere.</param>
public sealed record Placement(double? Share, string Id, string Address, string? Heartbeat, Row? InRows)
{
    /// <summary>Counts from 1 within the family.</summary>
    public const string Number = "number";

    /// <summary>Counts from 1; each device is its own where they stand anywhere.</summary>
    public const string Row = "row";

    /// <summary>Counts from 1 within the row.</summary>
    public const string Member = "member";

    public const string Street = "street";
    public const string StreetChinese = "street.zh";
    public const string House = "house";

    /// <summary>The row's.</summary>
    public const string Name = "name";

    public int RowOf(int number) => InRows is null ? number : ((number - 1) / InRows.Of) + 1;

    public int MemberOf(int number) => InRows is null ? 1 : ((number - 1) % InRows.Of) + 1;
}

/// <summary>Devices that stand side by side along one street, behind one gateway: a tunnel's stations, the lamps of a circuit.</summary>
/// <param name="Of">How many.</param>
/// <param name="Apart">Metres.</param>
/// <param name="Parent">The register's parent of each.</param>
/// <param name="First">District and name of the first row, which people look for; null where it is like the others.</param>
public sealed record Row(int Of, double Apart, string Parent, string Name, (string District, string Name)? First);
