using System.Globalization;

namespace Telemetry.Ingest.Gateways.Upward;

/// <summary>
/// Up to where the city has acknowledged, in the file <c>upward</c> of the data directory. It may lag behind: what is sent again, the city knows again.
/// </summary>
/// <param name="log">Name of the log, see <see cref="Log.LogId"/>: the position of another log says nothing about this one.</param>
internal sealed class UpwardPlace(string path, string log)
{
    public const string FileName = "upward";

    /// <summary>A restored log has another name, and its entries up to here are the same.</summary>
    public static void RenameLog(string path, string log)
    {
        if (File.Exists(path) && File.ReadAllText(path).Split(' ') is [_, var position])
            File.WriteAllText(path, $"{log} {position}");
    }

    /// <summary>Null where nothing was forwarded from this log yet.</summary>
    /// <exception cref="InvalidDataException">The file holds something else.</exception>
    public long? Read()
    {
        if (!File.Exists(path))
            return null;
        if (File.ReadAllText(path).Split(' ', StringSplitOptions.TrimEntries) is not [var name, var text] || !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var position))
            throw new InvalidDataException($"{path} must hold the log's name and a position; remove it to forward from now on");
        return name == log ? position : null;
    }

    public void Write(long position)
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
