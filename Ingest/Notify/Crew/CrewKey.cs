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
            PrivateFile.Make(path, RandomNumberGenerator.GetBytes(Length));
        var key = File.ReadAllBytes(path);
        return key.Length == Length ? key : throw new InvalidDataException($"{path} is no key of {Length} bytes; delete it, and a new one is made");
    }
}
