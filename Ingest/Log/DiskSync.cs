using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Telemetry.Ingest.Log;

/// <summary>
/// What .NET does not offer: fdatasync (fsync would also write the modification time, one journal commit more), fsync of a directory, and
/// an allocation that sets the length, tells a full disk by its errno, and writes zeros where the file system cannot allocate.
/// </summary>
internal static partial class DiskSync
{
    private const int ReadOnly = 0;

    public static void Data(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.FlushToDisk(file);
            return;
        }
        Check(FDataSync(file), "fdatasync");
    }

    public static void Allocate(SafeFileHandle file, long size)
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.SetLength(file, size);
            return;
        }
        var errno = PosixFAllocate(file, 0, size);
        if (errno != 0)
            throw new IOException($"allocating {size} bytes: {Marshal.GetPInvokeErrorMessage(errno)}", errno);
    }

    public static void Directory(string path)
    {
        if (!OperatingSystem.IsLinux())
            return;
        var descriptor = Open(path, ReadOnly);
        Check(descriptor, "open of directory " + path);
        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        Check(FSync(handle), "fsync of directory " + path);
    }

    private static void Check(int result, string call)
    {
        if (result >= 0)
            return;
        var errno = Marshal.GetLastPInvokeError();
        throw new IOException($"{call}: {Marshal.GetPInvokeErrorMessage(errno)}", errno);
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int FDataSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int PosixFAllocate(SafeFileHandle file, long offset, long length);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);
}
