using Telemetry.Ingest.Cluster;
using Telemetry.Ingest.Gateways.Upward;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.State;

namespace Telemetry.Ingest.Backup;

/// <summary>Puts a set of a backup into a new data directory: all of it checked first, then all of it or nothing.</summary>
/// <param name="total">Told how many bytes there are to do.</param>
/// <param name="done">Told each number of bytes that is done.</param>
internal sealed class BackupRestore(string backup, string data, Action<long> total, Action<long> done)
{
    /// <param name="set">Its folder's name; null for the newest.</param>
    /// <exception cref="InvalidDataException">The backup is not whole, with the file's name; or there is none.</exception>
    /// <exception cref="IOException">Something is there already.</exception>
    public BackupManifest Run(string? set, CancellationToken cancellationToken)
    {
        RefuseWhatIsThere();
        var name = set ?? (BackupManifest.Sets(backup) is [var newest, ..] ? newest : throw new InvalidDataException($"{backup} holds no backup: a folder set-… with a {BackupManifest.FileName} would be right"));
        if (!File.Exists(Path.Combine(backup, name, BackupManifest.FileName)))
            throw new InvalidDataException($"{backup} has no set {name}; there are: {string.Join(", ", BackupManifest.Sets(backup))}");
        var manifest = BackupManifest.Read(backup, name);
        total(2 * manifest.Files.Sum(file => file.Bytes));
        foreach (var file in manifest.Files)
            Check(file, BackupManifest.PathOf(file, backup, name), cancellationToken);

        var unfinished = Path.TrimEndingDirectorySeparator(Path.GetFullPath(data)) + ".restoring";
        if (Directory.Exists(unfinished))
            Directory.Delete(unfinished, recursive: true);
        BackupWriter.MakePrivate(unfinished);
        foreach (var file in manifest.Files)
        {
            var (_, hash) = HashedCopy.Run(BackupManifest.PathOf(file, backup, name), Path.Combine(unfinished, file.Path), null, done, cancellationToken);
            if (hash != file.Sha256)
                throw new InvalidDataException($"{file.Path} changed while it was copied");
        }
        // A cluster's node goes on with the stream, and so with the same log.
        if (!File.Exists(Path.Combine(unfinished, "log", StreamPlace.FileName)))
            BecomeAnotherLog(unfinished);
        var files = new FileSystem();
        files.SyncDirectory(Path.Combine(unfinished, "log"));
        files.SyncDirectory(unfinished);
        if (Directory.Exists(data))
            Directory.Delete(data);
        Directory.Move(unfinished, data);
        files.SyncDirectory(Path.GetDirectoryName(unfinished)!);
        return manifest;
    }

    private void RefuseWhatIsThere()
    {
        if (File.Exists(data))
            throw new IOException($"{data} is a file; a directory that is empty or not there would be right");
        if (!Directory.Exists(data) || !Directory.EnumerateFileSystemEntries(data).Any())
            return;
        try
        {
            if (Directory.Exists(Path.Combine(data, "log")))
                new FileSystem().Lock(Path.Combine(data, "log", LogNames.Lock)).Dispose();
        }
        catch (IOException)
        {
            throw new IOException($"a service is running in {data}; stop it, and restore into a directory that is empty or not there");
        }
        throw new IOException($"{data} is not empty: move what is there away, or name another directory");
    }

    private void Check(BackupFile file, string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
            throw new InvalidDataException($"the backup is not whole: {path} is missing");
        var (bytes, hash) = HashedCopy.Of(path, done, cancellationToken);
        if (bytes != file.Bytes)
            throw new InvalidDataException($"the backup is damaged: {path} has {bytes} bytes, not {file.Bytes}");
        if (hash != file.Sha256)
            throw new InvalidDataException($"the backup is damaged: {path} is not what was backed up (SHA-256 {hash}, not {file.Sha256})");
    }

    /// <summary>
    /// From here on its entries are not those that the old log went on with: a database outside must not take them for such. Who was told what stays true, under the new name.
    /// </summary>
    private static void BecomeAnotherLog(string unfinished)
    {
        File.Delete(Path.Combine(unfinished, "log", "id"));
        var id = LogId.Of(Path.Combine(unfinished, "log"));
        UpwardPlace.RenameLog(Path.Combine(unfinished, UpwardPlace.FileName), id);
        if (Path.Combine(unfinished, "notify.db") is var notify && File.Exists(notify))
            SqliteCopy.RenameLog(notify, id);
    }
}
