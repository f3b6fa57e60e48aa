using System.Security.Cryptography;

namespace Telemetry.Ingest.Log;

/// <summary>
/// The name of one log, in the file <c>id</c> beside its segments: made once, and gone with the log. A database outside of this directory
/// notes it with its position, so that the position of another log is never taken for this one's.
/// </summary>
public static class LogId
{
    private const int Digits = 16;

    /// <summary>Reads it, or makes it. The directory must be there.</summary>
    /// <exception cref="InvalidDataException">The file holds something else.</exception>
    public static string Of(string directory)
    {
        var path = Path.Combine(directory, "id");
        if (File.Exists(path))
        {
            var text = File.ReadAllText(path).Trim();
            if (text.Length == Digits && text.All(char.IsAsciiHexDigitLower))
                return text;
            throw new InvalidDataException($"{path} must hold {Digits} hexadecimal digits; remove it to have another made (databases outside are then filled anew from the log)");
        }
        var id = RandomNumberGenerator.GetHexString(Digits, lowercase: true);
        Write(path, id);
        return id;
    }

    /// <summary>Gives the log in this directory the name that copies of it have elsewhere too.</summary>
    /// <param name="of">What they have in common.</param>
    public static void Set(string directory, string of)
    {
        var (path, id) = (Path.Combine(directory, "id"), Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(of)))[..Digits]);
        if (!File.Exists(path) || File.ReadAllText(path).Trim() != id)
            Write(path, id);
    }

    private static void Write(string path, string id)
    {
        var unfinished = path + LogNames.Unfinished;
        using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(id + "\n"));
            file.Flush(flushToDisk: true);
        }
        File.Move(unfinished, path, overwrite: true);
    }
}
