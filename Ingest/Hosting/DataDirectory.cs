namespace Telemetry.Ingest.Hosting;

/// <summary>Whether state can be kept where the configuration says.</summary>
internal static class DataDirectory
{
    /// <summary>Written and deleted at each start.</summary>
    public const string Probe = ".writable";

    public static IEnumerable<string> Check(string path)
    {
        string? problem = null;
        try
        {
            Directory.CreateDirectory(path);
            var probe = Path.Combine(path, Probe);
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            problem = $"Data:Path = {path}: can't be written ({error.Message}); name a directory that this user may write, or mend its rights";
        }
        return problem is null ? [] : [problem];
    }
}
