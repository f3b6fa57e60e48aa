using CsvHelper;

namespace Telemetry.Simulators.Replay.Files;

/// <summary>A CSV file row by row, its cells by the header's names.</summary>
internal sealed class CsvRows : IDisposable
{
    private readonly CsvReader _rows;
    private readonly Action<BadRow> _bad;
    private readonly int _skip;
    private long _malformed;

    /// <param name="skip">Lines before the header.</param>
    public CsvRows(string file, char separator, int skip, Action<BadRow> bad)
    {
        (File, _skip, _bad) = (file, skip, bad);
        _rows = CsvReader.Create(Behind(RecordingFile.Open(file), skip), new CsvReaderOptions
        {
            Separator = separator,
            TrimWhitespace = true,
            TrackLineNumbers = true,
            PoolStrings = true,
            // Otherwise one forgotten quote swallows the rest of the file, and its rows go unjudged.
            AllowLineBreaksInQuotes = false,
            OnMalformedRecord = row =>
            {
                _malformed = row.LineNumber;
                Fail("the quotes are wrong: a field in quotes that ends on its line, with \"\" for each quote in it, would be right", row.LineNumber);
            },
        }, false);
        Headers = [.. _rows.Headers];
    }

    public string File { get; }

    public IReadOnlyList<string> Headers { get; }

    /// <summary>Goes to the next row that has as many cells as the header.</summary>
    public bool Read()
    {
        while (_rows.Read())
        {
            // Its quotes are wrong, which has been said: what its fields are is a guess.
            if (_malformed == _rows.LineNumber)
                continue;
            if (_rows.FieldCount == Headers.Count)
                return true;
            Fail(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{_rows.FieldCount} cells; {Headers.Count}, as many as the header has, would be right"), _rows.LineNumber);
        }
        return false;
    }

    public string this[int column] => _rows.GetString(column);

    public void Fail(string what) => Fail(what, _rows.LineNumber);

    public void Dispose() => _rows.Dispose();

    private void Fail(string what, long line) => _bad(new BadRow(File, _skip + line, what));

    private static Stream Behind(Stream file, int lines)
    {
        if (lines == 0)
            return file;
        var buffered = new BufferedStream(file, 1 << 16);
        for (var read = 0; lines > 0 && read >= 0;)
        {
            read = buffered.ReadByte();
            if (read == '\n')
                lines--;
        }
        return buffered;
    }
}
