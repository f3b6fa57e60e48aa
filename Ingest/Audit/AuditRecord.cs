namespace Telemetry.Ingest.Audit;

/// <summary>Who did what to what, and when: one entry of the log in words.</summary>
/// <param name="At">Log time, Unix ms.</param>
/// <param name="Kind">One of <see cref="Kinds"/>.</param>
/// <param name="By">Who did it; <c>service</c> for what nobody did.</param>
/// <param name="Subject">What it was done to: an alarm's id, a device's, a family's, a position's …</param>
/// <param name="Sentence">In English.</param>
/// <param name="Fields">The entry's own values that are there, by name, in order.</param>
internal sealed record AuditRecord(long Position, long At, string Kind, string By, string Subject, string Sentence, IReadOnlyList<(string Name, string Value)> Fields)
{
    public static IReadOnlyList<string> Kinds { get; } = ["action", "device", "rule", "calendar", "position", "handover", "account", "redecode", "system", "service"];

    /// <summary>Did it, agreed to it, or was signed off by somebody else.</summary>
    public bool Concerns(string person) =>
        string.Equals(By, person, StringComparison.OrdinalIgnoreCase)
        || Fields.Any(field => field.Name is "second" or "approvedBy" or "person" or "to" && string.Equals(field.Value, person, StringComparison.OrdinalIgnoreCase));
}
