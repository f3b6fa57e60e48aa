namespace Telemetry.Ingest.Store.Influx;

/// <summary>Lines one after the other, any stretch of which can be sent. Used again for every batch.</summary>
internal sealed class LineBuffer
{
    private readonly List<int> _ends = [];

    public LineWriter Writer { get; } = new();

    public int Count => _ends.Count;

    public void Clear()
    {
        Writer.Clear();
        _ends.Clear();
    }

    /// <summary>What was written since the last line is the next one.</summary>
    public void EndLine()
    {
        Writer.Byte('\n');
        _ends.Add(Writer.Length);
    }

    /// <summary>Lines that were written before, each with its line feed, and none within a line.</summary>
    public void Add(ReadOnlySpan<byte> lines)
    {
        var start = Writer.Length;
        Writer.Bytes(lines);
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i] == '\n')
                _ends.Add(start + i + 1);
        }
    }

    /// <summary>Lines <paramref name="from"/> to <paramref name="to"/> (exclusive), each with its line feed.</summary>
    public ReadOnlyMemory<byte> Lines(int from, int to)
    {
        var start = from == 0 ? 0 : _ends[from - 1];
        return Writer.Written[start.._ends[to - 1]];
    }
}
