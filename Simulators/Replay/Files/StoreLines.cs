using System.Text;
using System.Text.Json;
using Telemetry.Rules.Families;

namespace Telemetry.Simulators.Replay.Files;

/// <summary>JSON lines of the store's export: a value a line, by event time.</summary>
internal static class StoreLines
{
    public static bool IsOne(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("channel", out _);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    public static IEnumerable<RecordedReading> Read(string file, FamilySet families, Action<BadRow> bad) => ValueRows.Group(Rows(file, families, bad));

    private static IEnumerable<ValueRow> Rows(string file, FamilySet families, Action<BadRow> bad)
    {
        using var lines = new StreamReader(RecordingFile.Open(file), Encoding.UTF8);
        for (var number = 1L; lines.ReadLine() is { } line; number++)
        {
            if (line.Length == 0)
                continue;
            var row = Parse(line, families, out var problem);
            if (problem is not null)
                bad(new BadRow(file, number, problem));
            if (row is not null)
                yield return row;
        }
    }

    private static ValueRow? Parse(string line, FamilySet families, out string? problem)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var row = json.RootElement;
            if (row.ValueKind == JsonValueKind.Object)
                return new StoreValue(Text(row, "time"), Text(row, "family"), Text(row, "device"), Text(row, "channel"), Text(row, "value"), Text(row, "state"), Text(row, "quality"), Text(row, "seq")).ToRow(families, out problem);
            problem = "no JSON object; a line of export would be right";
        }
        // Half a surrogate pair is found only once a text is looked at.
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            problem = $"not JSON: {wrong.Message}";
        }
        return null;
    }

    private static string? Text(JsonElement row, string name) =>
        !row.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? null : value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText();
}
