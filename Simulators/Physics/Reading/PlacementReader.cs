using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families.Yaml;
using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Physics.Reading;

/// <summary><c>share:</c>, <c>id:</c>, <c>address:</c>, <c>heartbeat:</c> and <c>row:</c>.</summary>
internal static class PlacementReader
{
    private const string Rest = "rest";
    private const string DefaultAddress = "{street} {house} ({street.zh}{house}号)";
    private const int LongestRow = 100;

    private static readonly string[] InIds = [Placement.Number, Placement.Row, Placement.Member];
    private static readonly string[] InAddresses = [.. InIds, Placement.Street, Placement.StreetChinese, Placement.House, Placement.Name];

    /// <param name="names">Drawn values may stand in addresses.</param>
    public static Placement? Read(Section root, NameTable names)
    {
        var share = Share(root);
        var id = Text(root, "id", InIds, "write id: lamp-{number:4}");
        var address = Text(root, "address", [.. InAddresses, .. names.Names]);
        var heartbeat = root.Text("heartbeat");
        root.Duration("heartbeat");
        var row = RowOf(root.Child("row"));
        return share is null || id is null ? null : new Placement(share < 0 ? null : share, id, address ?? DefaultAddress, heartbeat?.Value, row);
    }

    /// <summary>-1 for the rest.</summary>
    private static double? Share(Section root)
    {
        if (root.Text("share", "say how many of the city's devices these are: share: 5 %, or rest for what the others leave") is not { } text)
            return null;
        if (text.Value == Rest)
            return -1;
        if (Quantity.TryParse(text.Value, out var quantity, out _) && quantity.TryIn("1", out var share) && share is > 0 and < 1)
            return share;
        root.Fail(text, "share", $"'{text.Value}': expected a share such as 5 %, or {Rest}");
        return null;
    }

    private static Row? RowOf(Section? row)
    {
        if (row is null)
            return null;
        var of = row.Whole("of", 2, LongestRow);
        if (row.Find("of") is null)
            row.Missing("of", "say how many stand in one: of: 8");
        double apart = 0;
        if (row.Text("apart", "say how far apart they stand: apart: 350 m") is { } text && !(Quantity.TryParse(text.Value, out var quantity, out _) && quantity.TryIn("m", out apart)))
            row.Fail(text, "apart", $"'{text.Value}': expected a length such as 350 m");
        var parent = Text(row, "parent", [Placement.Row], "say what they belong to: parent: tunnel-{row:2}");
        var name = Text(row, "name", [Placement.Row, Placement.Street, Placement.StreetChinese]) ?? "{street} ({street.zh})";
        var first = First(row.Child("first"));
        row.RefuseOthers();
        return of is null || parent is null ? null : new Row(of.Value, apart, parent, name, first);
    }

    private static (string District, string Name)? First(Section? first)
    {
        if (first is null)
            return null;
        var (district, name) = (first.Text("district", "say in which district"), first.Text("name", "say how it is called"));
        first.RefuseOthers();
        if (district is not null && Districts.All.All(known => known.Name != district.Value))
            first.Fail(district, "district", $"there is no district '{district.Value}'{NearestName.Hint(district.Value, Districts.All.Select(known => known.Name))}");
        return district is null || name is null ? null : (district.Value, name.Value);
    }

    private static string? Text(Section section, string key, IReadOnlyList<string> known, string? required = null)
    {
        if (section.Text(key, required) is not { } text)
            return null;
        foreach (var name in PlaceText.NamesIn(text.Value).Where(name => !known.Contains(name)))
            section.Fail(text, key, $"nothing is called {{{name}}} here; there are {string.Join(", ", known.Take(InAddresses.Length).Select(each => $"{{{each}}}"))}{NearestName.Hint(name, known)}");
        return text.Value;
    }
}
