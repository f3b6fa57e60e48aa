namespace Telemetry.Ingest.Security;

/// <summary>
/// What a file says, read again when it changes, within 2 s. A file that is wrong is refused whole and the old content stays in force. It is
/// looked at, not listened to: notifications of the file system don't pass mounts and miss a replaced link.
/// </summary>
/// <param name="read">The content, or all mistakes.</param>
/// <param name="first">The content at start.</param>
public sealed partial class WatchedFile<T>(IReadOnlyList<string> files, Func<(T? Content, IReadOnlyList<string> Errors)> read, T first, TimeProvider time, ILogger logger)
    where T : class
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private volatile T _current = first;
    private readonly string _atStart = Stamp(files);

    // Null until the file has been read here: it may have changed between the start's reading and the first look.
    private string? _read;
    private string? _seen;

    public T Current => _current;

    /// <summary>Looks until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
                Look();
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }
    }

    /// <summary>A change is read once it is the same at two looks: half a file that is being written may be a valid one.</summary>
    public void Look()
    {
        var stamp = Stamp(files);
        var before = _seen;
        _seen = stamp;
        if (stamp == _read || stamp != before)
            return;
        var isAsAtStart = _read is null && stamp == _atStart;
        _read = stamp;
        var (content, errors) = Read();
        if (content is not null)
        {
            _current = content;
            if (!isAsAtStart)
                LogTaken(files[0]);
        }
        else
            LogRefused(files[0], string.Join("; ", errors));
    }

    // A file may go away while it is read, and no file may end the service.
    private (T? Content, IReadOnlyList<string> Errors) Read()
    {
        try
        {
            return read();
        }
        catch (Exception error)
        {
            return (null, [error.Message]);
        }
    }

    private static string Stamp(IReadOnlyList<string> files) => string.Join('|', files.Select(Stamp));

    private static string Stamp(string file)
    {
        try
        {
            var info = new FileInfo(file);
            if (info.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target)
                info = target;
            return info.Exists ? $"{info.FullName} {info.LastWriteTimeUtc.Ticks} {info.Length}" : "gone";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return "unreadable";
        }
    }

    [LoggerMessage(LogLevel.Information, "{File} has changed and is in force")]
    private partial void LogTaken(string file);

    [LoggerMessage(LogLevel.Error, "{File} has changed and is refused, what it said before stays in force: {Errors}")]
    private partial void LogRefused(string file, string errors);
}
