using System.Text.Json;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Cluster;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.State;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Backup;

/// <summary>What a backup came to.</summary>
/// <param name="Copied">Bytes that were not in the backup before.</param>
internal sealed record BackupResult(string Set, long Position, string? Head, int Files, long Bytes, long Copied);

/// <summary>
/// Makes a consistent set of a data directory's files while a service may be writing there; docs/decisions/0021. What follows the log is copied first, the log last: so
/// nothing in a set is ahead of its log. Sealed segments are copied once, for all sets.
/// </summary>
/// <param name="keep">Sets that stay, this one included.</param>
/// <param name="total">Told how many bytes there are to do.</param>
/// <param name="done">Told each number of bytes that is done.</param>
internal sealed class BackupWriter(string data, string backup, int keep, TimeProvider time, Action<long> total, Action<long> done)
{
    private const string Series = "series.duckdb";
    private static readonly JsonSerializerOptions Indented = new(ApiJson.Options) { WriteIndented = true };
    private const int Attempts = 5;

    private readonly FileSystem _files = new();
    private readonly List<BackupFile> _made = [];
    private long _copied;

    private string LogDirectory => Path.Combine(data, "log");

    /// <exception cref="LogDamageException">The log is damaged: there is no backup of it.</exception>
    public BackupResult Run(CancellationToken cancellationToken)
    {
        MakePrivate(backup);
        var known = BackupManifest.Sets(backup).SelectMany(set => BackupManifest.Read(backup, set).Files).Where(file => file.Shared).DistinctBy(file => file.Path).ToDictionary(file => file.Path, StringComparer.Ordinal);
        var unfinished = Path.Combine(backup, "unfinished");
        if (Directory.Exists(unfinished))
            Directory.Delete(unfinished, recursive: true);
        Directory.CreateDirectory(unfinished);
        total(Sizes());
        // Of a cluster's node: how far it follows the stream, before its log, so as not to be ahead of it.
        if (File.Exists(Path.Combine(LogDirectory, StreamPlace.FileName)))
            Copy(Path.Combine(LogDirectory, StreamPlace.FileName), "log/" + StreamPlace.FileName, unfinished, null, shared: false, cancellationToken);
        foreach (var path in BesideTheLog())
            CopyOther(path, unfinished, cancellationToken);
        var segments = CopyLog(known, unfinished, cancellationToken);
        var position = segments[^1].Last;
        var manifest = new BackupManifest(BackupManifest.CurrentFormat, Iso.Time(time.GetUtcNow().ToUnixTimeMilliseconds()), position, Head(unfinished, segments[^1]), FirstEntries.EngineVersion, _made);
        WriteManifest(manifest, unfinished);
        var set = BackupManifest.SetName(position);
        // The same position once more: nothing but what stands beside the log can have changed.
        if (Directory.Exists(Path.Combine(backup, set)))
            Directory.Delete(Path.Combine(backup, set), recursive: true);
        Directory.Move(unfinished, Path.Combine(backup, set));
        _files.SyncDirectory(backup);
        Prune();
        return new BackupResult(set, position, manifest.Head, _made.Count, _made.Sum(file => file.Bytes), _copied);
    }

    /// <summary>Keys and passwords' hashes stand beneath it.</summary>
    public static void MakePrivate(string directory)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(directory);
        else
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private long Sizes() => new DirectoryInfo(data).EnumerateFiles("*", SearchOption.AllDirectories).Where(file => !file.Name.StartsWith(Series, StringComparison.Ordinal)).Sum(file => file.Length);

    /// <summary>The checkpoint first: it may not be ahead of the register.</summary>
    private List<string> BesideTheLog() =>
    [
        .. Directory.EnumerateFiles(data, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(data, path))
            .Where(path => !path.StartsWith("log" + Path.DirectorySeparatorChar, StringComparison.Ordinal) && !path.StartsWith("exports" + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            .Where(path => !path.StartsWith(Series, StringComparison.Ordinal) && Path.GetExtension(path) is not (".new" or ".unfinished") && !path.EndsWith("-wal", StringComparison.Ordinal) && !path.EndsWith("-shm", StringComparison.Ordinal))
            .Where(path => Path.GetFileName(path) != DataDirectory.Probe && !DamagedFile.IsPutAside(path))
            .OrderByDescending(path => path == "checkpoint").ThenByDescending(path => path == "state.db").ThenBy(path => path, StringComparer.Ordinal),
    ];

    private void CopyOther(string path, string set, CancellationToken cancellationToken)
    {
        var (from, to) = (Path.Combine(data, path), Path.Combine(set, path));
        if (SqliteCopy.IsDatabase(from))
        {
            SqliteCopy.Run(from, to);
            var (bytes, hash) = HashedCopy.Of(to, done, cancellationToken);
            Add(path, bytes, hash, shared: false, copied: bytes);
            return;
        }
        try
        {
            Copy(from, path, set, null, shared: false, cancellationToken);
        }
        catch (FileNotFoundException)
        {
            // Gone since it was listed: what comes and goes is no state.
        }
    }

    private List<Segment> CopyLog(Dictionary<string, BackupFile> known, string set, CancellationToken cancellationToken)
    {
        var before = _made.Count;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var segments = LogRecovery.Look(LogDirectory, _files);
                if (segments is not [.., var tail] || tail.Last == 0)
                    throw new InvalidDataException($"{LogDirectory} holds no entry yet: there is nothing to back up");
                foreach (var segment in segments.SkipLast(1))
                    CopySealed(segment, known, cancellationToken);
                foreach (var name in _files.List(LogDirectory).Where(name => name.StartsWith(LogNames.KeptPrefix, StringComparison.Ordinal) && !name.EndsWith(LogNames.Unfinished, StringComparison.Ordinal)))
                    CopyShared(name, null, known, cancellationToken);
                foreach (var name in _files.List(LogDirectory).Where(name => name is LogNames.Removed or "id"))
                    Copy(Path.Combine(LogDirectory, name), "log/" + name, set, null, shared: false, cancellationToken);
                Copy(tail.Path, "log/" + Path.GetFileName(tail.Path), set, tail.Used, shared: false, cancellationToken);
                return segments;
            }
            catch (FileNotFoundException) when (attempt < Attempts)
            {
                // Retention has moved the log's beginning meanwhile.
                _made.RemoveRange(before, _made.Count - before);
            }
        }
    }

    private void CopySealed(Segment segment, Dictionary<string, BackupFile> known, CancellationToken cancellationToken)
    {
        if (CopyShared(Path.GetFileName(segment.Path), segment.Used, known, cancellationToken))
        {
            var copy = Path.Combine(backup, BackupManifest.SharedFolder, Path.GetFileName(segment.Path));
            using var file = _files.Open(copy, writable: false);
            if (new SegmentScan(file, segment.Path, segment.Header, segment.Last + 1).Damage is [var damage, ..])
            {
                File.Delete(copy);
                throw damage;
            }
        }
        foreach (var index in (string[])[LogNames.Index(LogDirectory, segment.First), LogNames.Keys(LogDirectory, segment.First)])
        {
            if (File.Exists(index))
                CopyShared(Path.GetFileName(index), null, known, cancellationToken);
        }
    }

    /// <summary>Unless it is there: such a file never changes. False then.</summary>
    private bool CopyShared(string name, long? bytes, Dictionary<string, BackupFile> known, CancellationToken cancellationToken)
    {
        var path = $"{BackupManifest.SharedFolder}/{name}";
        var from = Path.Combine(LogDirectory, name);
        var there = new FileInfo(Path.Combine(backup, path));
        if (known.TryGetValue(path, out var file) && file.Bytes == (bytes ?? new FileInfo(from).Length) && there.Exists && there.Length == file.Bytes && BeginsAlike(from, there.FullName))
        {
            Add(path, file.Bytes, file.Sha256, shared: true, copied: 0);
            done(file.Bytes);
            return false;
        }
        Copy(from, path, backup, bytes, shared: true, cancellationToken);
        return true;
    }

    /// <summary>The same name may be another log's: a segment's header has its mark.</summary>
    private static bool BeginsAlike(string one, string other)
    {
        Span<byte> first = stackalloc byte[48], second = stackalloc byte[48];
        using var a = File.OpenHandle(one, share: FileShare.ReadWrite | FileShare.Delete);
        using var b = File.OpenHandle(other);
        return first[..RandomAccess.Read(a, first, 0)].SequenceEqual(second[..RandomAccess.Read(b, second, 0)]);
    }

    private void Copy(string from, string path, string into, long? bytes, bool shared, CancellationToken cancellationToken)
    {
        var (length, hash) = HashedCopy.Run(from, Path.Combine(into, path), bytes, done, cancellationToken);
        Add(path, length, hash, shared, length);
    }

    private void Add(string path, long bytes, string hash, bool shared, long copied)
    {
        _made.Add(new BackupFile(path.Replace(Path.DirectorySeparatorChar, '/'), bytes, hash, shared));
        _copied += copied;
    }

    private string Head(string set, Segment tail)
    {
        using var file = _files.Open(Path.Combine(set, "log", Path.GetFileName(tail.Path)), writable: false);
        using var hash = ChainHash.Of(file, tail.Used);
        return new LogHead(tail.Last, hash.Current).ToString();
    }

    private static void WriteManifest(BackupManifest manifest, string set)
    {
        using var file = new FileStream(Path.Combine(set, BackupManifest.FileName), FileMode.Create, FileAccess.Write);
        JsonSerializer.Serialize(file, manifest, Indented);
        file.Flush(flushToDisk: true);
    }

    private void Prune()
    {
        var sets = BackupManifest.Sets(backup);
        foreach (var old in sets.Skip(keep))
            Directory.Delete(Path.Combine(backup, old), recursive: true);
        var named = sets.Take(keep).SelectMany(set => BackupManifest.Read(backup, set).Files).Where(file => file.Shared).Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(Directory.CreateDirectory(Path.Combine(backup, BackupManifest.SharedFolder)).FullName).Where(path => !named.Contains($"{BackupManifest.SharedFolder}/{Path.GetFileName(path)}")))
            File.Delete(path);
    }
}
