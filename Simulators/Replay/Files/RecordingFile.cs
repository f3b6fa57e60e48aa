using System.IO.Compression;
using System.Text;
using Telemetry.Rules.Families;

namespace Telemetry.Simulators.Replay.Files;

/// <summary>Knows a file's kind by its name and its first line.</summary>
internal static class RecordingFile
{
    /// <exception cref="RecordingException">It is of no kind that can be replayed.</exception>
    public static IEnumerable<RecordedReading> Read(string file, CsvMapping? mapping, FamilySet families, Action<BadRow> bad)
    {
        var name = file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? file[..^3] : file;
        return Path.GetExtension(name).ToLowerInvariant() switch
        {
            ".jsonl" or ".ndjson" => ReadLines(file, families, bad),
            ".parquet" => StoreParquet.Read(file, families, bad),
            _ when mapping is not null => MappedCsv.Read(file, mapping, bad),
            ".csv" => StoreCsv.Read(file, families, bad),
            _ => throw new RecordingException($"{file}: a name that ends in .jsonl or .csv (or either with .gz) or .parquet would be right, or --map for columns of your own"),
        };
    }

    public static Stream Open(string file)
    {
        try
        {
            var bytes = File.OpenRead(file);
            return file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(bytes, CompressionMode.Decompress) : bytes;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new RecordingException($"{file}: {problem.Message}");
        }
    }

    private static IEnumerable<RecordedReading> ReadLines(string file, FamilySet families, Action<BadRow> bad)
    {
        string? first;
        using (var look = new StreamReader(Open(file), Encoding.UTF8))
            first = look.ReadLine();
        return first is not null && StoreLines.IsOne(first) ? StoreLines.Read(file, families, bad) : LogLines.Read(file, bad);
    }
}
