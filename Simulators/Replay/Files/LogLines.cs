using System.Text;
using System.Text.Json;

namespace Telemetry.Simulators.Replay.Files;

/// <summary>Files of <c>export --log</c> (docs/replay.md): one reading a line, in the order of arrival.</summary>
internal static class LogLines
{
    private const string Expected = "a line of export --log, {\"received\": …, \"gateway\": …, \"family\": …, \"device\": …, \"ts\": …, \"values\": {…}}, would be right";

    public static IEnumerable<RecordedReading> Read(string file, Action<BadRow> bad)
    {
        using var lines = new StreamReader(RecordingFile.Open(file), Encoding.UTF8);
        for (var number = 1L; lines.ReadLine() is { } line; number++)
        {
            if (line.Length == 0)
                continue;
            var reading = Parse(line, out var problem);
            if (problem is not null)
                bad(new BadRow(file, number, problem));
            if (reading is not null)
                yield return reading;
        }
    }

    /// <returns>Null with a problem, or for a reading whose values are all no numbers: there is nothing to send.</returns>
    internal static RecordedReading? Parse(string line, out string? problem)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return Parse(json.RootElement, out problem);
        }
        // Half a surrogate pair is found only once a text is looked at.
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            problem = $"not JSON ({wrong.Message}); {Expected}";
            return null;
        }
    }

    private static RecordedReading? Parse(JsonElement line, out string? problem)
    {
        problem = null;
        if (line.ValueKind != JsonValueKind.Object)
        {
            problem = $"no JSON object; {Expected}";
            return null;
        }
        var mistakes = new List<string>();
        var received = RecordedTime.Parse(Text(line, "received"));
        if (received is null)
            mistakes.Add($"received: {RecordedTime.Expected} would be right");
        var (gateway, family, device) = (Level("gateway"), Level("family"), Level("device"));
        var (sent, sequence) = (Whole("ts"), Whole("seq"));
        var values = line.TryGetProperty("values", out var object_) && object_.ValueKind == JsonValueKind.Object ? object_ : (JsonElement?)null;
        if (values is null)
            mistakes.Add("values: an object of channels would be right");
        var quality = line.TryGetProperty("quality", out var said) ? said : (JsonElement?)null;
        if (quality is { ValueKind: not JsonValueKind.Object })
            mistakes.Add("quality: an object of channels would be right");
        if (mistakes.Count > 0)
        {
            problem = $"{string.Join("; ", mistakes)} ({Expected})";
            return null;
        }
        // A value that is no number is null in the file: the format has no word for it.
        var sendable = values!.Value.EnumerateObject().Where(value => value.Value.ValueKind != JsonValueKind.Null).ToList();
        return sendable.Count == 0 ? null : new RecordedReading
        {
            Time = received!.Value, Gateway = gateway, Family = family!, Device = device!, District = Text(line, "district"),
            SentTime = sent, Sequence = sequence, Values = Object(sendable), Quality = quality?.GetRawText(),
        };

        string? Level(string name)
        {
            var text = Text(line, name);
            if (!ReplayTopic.IsLevel(text))
                mistakes.Add($"{name}: a name without / + # would be right");
            return text;
        }

        long? Whole(string name)
        {
            if (!line.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
                return null;
            if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var whole))
                return whole;
            mistakes.Add($"{name}: a whole number would be right");
            return null;
        }
    }

    private static string? Text(JsonElement line, string name) =>
        line.TryGetProperty(name, out var value) ? value.ValueKind switch { JsonValueKind.String => value.GetString(), JsonValueKind.Number => value.GetRawText(), _ => null } : null;

    private static string Object(List<JsonProperty> members) =>
        "{" + string.Join(',', members.Select(member => $"{JsonSerializer.Serialize(member.Name)}:{member.Value.GetRawText()}")) + "}";
}
