using CsvHelper;

namespace Telemetry.Simulators.Replay.Files;

/// <summary>A CSV file row by row, its cells by the header's names.</summary>
internal sealed class CsvRows : IDisposable
{
    private readonly CsvReader _rows;
    private readonly Action<BadRow> _bad;
    private long _malformed;

    public CsvRows(string file, char separator, Action<BadRow> bad)
    {
        (File, _bad) = (file, bad);
        _rows = CsvReader.Create(RecordingFile.Open(file), new CsvReaderOptions
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

    public long Line => _rows.LineNumber;

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
            Fail(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{_rows.FieldCount} cells; {Headers.Count}, as many as the header has, would be right"), Line);
        }
        return false;
    }

    public string this[int column] => _rows.GetString(column);

    public void Fail(string what) => Fail(what, Line);

    public void Dispose() => _rows.Dispose();

    private void Fail(string what, long line) => _bad(new BadRow(File, line, what));
}
