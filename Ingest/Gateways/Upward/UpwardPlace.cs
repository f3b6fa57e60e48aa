using System.Globalization;

namespace Telemetry.Ingest.Gateways.Upward;

/// <summary>
/// Up to where the city has acknowledged, in the file <c>upward</c> of the data directory.
/// </summary>
/// <param name="log">Name of the log, see <see cref="Log.LogId"/>: the position of another log says nothing about this one.</param>
internal sealed class UpwardPlace(string path, string log) : IUpwardPlace
{
    public const string FileName = "upward";

    /// <summary>A restored log has another name, and its entries up to here are the same.</summary>
    public static void RenameLog(string path, string log)
    {
        if (File.Exists(path) && File.ReadAllText(path).Split(' ') is [_, var position])
            File.WriteAllText(path, $"{log} {position}");
    }

    /// <inheritdoc/>
    public Task<long?> ReadAsync(CancellationToken cancellationToken) => Task.FromResult(File.Exists(path) ? Read() : null);

    /// <inheritdoc/>
    public Task WriteAsync(long position, CancellationToken cancellationToken)
    {
        Write(position);
        return Task.CompletedTask;
    }

    private long? Read()
    {
        if (File.ReadAllText(path).Split(' ', StringSplitOptions.TrimEntries) is not [var name, var text] || !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var position))
            throw new InvalidDataException($"{path} must hold the log's name and a position; remove it to forward from now on");
        return name == log ? position : null;
    }

    private void Write(long position)
    {
        var unfinished = path + ".new";
        using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{log} {position}\n")));
            file.Flush(flushToDisk: true);
        }
        File.Move(unfinished, path, overwrite: true);
    }
}
