using System.Text.Json;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Store.Influx.Downsampling;

/// <summary>
/// Rows of a <see cref="SummaryQuery"/> as lines: numbers and booleans as floats, a state's last value and all counts as integers, so that a field has
/// one type whatever the server says.
/// </summary>
internal sealed class SummaryLines(Family family, Resolution resolution)
{
    private readonly LineWriter _writer = new();
    private readonly string[] _counted = [.. SummaryQuery.Counted(family, resolution)];
    private readonly Dictionary<(string Channel, string Tags, long Time), long> _trues = [];
    private readonly HashSet<string> _states = [.. family.Channels.Where(channel => channel.Type == ChannelType.State).Select(channel => channel.Name + SummaryQuery.Last)];

    public int Length => _writer.Length;

    public ReadOnlyMemory<byte> Written => _writer.Written;

    /// <summary>Rows taken in.</summary>
    public int Rows { get; private set; }

    public void Clear() => _writer.Clear();

    /// <param name="piece">One JSON object of a chunked answer.</param>
    public void Add(JsonElement piece)
    {
        foreach (var result in piece.GetProperty("results").EnumerateArray())
        {
            if (!result.TryGetProperty("series", out var many))
                continue;
            var statement = result.GetProperty("statement_id").GetInt32();
            foreach (var series in many.EnumerateArray())
            {
                if (statement < _counted.Length)
                    Count(_counted[statement], series);
                else
                    Write(series);
            }
        }
    }

    private void Count(string channel, JsonElement series)
    {
        var tags = Tags(series);
        foreach (var row in series.GetProperty("values").EnumerateArray())
            _trues[(channel, tags, row[0].GetInt64())] = row[1].GetInt64();
        Rows += series.GetProperty("values").GetArrayLength();
    }

    private void Write(JsonElement series)
    {
        var tags = Tags(series);
        string[] columns = [.. series.GetProperty("columns").EnumerateArray().Select(column => column.GetString()!)];
        foreach (var row in series.GetProperty("values").EnumerateArray())
        {
            Rows++;
            JsonElement[] values = [.. row.EnumerateArray()];
            // A line without a field is none.
            if (values.Skip(1).Any(value => value.ValueKind != JsonValueKind.Null))
                Write(series, tags, columns, values);
        }
    }

    private void Write(JsonElement series, string tags, string[] columns, JsonElement[] row)
    {
        var time = row[0].GetInt64();
        _writer.Name(family.Name);
        if (series.TryGetProperty("tags", out var all))
        {
            foreach (var tag in all.EnumerateObject().Where(tag => tag.Value.GetString() is { Length: > 0 }))
            {
                _writer.Byte(',');
                _writer.Name(tag.Name);
                _writer.Byte('=');
                _writer.Name(tag.Value.GetString()!);
            }
        }
        var separator = ' ';
        for (var i = 1; i < columns.Length; i++)
        {
            if (row[i].ValueKind == JsonValueKind.Null)
                continue;
            var isCount = columns[i].EndsWith(SummaryQuery.Count, StringComparison.Ordinal);
            Field(columns[i], NumberOf(row[i]), isCount || _states.Contains(columns[i]));
            if (isCount && columns[i][..^SummaryQuery.Count.Length] is var channel && _counted.Contains(channel))
                Field(channel + SummaryQuery.Mean, _trues.GetValueOrDefault((channel, tags, time)) / row[i].GetDouble(), false);
        }
        _writer.Byte(' ');
        _writer.Digits(time);
        _writer.Byte('\n');

        void Field(string name, double number, bool isInteger)
        {
            _writer.Byte(separator);
            separator = ',';
            _writer.Name(name);
            _writer.Byte('=');
            if (isInteger)
                _writer.Integer((long)number);
            else
                _writer.Float(number);
        }
    }

    private static double NumberOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        _ => value.GetDouble(),
    };

    /// <summary>Equal for the same series in each statement.</summary>
    private static string Tags(JsonElement series) => series.TryGetProperty("tags", out var tags) ? tags.GetRawText() : "";
}
