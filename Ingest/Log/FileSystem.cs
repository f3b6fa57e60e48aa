using Microsoft.Win32.SafeHandles;

namespace Telemetry.Ingest.Log;

/// <summary>The machine's files.</summary>
public sealed class FileSystem : IFileSystem
{
    public IReadOnlyList<string> List(string directory) =>
        Directory.Exists(directory) ? [.. new DirectoryInfo(directory).EnumerateFileSystemInfos().Select(f => f.Name)] : [];

    public ILogFile Create(string path, long size)
    {
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            // The length must not change later, or each fdatasync would write metadata.
            DiskSync.Allocate(handle, size);
            return new LogFile(handle);
        }
        catch
        {
            handle?.Dispose();
            File.Delete(path);
            throw;
        }
    }

    public ILogFile Open(string path, bool writable) =>
        new LogFile(File.OpenHandle(path, FileMode.Open, writable ? FileAccess.ReadWrite : FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));

    public void Move(string from, string to) => File.Move(from, to, overwrite: true);

    public void Delete(string path) => File.Delete(path);

    public void CreateDirectory(string directory) => Directory.CreateDirectory(directory);

    public void SyncDirectory(string directory) => DiskSync.Directory(directory);

    public long FreeBytes(string directory) => new DriveInfo(Path.GetFullPath(directory)).AvailableFreeSpace;

    public IDisposable Lock(string path) => File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    private sealed class LogFile(SafeFileHandle handle) : ILogFile
    {
        public long Length => RandomAccess.GetLength(handle);

        public void Write(long offset, ReadOnlySpan<byte> bytes) => RandomAccess.Write(handle, bytes, offset);

        public int Read(long offset, Span<byte> into)
        {
            var total = 0;
            while (total < into.Length)
            {
                var read = RandomAccess.Read(handle, into[total..], offset + total);
                if (read == 0)
                    break;
                total += read;
            }
            return total;
        }

        public void Truncate(long length) => RandomAccess.SetLength(handle, length);

        public void Sync() => DiskSync.Data(handle);

        public void Dispose() => handle.Dispose();
    }
}
