namespace Telemetry.Ingest.Watchdog;

/// <summary>Writes bytes to a serial device, such as a relay board with a siren. Speed and framing are the device's, as <c>stty -F</c> sets them.</summary>
/// <param name="on">Written at each alert.</param>
/// <param name="off">Written when it is over; empty for nothing.</param>
internal sealed class SerialAlert(string device, byte[] on, byte[] off) : IAlert
{
    public string Name => "serial";

    public async Task<string?> SayAsync(WatchVerdict verdict, string reason, CancellationToken cancellationToken)
    {
        var bytes = verdict == WatchVerdict.Alert ? on : off;
        try
        {
            // Opened each time: an adapter that was pulled and put back is another one.
            await using var port = new FileStream(device, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            await port.WriteAsync(bytes, cancellationToken);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return error.Message;
        }
    }
}
