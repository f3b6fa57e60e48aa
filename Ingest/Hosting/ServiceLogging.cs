using Microsoft.Extensions.Logging.Console;

namespace Telemetry.Ingest.Hosting;

/// <summary>The operator's log on standard error; standard output carries what machines read.</summary>
internal static class ServiceLogging
{
    /// <param name="json">One JSON object a line, for log collectors.</param>
    public static void Use(ILoggingBuilder logging, bool json)
    {
        logging.ClearProviders();
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("OpenTelemetry", LogLevel.Warning);
        // What an owner lacks is said by OwnerSilo in one line; Orleans says it with stacks, and again with each try.
        logging.AddFilter("Orleans", LogLevel.Critical);
        logging.AddFilter("Polly", LogLevel.Critical);
        // The page's keys lie in the data directory, whose protection is its file mode.
        logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        if (json)
        {
            logging.AddJsonConsole(console => (console.UseUtcTimestamp, console.TimestampFormat) = (true, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'"));
        }
        else
        {
            logging.AddConsole(console => console.FormatterName = "operator").AddConsoleFormatter<OperatorFormatter, ConsoleFormatterOptions>();
        }
    }
}
