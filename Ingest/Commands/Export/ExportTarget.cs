using Telemetry.Ingest.Store;

namespace Telemetry.Ingest.Commands.Export;

/// <summary>Where an export goes: one file, or a folder with a file a day. What is not whole is never there under its name.</summary>
internal sealed class ExportTarget(string path, bool isFolder, ExportFormat format) : IDisposable
{
    private readonly List<string> _parts = [];

    /// <summary>Where the parts stand until they are whole: beside the target, so that the last step is a rename.</summary>
    private readonly string _unfinished = path.TrimEnd(Path.DirectorySeparatorChar) + ".unfinished";

    public int Files { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>What would be written over, of these parts.</summary>
    public IEnumerable<string> InTheWay(IEnumerable<ExportPart> parts) => (isFolder ? parts.Select(FileOf) : [path]).Where(File.Exists);

    /// <summary>Takes the part's bytes; a part without rows leaves no file of its own.</summary>
    public async Task TakeAsync(ExportPart part, Stream bytes, long rows, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_unfinished);
        var file = Path.Combine(_unfinished, $"{_parts.Count:D6}");
        await using (var output = File.Create(file))
            await bytes.CopyToAsync(output, cancellationToken);
        if (!isFolder)
        {
            _parts.Add(file);
            return;
        }
        if (rows > 0)
        {
            Directory.CreateDirectory(path);
            Finish(file, FileOf(part));
        }
    }

    /// <summary>Joins the parts where there is one file.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        if (isFolder || _parts.Count == 0)
            return;
        var whole = _parts[0];
        if (_parts.Count > 1)
        {
            whole = Path.Combine(_unfinished, "whole");
            if (format == ExportFormat.Parquet)
                DuckDbExport.JoinParquet(_parts, whole);
            else
                await JoinTextAsync(whole, cancellationToken);
        }
        Finish(whole, path);
    }

    public void Dispose()
    {
        if (Directory.Exists(_unfinished))
            Directory.Delete(_unfinished, recursive: true);
    }

    private string FileOf(ExportPart part) => Path.Combine(path, $"readings-{part.Name}.{format.ToString().ToLowerInvariant()}");

    private void Finish(string file, string target)
    {
        Bytes += new FileInfo(file).Length;
        Files++;
        File.Move(file, target, overwrite: true);
    }

    private async Task JoinTextAsync(string whole, CancellationToken cancellationToken)
    {
        await using var output = File.Create(whole);
        foreach (var part in _parts)
        {
            await using var input = File.OpenRead(part);
            // The header of CSV stands once.
            if (format == ExportFormat.Csv && part != _parts[0])
                while (input.ReadByte() is not ('\n' or -1)) { }
            await input.CopyToAsync(output, cancellationToken);
        }
    }
}
