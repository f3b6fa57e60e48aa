using Telemetry.Rules.Families;

namespace Telemetry.Simulators.Scenarios.Picture;

/// <summary>Where a picture goes: to a file whose name says so, else into a folder, by the scenario's name.</summary>
internal static class PictureFile
{
    private const string Ending = ".svg";

    public static bool IsFile(string path) => path.EndsWith(Ending, StringComparison.OrdinalIgnoreCase);

    /// <summary>Makes the folder where it is missing, and replaces what is there.</summary>
    /// <returns>The file.</returns>
    public static async Task<string> WriteAsync(string path, Score score, FamilySet families, CancellationToken cancellationToken)
    {
        var file = IsFile(path) ? path : Path.Combine(path, score.Scenario.Name + Ending);
        if (Path.GetDirectoryName(file) is { Length: > 0 } folder)
            Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(file, ScorePicture.Write(score, families), cancellationToken);
        return file;
    }
}
