using System.Security.Cryptography;

namespace Telemetry.Ingest.Log;

/// <summary>The hash of a segment that grows: SHA-256 of its file up to the last group that counts. FORMAT.md, "Chain".</summary>
internal sealed class ChainHash : IDisposable
{
    private const int Bytes = 32;
    private const int Chunk = 1 << 20;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>As of now, in hexadecimal digits; it can grow on.</summary>
    public string Current => Convert.ToHexStringLower(_hash.GetCurrentHash());

    public void Add(ReadOnlySpan<byte> bytes) => _hash.AppendData(bytes);

    /// <summary>Of the file's first bytes.</summary>
    public static ChainHash Of(ILogFile file, long bytes)
    {
        var hash = new ChainHash();
        var buffer = new byte[(int)Math.Min(Chunk, Math.Max(1, bytes))];
        for (long at = 0; at < bytes;)
        {
            var read = file.Read(at, buffer.AsSpan(0, (int)Math.Min(buffer.Length, bytes - at)));
            if (read == 0)
                break;
            hash.Add(buffer.AsSpan(0, read));
            at += read;
        }
        return hash;
    }

    /// <summary>Of a segment up to the group that ends with this position; null where none does.</summary>
    public static string? At(IFileSystem files, string path, long first, long position)
    {
        using var file = files.Open(path, writable: false);
        var header = SegmentHeader.Read(file, path, first);
        var groups = new GroupReader(file, header.Mark, Chunk);
        long end = header.Size;
        for (var next = header.First; next <= position; next = groups.Header.Last + 1)
        {
            if (groups.Read(end, next) != GroupState.Valid || groups.Header.Last > position)
                return null;
            end += groups.Header.TotalLength;
        }
        using var hash = Of(file, end);
        return hash.Current;
    }

    /// <summary>Into 32 bytes that are zeros.</summary>
    public static void Write(string? hash, Span<byte> into)
    {
        if (hash is not null)
            Convert.FromHexString(hash, into[..Bytes], out _, out _);
    }

    public static string? Read(ReadOnlySpan<byte> from) => from[..Bytes].ContainsAnyExcept((byte)0) ? Convert.ToHexStringLower(from[..Bytes]) : null;

    public void Dispose() => _hash.Dispose();
}
