using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Telemetry.Ingest.Log;

/// <summary>The two calls .NET does not offer: fdatasync (fsync would also write the modification time, one journal commit more) and fsync of a directory.</summary>
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

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);
}
