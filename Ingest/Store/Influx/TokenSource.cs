namespace Telemetry.Ingest.Store.Influx;

/// <summary>The token in its file, so that it can be changed while the service runs. For one thread at a time.</summary>
public sealed class TokenSource(string path)
{
    private DateTime _changed;
    private string? _token;

    /// <summary>Reads the file again if it has changed since.</summary>
    /// <exception cref="StoreAwayException">The file can't be read or holds no token.</exception>
    public string Current()
    {
        // A file that is gone has a time too, one of 1601.
        var changed = File.GetLastWriteTimeUtc(path);
        if (_token is { } known && changed == _changed)
            return known;
        return Reread(changed);
    }

    /// <summary>The server refused the token: true if the file holds another one by now.</summary>
    /// <exception cref="StoreAwayException">The file can't be read or holds no token.</exception>
    public bool Refused()
    {
        var before = _token;
        return Reread(File.GetLastWriteTimeUtc(path)) != before;
    }

    /// <summary>What is wrong with such a file; null if it holds a token.</summary>
    public static string? Problem(string path) => Read(path).Problem;

    private string Reread(DateTime changed)
    {
        var (token, problem) = Read(path);
        if (token is null)
            throw new StoreAwayException($"Influx:TokenFile = {path}: {problem}");
        (_token, _changed) = (token, changed);
        return token;
    }

    private static (string? Token, string? Problem) Read(string path)
    {
        try
        {
            var token = File.ReadAllText(path).Trim();
            if (token.Length == 0)
                return (null, "the file is empty; it must hold the API token alone");
            return token.All(c => c is > ' ' and < '\x7f') ? (token, null) : (null, "the file must hold the API token alone: one line of ASCII without spaces");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return (null, $"the file can't be read: {error.Message}");
        }
    }
}
