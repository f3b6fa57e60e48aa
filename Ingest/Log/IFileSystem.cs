namespace Telemetry.Ingest.Log;

/// <summary>The files of the log, so that a test can tear a write, fill a disk, fail an fsync or lose what was not synced.</summary>
public interface IFileSystem
{
    /// <summary>Names (without the directory) of what is in it, also of a directory that stands in a file's place; empty if there is no such directory.</summary>
    IReadOnlyList<string> List(string directory);

    /// <summary>Creates or replaces the file with <paramref name="size"/> bytes of zeros really allocated; throws <see cref="IOException"/> and leaves no file where there is no space.</summary>
    ILogFile Create(string path, long size);

    ILogFile Open(string path, bool writable);

    /// <summary>Atomic; replaces <paramref name="to"/>.</summary>
    void Move(string from, string to);

    void Delete(string path);

    void CreateDirectory(string directory);

    /// <summary>Makes creations, moves and deletions in the directory durable.</summary>
    void SyncDirectory(string directory);

    /// <summary>Bytes that could still be allocated in the directory.</summary>
    long FreeBytes(string directory);

    /// <summary>Held by one process at a time until disposed; throws <see cref="IOException"/> while another holds it.</summary>
    IDisposable Lock(string path);
}

public interface ILogFile : IDisposable
{
    long Length { get; }

    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Fills <paramref name="into"/> as far as the file reaches; returns how many bytes.</summary>
    int Read(long offset, Span<byte> into);

    void Truncate(long length);

    /// <summary>fdatasync.</summary>
    void Sync();
}
