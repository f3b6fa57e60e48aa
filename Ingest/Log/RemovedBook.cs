using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Telemetry.Ingest.Log;

/// <summary>A segment that retention has removed; a line of the file <c>removed</c>. Hashes in hexadecimal digits.</summary>
/// <param name="LastTime">Log time of its last entry, Unix ms.</param>
/// <param name="Hash">Null where the segment after it had no chain.</param>
/// <param name="Kept">Of its kept file; null where it has none.</param>
/// <param name="Before">Value of the line before; null in the first one of all.</param>
/// <param name="Value">Of this line.</param>
internal sealed record RemovedSegment(long First, long Last, long LastTime, string? Hash, string? Kept, string? Before, string Value)
{
    public static RemovedSegment After(string? before, long first, long last, long lastTime, string? hash, string? kept)
    {
        var line = new RemovedSegment(first, last, lastTime, hash, kept, before, "");
        return line with { Value = line.ComputedValue };
    }

    /// <summary>What <see cref="Value"/> must be.</summary>
    public string ComputedValue => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Fields)));

    public string Line => $"{Fields}\t{Value}\n";

    private string Fields => string.Create(CultureInfo.InvariantCulture, $"{First}\t{Last}\t{LastTime}\t{Hash ?? "-"}\t{Kept ?? "-"}\t{Before ?? "-"}");

    /// <exception cref="FormatException">It is no such line.</exception>
    public static RemovedSegment Parse(string line)
    {
        var fields = line.Split('\t');
        if (fields.Length != 7)
            throw new FormatException($"'{line}' has {fields.Length} fields; there must be 7");
        return new RemovedSegment(Number(fields[0]), Number(fields[1]), Number(fields[2]), OrNull(fields[3]), OrNull(fields[4]), OrNull(fields[5]), fields[6]);
    }

    private static long Number(string text) => long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    private static string? OrNull(string text) => text == "-" ? null : text;
}

/// <summary>The file <c>removed</c>: what links the log to what retention has taken from it. One thread writes; any asks for the newest value.</summary>
internal sealed class RemovedBook(string directory, IFileSystem files)
{
    private List<RemovedSegment> _lines = [];
    private volatile string? _newest;

    /// <summary>Value of the last line; null without one.</summary>
    public string? Newest => _newest;

    /// <exception cref="FormatException">The file holds something else.</exception>
    public static List<RemovedSegment> Read(string directory, IFileSystem files)
    {
        if (!files.List(directory).Contains(LogNames.Removed))
            return [];
        using var file = files.Open(PathIn(directory), writable: false);
        var bytes = new byte[file.Length];
        file.Read(0, bytes);
        return [.. Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(RemovedSegment.Parse)];
    }

    /// <summary>A file that can't be read is kept aside: the log needs it only to prove its past.</summary>
    public void Load(ILogger logger)
    {
        try
        {
            _lines = Read(directory, files);
            _newest = _lines is [.., var last] ? last.Value : null;
        }
        catch (Exception error) when (error is IOException or FormatException or OverflowException)
        {
            logger.RemovedIgnored(PathIn(directory), error.Message);
            files.Move(PathIn(directory), PathIn(directory) + ".damaged");
        }
    }

    /// <summary>Notes it for good; a segment that stands there is left as it is.</summary>
    /// <param name="hash">As the segment after it has it.</param>
    public void Add(Segment segment, string? hash, string? kept)
    {
        if (_lines is [.., var last] && last.First >= segment.First)
            return;
        Save([.. _lines, RemovedSegment.After(_newest, segment.First, segment.Last, segment.LastTime, hash, kept)]);
    }

    /// <summary>First position before which there was something that retention has not removed; null where nothing is missed.</summary>
    public long? Misses(List<Segment> segments) =>
        segments is [var first, ..] && first.Header.Chain?.Before is { } before && _lines.FindLast(line => line.First < first.First)?.Hash != before ? first.First : null;

    /// <summary>Lets lines go that nobody needs: no kept file from so far back is there, and the first segment names a later one.</summary>
    /// <param name="firstKept">First position of the first kept file.</param>
    /// <param name="named">What the first segment names.</param>
    public void Drop(long firstKept, string? named)
    {
        var until = _lines.FindIndex(line => line.Value == named);
        var gone = _lines.Take(Math.Max(0, until)).TakeWhile(line => line.First < firstKept).Count();
        if (gone > 0)
            Save(_lines[gone..]);
    }

    private void Save(List<RemovedSegment> lines)
    {
        var bytes = Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line.Line)));
        var path = PathIn(directory);
        using (var file = files.Create(path + LogNames.Unfinished, bytes.Length))
        {
            file.Write(0, bytes);
            file.Sync();
        }
        files.Move(path + LogNames.Unfinished, path);
        files.SyncDirectory(directory);
        _lines = lines;
        _newest = lines[^1].Value;
    }

    private static string PathIn(string directory) => Path.Combine(directory, LogNames.Removed);
}
