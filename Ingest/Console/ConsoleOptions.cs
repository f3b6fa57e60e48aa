using System.Text.Json;
using Telemetry.Ingest.OperatorPage.Map;

namespace Telemetry.Ingest.OperatorPage;

/// <summary>What the page's map lies on.</summary>
public sealed record ConsoleOptions
{
    public static readonly string[] Keys = ["Console:Districts", "Console:Tiles"];

    /// <summary>The city's districts as GeoJSON, in place of the shipped sketch of Nanchang's; null for that.</summary>
    internal DistrictShapes? Districts { get; init; }

    /// <summary>A tile server beneath the map, with <c>{z}</c>, <c>{x}</c> and <c>{y}</c>; null draws the outlines alone, and needs no internet.</summary>
    public string? Tiles { get; init; }

    /// <summary>The one origin beside its own from which the page may take images; null for none.</summary>
    public string? TilesOrigin => Tiles is null ? null : new Uri(Tiles).GetLeftPart(UriPartial.Authority);

    public static ConsoleOptions Read(IConfiguration configuration, Action<string, string?, string> error)
    {
        var tiles = configuration["Console:Tiles"];
        if (tiles is not null && !(Uri.TryCreate(tiles, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && tiles.Contains("{z}") && tiles.Contains("{x}") && tiles.Contains("{y}")))
        {
            error("Console:Tiles", tiles, "the address of a tile server such as https://tiles.example.org/{z}/{x}/{y}.png");
            tiles = null;
        }
        return new ConsoleOptions { Districts = ReadDistricts(configuration["Console:Districts"], error), Tiles = tiles };
    }

    private static DistrictShapes? ReadDistricts(string? file, Action<string, string?, string> error)
    {
        if (file is null)
            return null;
        try
        {
            return DistrictShapes.Read(File.ReadAllBytes(file));
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException or JsonException or FormatException)
        {
            error("Console:Districts", file, $"a GeoJSON file of the districts in WGS 84, each a Polygon or MultiPolygon with the property name as the register has it ({wrong.Message})");
            return null;
        }
    }
}
