using System.Text;

namespace Telemetry.Ingest.Notify.Channels;

/// <summary>A secret in a file of its own, the first line of it; read at each use, so that it can be changed while the service runs. Never in a log.</summary>
internal sealed record SecretFile(string Path)
{
    /// <exception cref="IOException">It can't be read, or is empty.</exception>
    public string Read() => Problem(Path, out var secret) is { } problem ? throw new IOException(problem) : secret;

    public byte[] Bytes() => Encoding.UTF8.GetBytes(Read());

    /// <summary>What is wrong with such a file; null if it holds a secret.</summary>
    public static string? Problem(string path, out string secret)
    {
        secret = "";
        try
        {
            using var file = new StreamReader(path);
            secret = file.ReadLine()?.Trim() ?? "";
            return secret.Length == 0 ? "the file is empty; its first line is the secret" : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return $"the file can't be read: {error.Message}";
        }
    }
}
