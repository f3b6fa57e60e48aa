using System.Globalization;
using System.Text.Json;
using Telemetry.Rules.Families;

namespace Telemetry.Simulators.Replay.Files;

/// <summary>A row of the store's export (<c>time, receivedTime, family, device, channel, value, state, quality, seq</c>), its fields as texts; null or empty for none.</summary>
internal sealed record StoreValue(string? Time, string? Family, string? Device, string? Channel, string? Value, string? State, string? Quality, string? Sequence)
{
    /// <returns>Null with a problem, or for a value that is no number: there is nothing to send.</returns>
    public ValueRow? ToRow(FamilySet families, out string? problem)
    {
        var mistakes = new List<string>();
        var time = RecordedTime.Parse(Time);
        if (time is null)
            mistakes.Add($"time '{Time}': {RecordedTime.Expected} would be right");
        foreach (var (name, text) in new[] { ("family", Family), ("device", Device), ("channel", Channel) })
        {
            if (!ReplayTopic.IsLevel(text))
                mistakes.Add($"{name} '{text}': a name without / + # would be right");
        }
        var sequence = long.TryParse(Sequence, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole : (long?)null;
        if (sequence is null && !string.IsNullOrEmpty(Sequence))
            mistakes.Add($"seq '{Sequence}': a whole number would be right");
        if (!string.IsNullOrEmpty(Quality) && Quality is not ("good" or "uncertain" or "bad" or "stale"))
            mistakes.Add($"quality '{Quality}': good, uncertain, bad or stale would be right");
        var value = Json(families, mistakes);
        problem = mistakes.Count > 0 ? string.Join("; ", mistakes) : null;
        return problem is not null || value is null ? null : new ValueRow(time!.Value, null, Family!, Device!, Channel!, value, Quality is null or "" or "good" ? null : Quality, sequence);
    }

    private string? Json(FamilySet families, List<string> mistakes)
    {
        if (!string.IsNullOrEmpty(State))
            return JsonSerializer.Serialize(State);
        if (string.IsNullOrEmpty(Value))
            return null;
        if (!double.TryParse(Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
            mistakes.Add($"value '{Value}': a number would be right");
        // The store has numbers alone: the family file says which of them are truths.
        else if (Family is not null && Channel is not null && families.Find(Family)?.Find(Channel)?.Channel.Type == ChannelType.Boolean)
            return number != 0 ? "true" : "false";
        return JsonSerializer.Serialize(number);
    }
}
