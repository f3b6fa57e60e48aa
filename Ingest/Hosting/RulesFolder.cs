using System.Text;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Hosting;

/// <summary>The folder of family files that takes the place of the shipped ones.</summary>
internal static class RulesFolder
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The families in force, or every mistake of every file in one list.</summary>
    /// <param name="folder">Null for the shipped files.</param>
    /// <param name="more">Files that the service's configuration brings with it.</param>
    public static (FamilySet? Families, IReadOnlyList<string> Errors) Load(string? folder, params IReadOnlyList<(string File, string Text)> more)
    {
        var (families, errors) = Read(folder, more);
        return (families, [.. errors.Select(error => error.ToString())]);
    }

    /// <summary>
    /// The folder's <c>*.yaml</c>; the service's own families (gateway, area, system) are the shipped ones where the folder has none.
    /// </summary>
    public static (FamilySet? Families, IReadOnlyList<FamilyError> Errors) Read(string? folder, params IReadOnlyList<(string File, string Text)> more)
    {
        if (folder is null)
            return FamilySet.Load(FamilySet.ShippedFiles().Concat(more));
        if (!Directory.Exists(folder))
            return (null, [new FamilyError(folder, 1, 1, "", "not a folder; name the one that holds the family files")]);
        var unreadable = new List<FamilyError>();
        var files = Files(folder, unreadable);
        if (files.Count == 0 && unreadable.Count == 0)
            unreadable.Add(new FamilyError(folder, 1, 1, "", "no *.yaml in it; a folder of rules holds one file a device family"));
        var own = files.Select(file => Path.GetFileName(file.File)).ToHashSet(StringComparer.Ordinal);
        var (families, errors) = FamilySet.Load(files.Concat(FamilySet.ShippedFiles().Where(file => FamilySet.IsOwn(Path.GetFileNameWithoutExtension(file.File)) && !own.Contains(file.File))).Concat(more));
        return (unreadable.Count == 0 ? families : null, [.. unreadable, .. errors]);
    }

    /// <summary>One family file on its own, or every mistake in it.</summary>
    internal static FamilyResult ReadOne(string path)
    {
        var unreadable = new List<FamilyError>();
        return TextOf(path, unreadable) is { } text ? FamilyReader.Read(path, text) : new FamilyResult(null, unreadable);
    }

    internal static List<(string File, string Text)> Files(string folder, List<FamilyError> unreadable)
    {
        var files = new List<(string, string)>();
        foreach (var path in Directory.EnumerateFiles(folder, "*.yaml").Order(StringComparer.Ordinal))
        {
            if (TextOf(path, unreadable) is { } text)
                files.Add((path, text));
        }
        return files;
    }

    private static string? TextOf(string path, List<FamilyError> unreadable)
    {
        try
        {
            return StrictUtf8.GetString(File.ReadAllBytes(path)).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException)
        {
            unreadable.Add(new FamilyError(path, 1, 1, "", "not UTF-8; save it as UTF-8"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            unreadable.Add(new FamilyError(path, 1, 1, "", e.Message));
        }
        return null;
    }
}
