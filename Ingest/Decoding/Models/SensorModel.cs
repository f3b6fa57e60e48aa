using Telemetry.Ingest.Decoding.Models.Codecs;
using Telemetry.Ingest.Decoding.Models.Mapping;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Decoding.Models;

/// <summary>One product: how its bytes become fields, and its fields channels.</summary>
internal sealed record SensorModel
{
    /// <summary>As the vendor writes it, in lower case: <c>milesight-em500-swl</c>.</summary>
    public required string Name { get; init; }

    public required Title Title { get; init; }

    /// <summary>Where the bytes are described.</summary>
    public required string Source { get; init; }

    /// <summary>Null where the formats that carry it name the fields themselves.</summary>
    public IFrameCodec? Codec { get; init; }

    /// <summary>By the family of the device; the first is the one where nothing says which.</summary>
    public required IReadOnlyList<FamilyMapping> Families { get; init; }

    public string? DefaultFamily => Families.Count > 0 ? Families[0].Family : null;

    public FamilyMapping? MappingFor(string family)
    {
        foreach (var mapping in Families)
        {
            if (mapping.Family == family)
                return mapping;
        }
        return null;
    }
}

/// <summary>What a model measures for a device of one family.</summary>
internal sealed record FamilyMapping(string Family, IReadOnlyList<ChannelMapping> Channels);
