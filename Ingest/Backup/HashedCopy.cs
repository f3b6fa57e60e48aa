using System.Security.Cryptography;

namespace Telemetry.Ingest.Backup;

/// <summary>Copies a file and hashes what it copies; a copy has its name once it is whole and on the disk.</summary>
internal static class HashedCopy
{
    private const int Chunk = 1 << 20;
    private const string Unfinished = ".unfinished";

    /// <param name="bytes">The first bytes alone; null for all.</param>
    /// <returns>Bytes and SHA-256 of the copy.</returns>
    /// <exception cref="IOException">The file has fewer bytes.</exception>
    public static (long Bytes, string Sha256) Run(string from, string to, long? bytes, Action<long> copied, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        (long, string) made;
        using (var target = new FileStream(to + Unfinished, FileMode.Create, FileAccess.Write, FileShare.None, 0))
        {
            made = Read(from, bytes, chunk => target.Write(chunk), copied, cancellationToken);
            target.Flush(flushToDisk: true);
        }
        KeepMode(from, to + Unfinished);
        File.Move(to + Unfinished, to, overwrite: true);
        return made;
    }

    public static (long Bytes, string Sha256) Of(string path, Action<long> read, CancellationToken cancellationToken) => Read(path, null, _ => { }, read, cancellationToken);

    /// <summary>Who may read it: keys stay secret.</summary>
    public static void KeepMode(string from, string to)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(to, File.GetUnixFileMode(from));
    }

    private static (long Bytes, string Sha256) Read(string path, long? bytes, Action<ReadOnlySpan<byte>> take, Action<long> done, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var source = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0);
        var buffer = new byte[Chunk];
        var total = 0L;
        while (bytes is null || total < bytes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var read = source.Read(buffer.AsSpan(0, (int)Math.Min(Chunk, (bytes ?? long.MaxValue) - total)));
            if (read == 0)
                break;
            hash.AppendData(buffer.AsSpan(0, read));
            take(buffer.AsSpan(0, read));
            total += read;
            done(read);
        }
        return bytes is null || total == bytes ? (total, Convert.ToHexStringLower(hash.GetHashAndReset())) : throw new IOException($"{path} has {total} bytes; {bytes} were there before");
    }
}
