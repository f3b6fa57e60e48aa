using Microsoft.Extensions.Logging.Console;

namespace Telemetry.Ingest.Hosting;

/// <summary>The operator's log on standard error; standard output carries what machines read.</summary>
internal static class ServiceLogging
{
    private const string Timestamp = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";

    /// <param name="json">One JSON object a line, for log collectors.</param>
    public static void Use(ILoggingBuilder logging, bool json)
    {
        logging.ClearProviders();
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("OpenTelemetry", LogLevel.Warning);
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        if (json)
        {
            logging.AddJsonConsole(console => (console.UseUtcTimestamp, console.TimestampFormat) = (true, Timestamp.TrimEnd()));
        }
        else if (Environment.GetEnvironmentVariable("JOURNAL_STREAM") is not null)
        {
            // The journal keeps the time itself, and takes the severity from the line.
            logging.AddSystemdConsole();
        }
        else
        {
            logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = Timestamp;
                console.ColorBehavior = Console.IsErrorRedirected ? LoggerColorBehavior.Disabled : LoggerColorBehavior.Default;
            });
        }
    }
}
