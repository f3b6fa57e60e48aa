using System.Security.Cryptography;

namespace Telemetry.Ingest.Notify.Crew;

/// <summary>
/// The key that signs the steps of the crew's page: made at the first start, readable by this user alone. Whoever deletes it makes every page that is open
/// say "look again"; links go on.
/// </summary>
internal static class CrewKey
{
    public const string FileName = "notify.key";

    private const int Length = 32;

    /// <exception cref="InvalidDataException">The file holds something else.</exception>
    /// <exception cref="IOException">It can't be read or made.</exception>
    public static byte[] Open(string dataPath)
    {
        var path = Path.Combine(dataPath, FileName);
        if (!File.Exists(path))
            Make(path);
        var key = File.ReadAllBytes(path);
        return key.Length == Length ? key : throw new InvalidDataException($"{path} is no key of {Length} bytes; delete it, and a new one is made");
    }

    private static void Make(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        // Whole or not at all: an end of the process in between leaves no half of a key.
        var draft = path + ".new";
        File.Delete(draft);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(draft, options))
        {
            file.Write(RandomNumberGenerator.GetBytes(Length));
            file.Flush(flushToDisk: true);
        }
        File.Move(draft, path);
    }
}
