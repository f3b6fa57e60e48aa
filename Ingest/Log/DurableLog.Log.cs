namespace Telemetry.Ingest.Log;

internal static partial class LogMessages
{
    [LoggerMessage(1, LogLevel.Warning, "Log: torn tail cut: {Bytes} bytes at offset {Offset} of {File}, never acknowledged; the log ends at position {Last}")]
    public static partial void TornTailCut(this ILogger logger, long bytes, long offset, string file, long last);

    [LoggerMessage(2, LogLevel.Information, "Log: opened, positions {First} to {Last} in {Segments} segments")]
    public static partial void Opened(this ILogger logger, long first, long last, int segments);

    [LoggerMessage(3, LogLevel.Error, "Log: readings wait and are not acknowledged: {Problem}")]
    public static partial void Unwritable(this ILogger logger, string problem);

    [LoggerMessage(4, LogLevel.Information, "Log: readings go on; it had stopped for {Problem}")]
    public static partial void WritableAgain(this ILogger logger, string problem);

    [LoggerMessage(5, LogLevel.Error, "Log: write or sync failed in {File} at offset {Offset}; the same entries go into a new segment")]
    public static partial void TailAbandoned(this ILogger logger, string file, long offset, Exception error);

    [LoggerMessage(6, LogLevel.Critical, "Log: the writer failed; nothing will be acknowledged until the service is started again")]
    public static partial void WriterFailed(this ILogger logger, Exception error);

    [LoggerMessage(8, LogLevel.Warning, "Log: housekeeping failed and will be tried again")]
    public static partial void HousekeepingFailed(this ILogger logger, Exception error);

    [LoggerMessage(9, LogLevel.Information, "Log: {File} removed by retention, positions {First} to {Last}; {Kept} entries kept")]
    public static partial void Removed(this ILogger logger, string file, long first, long last, long kept);

    [LoggerMessage(10, LogLevel.Warning, "Log: {File} is damaged or unreadable and was ignored; readers tell their positions again: {Problem}")]
    public static partial void ReadersIgnored(this ILogger logger, string file, string problem);

    [LoggerMessage(12, LogLevel.Error, "Log: {File} is damaged and was put aside (.damaged): verify-log can't follow the chain beyond the first segment; nothing else is lost: {Problem}")]
    public static partial void RemovedIgnored(this ILogger logger, string file, string problem);

    [LoggerMessage(13, LogLevel.Error, "Log: what stood before position {First} is gone, and it was not retention that removed it; restore it from a backup: until then nobody can read it")]
    public static partial void FrontGone(this ILogger logger, long first);

    [LoggerMessage(11, LogLevel.Error, "Log: {File} is damaged: what stands there can't be told from what is sent again, which is then taken for new; verify-log says where")]
    public static partial void KeysNotRead(this ILogger logger, string file, Exception error);
}
