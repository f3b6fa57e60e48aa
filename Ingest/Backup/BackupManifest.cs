using System.Globalization;
using System.Text.Json;
using Telemetry.Ingest.Api;

namespace Telemetry.Ingest.Backup;

/// <param name="Path">In the data directory, with slashes.</param>
/// <param name="Sha256">Hexadecimal digits.</param>
/// <param name="Shared">It is in the backup's <c>log</c> folder, for all sets; else in its set.</param>
internal sealed record BackupFile(string Path, long Bytes, string Sha256, bool Shared);

/// <summary>What a set of a backup holds, and how to tell that it is whole. <c>manifest.json</c> is written last: without it there is no set.</summary>
/// <param name="Position">Last entry of the log in it.</param>
/// <param name="Head">Of the log up to there (FORMAT.md, "Chain").</param>
/// <param name="MadeAt">RFC 3339.</param>
internal sealed record BackupManifest(int Format, string MadeAt, long Position, string? Head, string EngineVersion, IReadOnlyList<BackupFile> Files)
{
    public const int CurrentFormat = 1;
    public const string FileName = "manifest.json";
    public const string SharedFolder = "log";
    private const string SetPrefix = "set-";

    public static string SetName(long position) => string.Create(CultureInfo.InvariantCulture, $"{SetPrefix}{position:D20}");

    /// <summary>Where a file of this set stands.</summary>
    public static string PathOf(BackupFile file, string backup, string set) =>
        System.IO.Path.Combine(backup, file.Shared ? "" : set, file.Path);

    /// <summary>Sets that are whole, the newest first.</summary>
    public static IReadOnlyList<string> Sets(string backup) =>
        !Directory.Exists(backup) ? [] : [.. Directory.EnumerateDirectories(backup, SetPrefix + "*").Select(set => System.IO.Path.GetFileName(set)!).Where(set => File.Exists(System.IO.Path.Combine(backup, set, FileName))).OrderDescending(StringComparer.Ordinal)];

    /// <exception cref="InvalidDataException">It is none, or a later version's.</exception>
    public static BackupManifest Read(string backup, string set)
    {
        var path = System.IO.Path.Combine(backup, set, FileName);
        try
        {
            var manifest = JsonSerializer.Deserialize<BackupManifest>(File.ReadAllBytes(path), ApiJson.Options);
            if (manifest is null or { Files: null })
                throw new InvalidDataException($"{path} holds no manifest");
            if (manifest.Format > CurrentFormat)
                throw new InvalidDataException($"{path} has format {manifest.Format}, this program knows formats up to {CurrentFormat}; use the program that made it");
            // It says where files are written to: nothing may lie outside.
            if (manifest.Files.FirstOrDefault(file => file.Path.Split('/').Any(part => part is "" or "." or "..") || file.Path.Contains('\\')) is { } outside)
                throw new InvalidDataException($"{path} names {outside.Path}, which is no path inside a data directory");
            return manifest;
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path} is damaged: {error.Message}", error);
        }
    }
}
