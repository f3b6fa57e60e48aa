namespace Telemetry.Ingest.Notify;

/// <summary>A file that this user alone may read, made whole or not at all: an end of the process in between leaves no half of a key.</summary>
internal static class PrivateFile
{
    /// <exception cref="IOException">It can't be made.</exception>
    public static void Make(string path, ReadOnlySpan<byte> content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var draft = path + ".new";
        File.Delete(draft);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(draft, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        File.Move(draft, path);
    }
}
