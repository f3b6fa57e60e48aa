using Telemetry.Ingest.Decoding.Reports;

namespace Telemetry.Ingest.Decoding.Models.Codecs;

/// <summary>How one model's bytes become fields. Any thread.</summary>
internal interface IFrameCodec
{
    /// <summary>The fields that it gives, for <c>from</c> in a model's channels, and their units; null where it says none, or one that differs from frame to frame.</summary>
    IReadOnlyDictionary<string, string?> Fields { get; }

    /// <summary>Never throws on what was sent: what can't be read stands in the report, and what came before it is kept.</summary>
    /// <param name="report">Whose frame it is; the fields of now, and what was refused, are added to it.</param>
    /// <param name="past">Takes a report for each other moment that the frame tells of, with its own time.</param>
    void Read(ReadOnlySpan<byte> frame, Report report, List<Report> past);
}
