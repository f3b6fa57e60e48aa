using Telemetry.Ingest.Decoding.Models.Codecs;

namespace Telemetry.Ingest.Decoding.Models.Mapping;

/// <summary>How a field becomes a channel's value: sentinel, scale, unit, then what it is measured from.</summary>
internal sealed record ChannelSource
{
    /// <summary>The sender's name of the field.</summary>
    public required string From { get; init; }

    /// <summary>UCUM; null where the field says it, or has the channel's.</summary>
    public string? Unit { get; init; }

    public Gas? Gas { get; init; }

    /// <summary>Of the air, for masses of <see cref="Gas"/>.</summary>
    public double Celsius { get; init; } = 25;

    public double Times { get; init; } = 1;

    /// <summary>Added after <see cref="Times"/>, in <see cref="Unit"/>.</summary>
    public double Plus { get; init; }

    /// <summary>The value is how far the field lies below it; null to take it as it is.</summary>
    public Reference? Below { get; init; }

    /// <summary>What raw values mean, before any scale; null where the value is taken as it is.</summary>
    public IReadOnlyList<Meaning>? Is { get; init; }

    /// <summary>The file knows the field and leaves to another file what it means: who is to say what, for the refusal. Null where it is said.</summary>
    public string? Unsaid { get; init; }

    /// <summary>For what <see cref="Is"/> doesn't list; where it has none, that is refused.</summary>
    public bool HasElse { get; init; }

    /// <summary>Null to leave the channel out.</summary>
    public string? Else { get; init; }

    public IReadOnlyList<Sentinel> Sentinels { get; init; } = [];
}

/// <summary>A fixed height or angle, or the device's own from a setting of its family.</summary>
/// <param name="Setting">Null for a fixed one.</param>
/// <param name="Unit">Of the fixed one.</param>
internal sealed record Reference(string? Setting, double Value, string? Unit);

/// <param name="Raw">A number, a word, true or false, as the file writes it.</param>
/// <param name="Number">The number that it is, 1 and 0 for true and false; null for a word.</param>
/// <param name="Word">The channel's value as written; null to leave the channel out.</param>
internal sealed record Meaning(string Raw, double? Number, string? Word);
