using Telemetry.Ingest.Decoding.Reports;

namespace Telemetry.Ingest.Decoding.Models.Codecs;

/// <summary>Bytes of a fixed length, and what fields they are.</summary>
internal sealed record FrameBlock
{
    /// <summary>The field by which a block says its own moment: Unix seconds.</summary>
    public const string Time = "time";

    public required bool BigEndian { get; init; }

    public required IReadOnlyList<FieldLayout> Fields { get; init; }

    /// <summary>Bytes.</summary>
    public required int Length { get; init; }

    /// <summary>It tells of a moment that is not now: a report of its own, with its own time.</summary>
    public bool IsPast { get; init; }

    /// <summary>Of fields that several blocks give: the last counts.</summary>
    public static IReadOnlyDictionary<string, string?> Units(IEnumerable<FieldLayout> fields) =>
        fields.GroupBy(field => field.Name, StringComparer.Ordinal).ToDictionary(same => same.Key, same => same.Last().Unit, StringComparer.Ordinal);

    /// <param name="bytes">At least <see cref="Length"/>.</param>
    public void Read(ReadOnlySpan<byte> bytes, Report report, List<Report> past)
    {
        if (!IsPast)
        {
            ReadFields(bytes, report);
            return;
        }
        var then = new Report { WireId = report.WireId, Product = report.Product };
        ReadFields(bytes, then);
        past.Add(then);
    }

    private void ReadFields(ReadOnlySpan<byte> bytes, Report report)
    {
        foreach (var layout in Fields)
        {
            var field = layout.Read(bytes, BigEndian);
            if (layout.Name != Time)
                report.Fields.Add(field);
            else
                report.Time ??= (long)field.Number * 1000;
        }
    }
}
