namespace Telemetry.Ingest.Log;

/// <summary>Data that had been durable is damaged or missing. Never repaired silently; restore the file from a backup, or move it away and accept the gap.</summary>
public sealed class LogDamageException : IOException
{
    public LogDamageException(string file, long offset, long firstPosition, long? lastPosition, string what)
        : base($"{file} at offset {offset}: {what} (positions {firstPosition} to {lastPosition?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "unknown"}); restore this file from a backup, `verify-log` lists all damage")
    {
        File = file;
        Offset = offset;
        FirstPosition = firstPosition;
        LastPosition = lastPosition;
        What = what;
    }

    public string File { get; }

    /// <summary>Bytes from the file's start.</summary>
    public long Offset { get; }

    /// <summary>First position that cannot be read.</summary>
    public long FirstPosition { get; }

    /// <summary>Last position that cannot be read; null where nothing valid follows that would tell.</summary>
    public long? LastPosition { get; }

    public string What { get; }
}
