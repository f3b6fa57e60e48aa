namespace Telemetry.Ingest.Log;

/// <summary>The files of the log, so that a test can tear a write, fill a disk, fail an fsync or lose what was not synced.</summary>
public interface IFileSystem
{
    IReadOnlyList<string> List(string directory);

    /// <summary>Creates the file with <paramref name="size"/> bytes of zeros really allocated; throws <see cref="IOException"/> where there is no space.</summary>
    ILogFile Create(string path, long size);

    ILogFile Open(string path, bool writable);

    void Move(string from, string to);

    void Delete(string path);

    void CreateDirectory(string directory);

    /// <summary>Makes creations, moves and deletions in the directory durable.</summary>
    void SyncDirectory(string directory);
}

public interface ILogFile : IDisposable
{
    long Length { get; }

    void Write(long offset, ReadOnlySpan<byte> bytes);

    int Read(long offset, Span<byte> into);

    void Truncate(long length);

    /// <summary>fdatasync.</summary>
    void Sync();
}
