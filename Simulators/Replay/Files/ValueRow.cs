using System.Text;
using System.Text.Json;

namespace Telemetry.Simulators.Replay.Files;

/// <summary>One value, where a file has a row for each.</summary>
/// <param name="Value">JSON.</param>
/// <param name="Quality">Null for good.</param>
internal sealed record ValueRow(long Time, string? Gateway, string Family, string Device, string Channel, string Value, string? Quality = null, long? Sequence = null);

/// <summary>Makes readings of rows that come by time: those of one time, device and sequence number are one reading again.</summary>
internal static class ValueRows
{
    public static IEnumerable<RecordedReading> Group(IEnumerable<ValueRow> rows)
    {
        var open = new List<List<ValueRow>>();
        var newest = new Dictionary<(string, string, long?), List<ValueRow>>();
        foreach (var row in rows)
        {
            if (open.Count > 0 && open[0][0].Time != row.Time)
            {
                foreach (var reading in open)
                    yield return Join(reading);
                open.Clear();
                newest.Clear();
            }
            var key = (row.Family, row.Device, row.Sequence);
            // The same channel again is another reading with the same key.
            if (newest.TryGetValue(key, out var own) && own.TrueForAll(other => other.Channel != row.Channel))
                own.Add(row);
            else
                open.Add(newest[key] = [row]);
        }
        foreach (var reading in open)
            yield return Join(reading);
    }

    private static RecordedReading Join(List<ValueRow> rows)
    {
        var first = rows[0];
        var doubtful = rows.Where(row => row.Quality is not null).ToList();
        return new RecordedReading
        {
            Time = first.Time, Gateway = first.Gateway, Family = first.Family, Device = first.Device, SentTime = first.Time, Sequence = first.Sequence,
            Values = Object(rows, row => row.Value),
            Quality = doubtful.Count == 0 ? null : Object(doubtful, row => JsonSerializer.Serialize(row.Quality)),
        };
    }

    private static string Object(List<ValueRow> rows, Func<ValueRow, string> value)
    {
        var text = new StringBuilder("{");
        foreach (var row in rows)
            text.Append(text.Length > 1 ? "," : "").Append(JsonSerializer.Serialize(row.Channel)).Append(':').Append(value(row));
        return text.Append('}').ToString();
    }
}
