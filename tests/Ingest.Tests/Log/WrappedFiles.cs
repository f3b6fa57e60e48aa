using Telemetry.Ingest.Log;

namespace Telemetry.Ingest.Tests.Log;

/// <summary>The machine's files, each behind a wrapper.</summary>
internal sealed class WrappedFiles(Func<ILogFile, WrappedFile> wrap) : IFileSystem
{
    private readonly FileSystem _files = new();

    public IReadOnlyList<string> List(string directory) => _files.List(directory);

    public ILogFile Create(string path, long size) => wrap(_files.Create(path, size));

    public ILogFile Open(string path, bool writable) => wrap(_files.Open(path, writable));

    public void Move(string from, string to) => _files.Move(from, to);

    public void Delete(string path) => _files.Delete(path);

    public void CreateDirectory(string directory) => _files.CreateDirectory(directory);

    public void SyncDirectory(string directory) => _files.SyncDirectory(directory);

    public long FreeBytes(string directory) => _files.FreeBytes(directory);

    public IDisposable Lock(string path) => _files.Lock(path);
}

internal abstract class WrappedFile(ILogFile file) : ILogFile
{
    public long Length => file.Length;

    public void Write(long offset, ReadOnlySpan<byte> bytes) => file.Write(offset, bytes);

    public virtual int Read(long offset, Span<byte> into) => file.Read(offset, into);

    public void Truncate(long length) => file.Truncate(length);

    public virtual void Sync() => file.Sync();

    public void Dispose() => file.Dispose();
}

/// <summary>No wait for the disk: for logs of many moments that no test pulls the plug on.</summary>
internal sealed class UnsyncedFile(ILogFile file) : WrappedFile(file)
{
    public override void Sync()
    {
    }
}
